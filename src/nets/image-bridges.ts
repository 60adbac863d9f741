import type { ImageShape } from '../data/dataset.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, type Dense, dense, initConv, initDense } from './layers.ts';

/** What all bridges share: its layers' outputs together are h(x). */
export type Body = { readonly local: Conv; readonly convs: readonly Conv[]; readonly dense: Dense };

/**
 * m log-ratios of images from one network, log r_k(x) = w_k·h(x) + b_k. The body h is shared. The heads are too: w_k and b_k lie on a
 * line through a few knots, [knots, F] and [knots, 1], since neighbouring bridges ask nearly the same, and each sees few images a step.
 * Every sum of bridges is one head again, so it costs one pass. Rhodes, Xu, Gutmann 2020, sec. 3.3, arXiv:2006.12204.
 * Differs: the authors share a residual body with scales and shifts of its own for each bridge, under a quadratic head each.
 */
export type ImageBridges = { readonly body: Body; readonly heads: tf.Tensor2D; readonly bias: tf.Tensor2D };

/** Knots of the heads; bumps of pixels alone, and of 3 × 3 neighbourhoods, at each place; factor of h, so that heads move at Adam's pace. */
const [knots, single, around, gain] = [6, 8, 4, 1];

/** All ratios start at 1. `width`: channels of the first strided convolution; the second has twice as many, the dense layer four times. */
export function initImageBridges(bridges: number, [height, width, c]: ImageShape, channels: number, rng: Rng): ImageBridges {
  const half = (side: number) => Math.ceil(side / 2);
  const [middle, small] = [half(height) * half(width) * channels, half(half(height)) * half(half(width)) * 2 * channels];
  const F = height * width * (single + around) + middle + small + 4 * channels;
  const k = Math.min(knots, bridges);
  return {
    body: {
      local: initBumps(c, rng.split('bumps')),
      convs: [initConv(5, c, channels, rng.split('conv', 0)), initConv(3, channels, 2 * channels, rng.split('conv', 1))],
      dense: initDense(small, 4 * channels, rng.split('dense')),
    },
    heads: tf.zeros([k, F]),
    bias: tf.zeros([k, 1]),
  };
}

/** Filters of 3 × 3: first of the middle alone, with centres spread over the range of pixels; then random ones, blind to a flat patch. */
function initBumps(c: number, rng: Rng): Conv {
  const slope = 1.6;
  const middle = tf.tensor4d([0, 0, 0, 0, slope / c, 0, 0, 0, 0], [3, 3, 1, 1]);
  const random = rng.normals<tf.Rank.R4>([3, 3, c, around]);
  return {
    w: tf.concat(
      [tf.mul(middle, tf.ones([1, 1, c, single])), tf.mul(0.7, tf.sub(random, tf.mean(random, [0, 1], true)))],
      3,
    ) as tf.Tensor4D,
    b: tf.tensor1d(Array.from({ length: single + around }, (_, j) => (j < single ? slope * (3 - (5 * j) / (single - 1)) : 0))),
  };
}

/**
 * h of images [N, H, W, C] → [N, F]: bumps exp(−a²) of 3 × 3 filters at every place, which tell black from grey and flat from rough; two
 * strided convolutions and a dense layer, which see more of the image.
 */
export function features({ local, convs, dense: last }: Body, x: tf.Tensor4D): tf.Tensor2D {
  const flat = (t: tf.Tensor) => tf.reshape(t, [x.shape[0], -1]) as tf.Tensor2D;
  const layers = [flat(tf.exp(tf.neg(tf.square(conv2d(x, local.w, local.b)))))];
  let map = x;
  for (const { w, b } of convs) {
    map = conv2d(map, w, b, { stride: 2, activation: 'relu' });
    layers.push(flat(map));
  }
  layers.push(dense(layers.at(-1)!, last.w, last.b, 'relu'));
  const h = tf.concat(layers, 1);
  return tf.mul(h, gain / Math.sqrt(h.shape[1]));
}

/** Where m bridges lie between the knots: [m, knots], each row sums to 1. */
const places = (m: number, knots: number): tf.Tensor2D =>
  tf.tensor2d(
    Array.from({ length: m }, (_, k) =>
      Array.from({ length: knots }, (_, j) => Math.max(0, 1 - Math.abs((k * (knots - 1)) / Math.max(1, m - 1) - j))),
    ),
  );

/** log r_k of row k's images: features [m, N, F] → [m, N], nats. */
export function atBridges({ heads, bias }: ImageBridges, h: tf.Tensor3D): tf.Tensor2D {
  const at = places(h.shape[0], heads.shape[0]);
  return tf.add(tf.squeeze(tf.matMul(h, tf.expandDims(tf.matMul(at, heads), 2)), [2]), tf.matMul(at, bias)) as tf.Tensor2D;
}

/** Σ_k share_k log r_k of every image: features [N, F], a share of each of m bridges → [N], nats. */
export function sumOfBridges({ heads, bias }: ImageBridges, h: tf.Tensor2D, shares: readonly number[]): tf.Tensor1D {
  const weights: tf.Tensor2D = tf.matMul(tf.tensor2d([shares as number[]]), places(shares.length, heads.shape[0]));
  return tf.squeeze(tf.add(tf.matMul(h, tf.matMul(weights, heads), false, true), tf.matMul(weights, bias)), [1]);
}
