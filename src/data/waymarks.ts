/**
 * Two distributions many nats apart, and the waymarks that lead from the one to the other: all Gaussian, so that every ratio between
 * them is known. p₀ is the numerator ("data"), p_m the denominator ("noise"). Rhodes, Xu, Gutmann 2020, arXiv:2006.12204.
 */
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';

/** For each dimension, how far a waymark is from the data (0) to the noise (1). */
export type Alpha = readonly number[];

export type Chasm = {
  readonly dimensions: number;
  /** Independent rows of p₀ and p_m, [rows, dimensions] each. */
  readonly draw: (rows: number, rng: Rng) => { data: tf.Tensor2D; noise: tf.Tensor2D };
  /** E over p₀ of log p_α, nats: differences of it are what the bridges of the true ratio add to KL(p₀ ‖ p_m). */
  readonly expected: (alpha: Alpha) => number;
  /** In one dimension: mean and standard deviation of the Gaussian p_α. */
  readonly gaussian?: (alpha: Alpha) => { readonly mean: number; readonly deviation: number };
};

/** log N(x; mean, deviation²), nats. */
export const gaussianLogDensity = (x: number, { mean, deviation }: { mean: number; deviation: number }): number =>
  -0.5 * ((x - mean) / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);

const narrow = 0.5;

/** p₀ = N(0, ½²) and p_m = N(gap, 1), with the gap that makes KL(p₀ ‖ p_m) = `nats`. Throws below 0.4 nats, which no gap makes. */
export function peaked(nats: number): Chasm {
  const square = 2 * (nats + Math.log(narrow)) + 1 - narrow ** 2;
  if (square < 0) throw new Error(`nats is ${nats}, but the widths of the two Gaussians alone make more: give at least 0.4`);
  const gap = Math.sqrt(square);
  const gaussian = ([alpha = 0]: Alpha) => ({ mean: alpha * gap, deviation: Math.sqrt((1 - alpha ** 2) * narrow ** 2 + alpha ** 2) });
  return {
    dimensions: 1,
    draw: (rows, rng) => ({
      data: tf.mul(rng.split('data').normals<tf.Rank.R2>([rows, 1]), narrow),
      noise: tf.add(rng.split('noise').normals<tf.Rank.R2>([rows, 1]), gap),
    }),
    // Over p₀, (x − mean)² is narrow² + mean² on average.
    expected: (alpha) => gaussianLogDensity(Math.hypot(narrow, gaussian(alpha).mean), { ...gaussian(alpha), mean: 0 }),
    gaussian,
  };
}

/**
 * x = (u, v): p₀ correlates each uᵢ with its vᵢ by the same ρ, p_m is the product of the marginals N(0, I). So KL(p₀ ‖ p_m) is the
 * mutual information of u and v, −½ pairs · log(1 − ρ²), and `nats` gives ρ.
 */
export function correlated(nats: number, pairs: number): Chasm {
  const rho = Math.sqrt(1 - Math.exp((-2 * nats) / pairs));
  return {
    dimensions: 2 * pairs,
    draw: (rows, rng) => {
      const [u, other] = ['u', 'v'].map((name) => rng.split('data', name).normals<tf.Rank.R2>([rows, pairs])) as [tf.Tensor2D, tf.Tensor2D];
      const v: tf.Tensor2D = tf.add(tf.mul(u, rho), tf.mul(other, Math.sqrt(1 - rho ** 2)));
      return { data: tf.concat([u, v], 1), noise: rng.split('noise').normals([rows, 2 * pairs]) };
    },
    expected: (alpha) => {
      let nats = 0;
      for (let i = 0; i < pairs; i++) {
        const left = rho * Math.sqrt((1 - alpha[i]! ** 2) * (1 - alpha[i + pairs]! ** 2));
        nats -= Math.log(2 * Math.PI) + 0.5 * Math.log(1 - left ** 2) + (1 - left * rho) / (1 - left ** 2);
      }
      return nats;
    },
  };
}

/**
 * The m + 1 waymarks' α: 'linear' takes every dimension k/m of the way (sec. 3.1: x_k = √(1 − α_k²) x₀ + α_k x_m), 'dimensions' exchanges
 * one dimension after another for the noise's, pair by pair (their dimension-wise mixing).
 */
export function waymarkAlphas(mixing: 'linear' | 'dimensions', bridges: number, dimensions: number): Alpha[] {
  const half = Math.max(1, dimensions / 2);
  const turn = (i: number) => (i < half ? 2 * i : 2 * (i - half) + 1);
  return Array.from({ length: bridges + 1 }, (_, k) =>
    Array.from({ length: dimensions }, (_, i) =>
      mixing === 'linear' ? k / bridges : turn(i) < Math.round((k * dimensions) / bridges) ? 1 : 0,
    ),
  );
}

/** x_k = √(1 − α_k²) ⊙ x₀ + α_k ⊙ x_m for every waymark: [rows, D] → [m + 1, rows, D]. Rows stay coupled, as in the paper. */
export function waymarks(alphas: readonly Alpha[], { data, noise }: { data: tf.Tensor2D; noise: tf.Tensor2D }): tf.Tensor3D {
  const table = (f: (alpha: number) => number) => tf.tensor3d(alphas.map((alpha) => [alpha.map(f)]));
  const kept = table((alpha) => Math.sqrt(1 - alpha ** 2));
  return tf.add(
    tf.mul(kept, tf.expandDims(data, 0)),
    tf.mul(
      table((alpha) => alpha),
      tf.expandDims(noise, 0),
    ),
  );
}
