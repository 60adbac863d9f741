import type { Rng } from '../../ops/random.ts';
import type { Tree } from '../../ops/tree.ts';
import * as tf from '../../tf.ts';

/** The shape of one row: [D] numbers, a set of [K, 2] points, or [H, W, C] feature maps. */
export type Row = readonly number[];

/** What `forward` gives: z [N, …to] and the likelihood contribution V(x, z) in nats, [N] or the same number for every row. */
export type Passed = { readonly z: tf.Tensor; readonly contribution: tf.Tensor | number };

/**
 * One step of a SurVAE flow, of whatever kind, on the way from data x to noise z:
 *   log p(x) ≥ log p(z) + V(x, z),   z ~ q(z|x),   equal where `exact`
 * Nielsen, Jaini, Hoogeboom, Winther, Welling 2020, sec. 2–3, arXiv:2007.02731. With x → z and z → x in turn
 *   deterministic both (bijection):                        V = log|det ∂z/∂x|, exact
 *   deterministic, stochastic (inference surjection):      V = log p(x|z), exact: that z alone could have led to x
 *   stochastic, deterministic (generative surjection):     V = −log q(z|x), a lower bound
 *   stochastic both (as in a VAE):                         V = log p(x|z) − log q(z|x), a lower bound
 * Its functions are written as methods, whose parameters TypeScript compares both ways: every step is also a plain `Transform`.
 */
export type Transform<W extends Tree = Tree> = {
  /** One row before and after it. */
  readonly from: Row;
  readonly to: Row;
  readonly exact: boolean;
  init(rng: Rng): W;
  /** Data → noise, x [N, …from]. */
  forward(weights: W, x: tf.Tensor, rng: Rng): Passed;
  /** Noise → data, z [N, …to]: where `forward` is deterministic, it leads back from there to z. */
  inverse(weights: W, z: tf.Tensor, rng: Rng): tf.Tensor;
};

/** An identity at run time: it fixes the type of the weights by inference. */
export const transform = <W extends Tree>(t: Transform<W>): Transform<W> => t;

/** Steps one after another: contributions add up, and the whole is exact where every step is. `steps` lets pictures stop in between. */
export const chain = (row: Row, steps: readonly Transform[]): Transform<readonly Tree[]> & { readonly steps: readonly Transform[] } => ({
  steps,
  from: row,
  to: steps.at(-1)?.to ?? row,
  exact: steps.every(({ exact }) => exact),
  init: (rng) => steps.map((step, i) => step.init(rng.split('layer', i))),
  forward: (weights, x, rng) =>
    steps.reduce<Passed>(
      ({ z, contribution }, step, i) => {
        const next = step.forward(weights[i]!, z, rng.split(i));
        return { z: next.z, contribution: add(contribution, next.contribution) };
      },
      { z: x, contribution: 0 },
    ),
  inverse: (weights, z, rng) => steps.reduceRight((x, step, i) => step.inverse(weights[i]!, x, rng.split(i)), z),
});

const add = (a: tf.Tensor | number, b: tf.Tensor | number): tf.Tensor | number =>
  typeof a === 'number' && typeof b === 'number' ? a + b : b === 0 ? a : a === 0 ? b : tf.add(a, b);

/** Numbers in a row. */
export const sizeOf = (row: Row): number => row.reduce((n, s) => n * s, 1);

/** Sums all but the first axis: [N, …] → [N]. */
export const perRow = (x: tf.Tensor): tf.Tensor1D => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1);

/** log N(x; 0, 1) of each number. */
export const logNormal = (x: tf.Tensor): tf.Tensor => tf.sub(tf.mul(-0.5, tf.square(x)), 0.5 * Math.log(2 * Math.PI));

/** A draw of N(μ, σ²) given as [μ, log σ] by the two halves of a network's output, and its log-density [N]; x scores another value than a draw. */
export function gaussian(out: tf.Tensor, rng: Rng, x?: tf.Tensor): { x: tf.Tensor; logProb: tf.Tensor1D } {
  const [mu, logSigma] = tf.split(out, 2, -1) as [tf.Tensor, tf.Tensor];
  const noise = x ? tf.mul(tf.sub(x, mu), tf.exp(tf.neg(logSigma))) : rng.normals(mu.shape as [number]);
  return { x: x ?? tf.add(mu, tf.mul(tf.exp(logSigma), noise)), logProb: perRow(tf.sub(logNormal(noise), logSigma)) };
}
