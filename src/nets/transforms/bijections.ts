import * as tf from '../../tf.ts';
import { initImageConditioner, initPointConditioner } from '../conditioner.ts';
import { type Coupling, scaleAndShift } from '../coupling.ts';
import { squeeze as squeezed, unsqueeze } from '../flow.ts';
import { perRow, type Row, sizeOf, transform } from './transform.ts';

/** Steps that lose nothing: V = log|det ∂z/∂x|. */

/** Pixels (or 1) that share the weights of a row's last axis. */
const sites = (row: Row): number => sizeOf(row) / row.at(-1)!;

/**
 * Affine coupling: the free half of the last axis becomes x·eˢ + t, with s and t read from the kept half.
 * Dinh et al. 2017, eqs. 7–8, arXiv:1605.08803. `turn` says which half is kept; s is bounded as there.
 */
export function affineCoupling(row: Row, turn: number, width: number) {
  const channels = row.at(-1)!;
  const half = Math.floor(channels / 2);
  const swapped = turn % 2 === 1;
  const kept = swapped ? channels - half : half;
  const halves = (x: tf.Tensor) => {
    const [a, b] = tf.split(x, [half, channels - half], -1) as [tf.Tensor, tf.Tensor];
    return swapped ? ([b, a] as const) : ([a, b] as const);
  };
  const join = (stays: tf.Tensor, moved: tf.Tensor) => tf.concat(swapped ? [moved, stays] : [stays, moved], -1);
  return transform<Coupling>({
    from: row,
    to: row,
    exact: true,
    init: (rng) => ({
      net: (row.length === 1 ? initPointConditioner : initImageConditioner)(kept, 2 * (channels - kept), width, rng),
      bound: tf.ones([channels - kept]),
    }),
    forward: (weights, x) => {
      const [stays, moves] = halves(x);
      const [s, t] = scaleAndShift(weights, stays);
      return { z: join(stays, tf.add(tf.mul(moves, tf.exp(s)), t)), contribution: perRow(s) };
    },
    inverse: (weights, z) => {
      const [stays, moved] = halves(z);
      const [s, t] = scaleAndShift(weights, stays);
      return join(stays, tf.mul(tf.sub(moved, t), tf.exp(tf.neg(s))));
    },
  });
}

/**
 * Scale and shift of each channel: z = (x + shift)·e^logScale.
 * Kingma & Dhariwal 2018, sec. 3.1, arXiv:1807.03039. Differs: it starts as the identity, not from a first batch.
 */
export const actnorm = (row: Row) =>
  transform<{ readonly shift: tf.Tensor; readonly logScale: tf.Tensor }>({
    from: row,
    to: row,
    exact: true,
    init: () => ({ shift: tf.zeros([row.at(-1)!]), logScale: tf.zeros([row.at(-1)!]) }),
    forward: ({ shift, logScale }, x) => ({
      z: tf.mul(tf.add(x, shift), tf.exp(logScale)),
      contribution: tf.mul(sites(row), tf.sum(logScale)),
    }),
    inverse: ({ shift, logScale }, z) => tf.sub(tf.mul(z, tf.exp(tf.neg(logScale))), shift),
  });

const triangle = (size: number, holds: (i: number, j: number) => boolean) =>
  tf.tensor2d(
    Float32Array.from({ length: size * size }, (_, at) => (holds(Math.floor(at / size), at % size) ? 1 : 0)),
    [size, size],
  );

/** The inverse of I + N, N strictly triangular: (I − N)(I + N²)(I + N⁴)…, which ends because N to the size is 0. */
function unitInverse(strict: tf.Tensor2D): tf.Tensor2D {
  const size = strict.shape[0];
  const eye = tf.eye(size);
  let power: tf.Tensor2D = tf.neg(strict);
  let product: tf.Tensor2D = tf.add(eye, power);
  for (let reached = 2; reached < size; reached *= 2) {
    power = tf.matMul(power, power);
    product = tf.matMul(product, tf.add(eye, power));
  }
  return product;
}

type Factors = { readonly lower: tf.Tensor2D; readonly upper: tf.Tensor2D; readonly logDiagonal: tf.Tensor1D };

/**
 * An invertible matrix over the channels (a 1×1 convolution), kept as its factors: W = (I + L)(I + U)·diag(e^d), log|det W| = Σ d
 * at each pixel. Kingma & Dhariwal 2018, sec. 3.2. Differs: no permutation and no signs, so that it starts as the identity.
 */
export function linear(row: Row) {
  const channels = row.at(-1)!;
  const strict = ({ lower, upper }: Factors) =>
    [
      tf.mul(
        lower,
        triangle(channels, (i, j) => i > j),
      ),
      tf.mul(
        upper,
        triangle(channels, (i, j) => i < j),
      ),
    ] as [tf.Tensor2D, tf.Tensor2D];
  const times = (x: tf.Tensor, w: tf.Tensor2D) => tf.reshape(tf.matMul(tf.reshape(x, [-1, channels]), w), x.shape);
  return transform<Factors>({
    from: row,
    to: row,
    exact: true,
    init: () => ({ lower: tf.zeros([channels, channels]), upper: tf.zeros([channels, channels]), logDiagonal: tf.zeros([channels]) }),
    forward: (factors, x) => {
      const [l, u] = strict(factors).map((n) => tf.add(n, tf.eye(channels))) as [tf.Tensor2D, tf.Tensor2D];
      const w: tf.Tensor2D = tf.mul(tf.matMul(l, u), tf.exp(factors.logDiagonal));
      return { z: times(x, w), contribution: tf.mul(sites(row), tf.sum(factors.logDiagonal)) };
    },
    inverse: (factors, z) => {
      const [l, u] = strict(factors).map(unitInverse) as [tf.Tensor2D, tf.Tensor2D];
      return times(tf.mul(z, tf.exp(tf.neg(factors.logDiagonal))), tf.matMul(u, l));
    },
  });
}

/** The last axis in reverse order. */
export const swap = (row: Row) =>
  transform<Record<never, never>>({
    from: row,
    to: row,
    exact: true,
    init: () => ({}),
    forward: (_, x) => ({ z: tf.reverse(x, -1), contribution: 0 }),
    inverse: (_, z) => tf.reverse(z, -1),
  });

/** [H, W, C] → [H/2, W/2, 4C]: space becomes channels. */
export const squeeze = (row: Row) => {
  const [h, w, c] = row as readonly [number, number, number];
  return transform<Record<never, never>>({
    from: row,
    to: [h / 2, w / 2, 4 * c],
    exact: true,
    init: () => ({}),
    forward: (_, x) => ({ z: squeezed(x, row), contribution: 0 }),
    inverse: (_, z) => unsqueeze(z, row),
  });
};
