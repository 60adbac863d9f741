import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Dense, initMlp, mlp } from './layers.ts';

/**
 * m log-ratios from one network: a body that all bridges share, and a head for each,
 *   log r_k(x) = hᵀ W_k h + w_k·h + b_k,   h = body(x)
 * Without a body h = x: a quadratic, which holds the log-ratio of any two Gaussians. Rhodes, Xu, Gutmann 2020, sec. 3.3, arXiv:2006.12204.
 * Differs: over a body the heads are linear; the body is an MLP without their bridge-wise scales and shifts.
 */
export type Bridges = {
  readonly body: readonly Dense[];
  /** [m, D, D], without a body only. */
  readonly square: readonly tf.Tensor3D[];
  /** [m, D, 1] and [m, 1]. */
  readonly linear: tf.Tensor3D;
  readonly bias: tf.Tensor2D;
};

/** All ratios start at 1. `width` 0: no body. */
export const initBridges = (bridges: number, dimensions: number, width: number, rng: Rng): Bridges => ({
  body: width > 0 ? initMlp([dimensions, width, width], rng) : [],
  square: width > 0 ? [] : [tf.zeros([bridges, dimensions, dimensions])],
  linear: tf.zeros([bridges, width || dimensions, 1]),
  bias: tf.zeros([bridges, 1]),
});

/** log r_k of row k's points: [m, N, D] → [m, N], nats. A first axis of 1 gives every bridge the same points. */
export function logRatios({ body, square, linear, bias }: Bridges, x: tf.Tensor3D): tf.Tensor2D {
  const [sets, rows] = x.shape;
  const h: tf.Tensor3D = body.length ? tf.reshape(tf.relu(mlp(body, tf.reshape(x, [sets * rows, -1]))), [sets, rows, -1]) : x;
  const affine = tf.add(tf.squeeze(tf.matMul(h, linear), [2]), bias);
  return square.reduce<tf.Tensor>((sum, w) => tf.add(sum, tf.sum(tf.mul(tf.matMul(h, w), h), 2)), affine) as tf.Tensor2D;
}
