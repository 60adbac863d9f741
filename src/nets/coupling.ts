import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conditioner, condition, initImageConditioner, initPointConditioner, squash } from './conditioner.ts';

/**
 * An affine coupling of Real NVP. The network reads the half that the mask keeps and gives log-scale s and shift t for the rest:
 *   z = m⊙x + (1−m)⊙(x⊙eˢ + t),   log|det J| = Σ (1−m)⊙s
 * Dinh, Sohl-Dickstein, Bengio 2017, eq. 9, arXiv:1605.08803. s = bound·tanh(·) keeps one layer's stretch finite (their sec. 4.1).
 */
export type Coupling = { readonly net: Conditioner; readonly bound: tf.Tensor };

/** For points [N, D]. */
export const initPointCoupling = (dimensions: number, width: number, rng: Rng): Coupling => ({
  net: initPointConditioner(dimensions, 2 * dimensions, width, rng),
  bound: tf.ones([dimensions]),
});

/** For feature maps [N, H, W, C]. It starts as the identity. */
export const initImageCoupling = (channels: number, width: number, rng: Rng): Coupling => ({
  net: initImageConditioner(channels, 2 * channels, width, rng),
  bound: tf.ones([channels]),
});

/** s and t of what is free, from what is kept. */
export function scaleAndShift({ net, bound }: Coupling, kept: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [s, t] = tf.split(condition(net, kept), 2, -1) as [tf.Tensor, tf.Tensor];
  return [tf.mul(bound, squash(s)), t];
}

/** Data → noise. `mask` is 1 where x is kept, and broadcasts to x. logDet: [N], nats. */
export function couple<T extends tf.Tensor>(coupling: Coupling, mask: tf.Tensor, x: T): { z: T; logDet: tf.Tensor1D } {
  const free = tf.sub(1, mask);
  const kept = tf.mul(mask, x);
  const [s, t] = scaleAndShift(coupling, kept);
  const stretch = tf.mul(free, s);
  const z = tf.add(kept, tf.mul(free, tf.add(tf.mul(x, tf.exp(stretch)), t))) as T;
  return { z, logDet: tf.sum(tf.reshape(stretch, [x.shape[0]!, -1]), 1) };
}

/** Noise → data: the exact inverse of `couple`. logDet: that of this way, [N], nats. */
export function uncouple<T extends tf.Tensor>(coupling: Coupling, mask: tf.Tensor, z: T): { x: T; logDet: tf.Tensor1D } {
  const free = tf.sub(1, mask);
  const kept = tf.mul(mask, z);
  const [s, t] = scaleAndShift(coupling, kept);
  const shrink = tf.neg(tf.mul(free, s));
  const x = tf.add(kept, tf.mul(free, tf.mul(tf.sub(z, t), tf.exp(shrink)))) as T;
  return { x, logDet: tf.sum(tf.reshape(shrink, [z.shape[0]!, -1]), 1) };
}
