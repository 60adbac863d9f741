import { conv2d, dense } from '../ops/fused.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';

/** An affine map x·w + b: w [in, out], b [out]. */
export type Dense = { readonly w: tf.Tensor2D; readonly b: tf.Tensor1D };
/** A convolution: w [k, k, in, out], b [out]. */
export type Conv = { readonly w: tf.Tensor4D; readonly b: tf.Tensor1D };
/** Scale and shift after batch normalization, [D] each. */
export type BatchNorm = { readonly scale: tf.Tensor1D; readonly shift: tf.Tensor1D };

/** He et al. 2015 (arXiv:1502.01852): w ~ N(0, gain²·2/in), b = 0: keeps the size of activations through ReLUs. */
export const initDense = (inputs: number, outputs: number, rng: Rng, gain = 1): Dense => ({
  w: tf.mul(rng.normals<tf.Rank.R2>([inputs, outputs]), gain * Math.sqrt(2 / inputs)),
  b: tf.zeros([outputs]),
});

/** As `initDense`, over the k·k·in inputs of a filter. */
export const initConv = (size: number, inputs: number, outputs: number, rng: Rng, gain = 1): Conv => ({
  w: tf.mul(rng.normals<tf.Rank.R4>([size, size, inputs, outputs]), gain * Math.sqrt(2 / (size * size * inputs))),
  b: tf.zeros([outputs]),
});

export const initBatchNorm = (width: number): BatchNorm => ({ scale: tf.ones([width]), shift: tf.zeros([width]) });

/**
 * Batch normalization by the batch's own mean and variance: scale·(x − mean)/√(var + 1e-5) + shift, [N, D].
 * Ioffe & Szegedy 2015, alg. 1, arXiv:1502.03167. Differs: no running statistics; only heads that are thrown away use it.
 */
export const batchNorm = (norm: BatchNorm, x: tf.Tensor2D): tf.Tensor2D => batchNormWith(norm, x).y;

/** Mean and variance of each column, [1, D] each. */
export type Statistics = { readonly mean: tf.Tensor2D; readonly variance: tf.Tensor2D };

/** The same with the statistics of the batch, for `normalizeBy`. */
export function batchNormWith(norm: BatchNorm, x: tf.Tensor2D): { y: tf.Tensor2D; statistics: Statistics } {
  const mean = tf.mean(x, 0, true) as tf.Tensor2D;
  const centred: tf.Tensor2D = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), 0, true) as tf.Tensor2D;
  return { y: scaled(norm, centred, variance), statistics: { mean, variance } };
}

/** As `batchNorm`, by statistics of another batch: rows do not mix. */
export const normalizeBy = (norm: BatchNorm, { mean, variance }: Statistics, x: tf.Tensor2D): tf.Tensor2D =>
  scaled(norm, tf.sub(x, mean), variance);

const scaled = ({ scale, shift }: BatchNorm, centred: tf.Tensor2D, variance: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.mul(centred, tf.mul(scale, tf.rsqrt(tf.add(variance, 1e-5)))), shift);

/** Dense layers with ReLU between them: widths [in, …, out]. `lastGain` scales the last layer's initial weights. */
export const initMlp = (widths: readonly number[], rng: Rng, lastGain = 1): readonly Dense[] =>
  widths.slice(1).map((out, i) => initDense(widths[i]!, out, rng.split('layer', i), i === widths.length - 2 ? lastGain : 1));

export const mlp = (layers: readonly Dense[], x: tf.Tensor2D): tf.Tensor2D =>
  layers.reduce((h, { w, b }, i) => dense(h, w, b, i < layers.length - 1 ? 'relu' : 'linear'), x);

/** Dense, batch normalization, ReLU, dense: the head of SimCLR, and projector and predictor of BYOL. `shift` is the hidden bias. */
export type Head = { readonly w: tf.Tensor2D; readonly norm: BatchNorm; readonly out: Dense };

export const initHead = (inputs: number, hidden: number, outputs: number, rng: Rng): Head => ({
  w: initDense(inputs, hidden, rng.split('hidden')).w,
  norm: initBatchNorm(hidden),
  out: initDense(hidden, outputs, rng.split('out')),
});

/** [N, inputs] → [N, outputs]. `normalized: false` scales and shifts only, and leaves batch statistics out. */
export function head({ w, norm, out }: Head, h: tf.Tensor2D, normalized = true): tf.Tensor2D {
  const a = tf.matMul(h, w);
  const hidden: tf.Tensor2D = normalized ? batchNorm(norm, a as tf.Tensor2D) : tf.add(tf.mul(a, norm.scale), norm.shift);
  return dense(tf.relu(hidden), out.w, out.b);
}

/**
 * A transposed convolution that doubles height and width: 4×4, stride 2. w is [4, 4, out, in]. [N, H, W, in] → [N, 2H, 2W, out].
 */
export const initDoubling = (inputs: number, outputs: number, rng: Rng): Conv => ({
  // Every output pixel sums over 2·2 of the filter's taps.
  w: tf.mul(rng.normals<tf.Rank.R4>([4, 4, outputs, inputs]), Math.sqrt(2 / (4 * inputs))),
  b: tf.zeros([outputs]),
});

export const doubling = ({ w, b }: Conv, x: tf.Tensor4D): tf.Tensor4D => {
  const [n, height, width] = x.shape;
  return tf.relu(tf.add(tf.conv2dTranspose(x, w, [n, 2 * height, 2 * width, w.shape[2]], 2, 'same'), b));
};

export { conv2d, dense };
