import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, type Dense, initConv, initMlp, mlp } from './layers.ts';

/**
 * An affine coupling of Real NVP. The network reads the half that the mask keeps and gives log-scale s and shift t for the rest:
 *   z = m⊙x + (1−m)⊙(x⊙eˢ + t),   log|det J| = Σ (1−m)⊙s
 * Dinh, Sohl-Dickstein, Bengio 2017, eq. 9, arXiv:1605.08803. s = bound·tanh(·) keeps one layer's stretch finite (their sec. 4.1).
 */
export type Coupling = { readonly net: readonly Dense[] | readonly Conv[]; readonly bound: tf.Tensor };

/** For points [N, D]: three dense layers. */
export const initPointCoupling = (dimensions: number, width: number, rng: Rng): Coupling => ({
  net: initMlp([dimensions, width, width, 2 * dimensions], rng, 0.1),
  bound: tf.ones([dimensions]),
});

/** For feature maps [N, H, W, C]: convolutions 3×3, 1×1, 3×3. It starts as the identity. */
export const initImageCoupling = (channels: number, width: number, rng: Rng): Coupling => ({
  net: [
    initConv(3, channels, width, rng.split(0)),
    initConv(1, width, width, rng.split(1)),
    initConv(3, width, 2 * channels, rng.split(2), 0),
  ],
  bound: tf.ones([channels]),
});

/** The last convolution sums hundreds of inputs, which Adam moves together: undamped, a step would move s and t by far too much. */
const damping = 0.1;

/** s and t, each of x's shape. */
function scaleAndShift({ net, bound }: Coupling, x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const raw =
    x.rank === 2
      ? mlp(net as readonly Dense[], x as tf.Tensor2D)
      : tf.mul(
          damping,
          (net as readonly Conv[]).reduce(
            (h, { w, b }, i) => conv2d(h, w, b, { activation: i < net.length - 1 ? 'relu' : 'linear' }),
            x as tf.Tensor4D,
          ),
        );
  const [s, t] = tf.split(raw, 2, -1) as [tf.Tensor, tf.Tensor];
  // tanh(s) = 2σ(2s) − 1: on wasm ten times faster than tanh itself.
  return [tf.mul(bound, tf.sub(tf.mul(2, tf.sigmoid(tf.mul(2, s))), 1)), t];
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

/** Noise → data: the exact inverse of `couple`. */
export function uncouple<T extends tf.Tensor>(coupling: Coupling, mask: tf.Tensor, z: T): T {
  const free = tf.sub(1, mask);
  const kept = tf.mul(mask, z);
  const [s, t] = scaleAndShift(coupling, kept);
  return tf.add(kept, tf.mul(free, tf.mul(tf.sub(z, t), tf.exp(tf.neg(s))))) as T;
}
