import { conv2d } from '../ops/fused.ts';
import type { Rng } from '../ops/random.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import type { Conv, Dense } from './layers.ts';

/** A layer of units: dense, w [n, m], or a convolution of stride 2 and 'same' padding, w [k, k, in, out], whose units share weights. */
export type Layer = Dense | Conv;

const stride = 2;
const isConv = (layer: Layer): layer is Conv => layer.w.rank === 4;

/** Glorot-normal weights, `gain` times, for inputs of ±1: w of [n, m] or [k, k, in, out]; zero biases. */
export function initLayer<L extends Layer>(shape: L['w']['shape'], rng: Rng, gain: number): L {
  const taps = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const [n, m] = shape.slice(-2) as [number, number];
  return { w: tf.mul(rng.normals(shape), gain * Math.sqrt(2 / (taps * (n + m)))), b: tf.zeros([m]) } as unknown as L;
}

/** The same layer as a constant. */
export const stopped = <L extends Layer>({ w, b }: L): L => ({ w: stopGradient<tf.Tensor>(w), b: stopGradient(b) }) as L;

/** [N, …] → [N, n]. */
export const rowsOf = (x: tf.Tensor) => tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D;

/** x·w + b, [N, m], of x [N, …]; or x ∗ w + b, [N, ⌈H/2⌉, ⌈W/2⌉, out], of x [N, H, W, in]. On the tape in w and b alone. */
export const affine = (x: tf.Tensor, layer: Layer): tf.Tensor =>
  isConv(layer) ? conv2d(x as tf.Tensor4D, layer.w, layer.b, { stride, input: 'data' }) : tf.add(tf.matMul(rowsOf(x), layer.w), layer.b);

/** g·wᵀ: derivatives by the pre-activations become those by the inputs, which have this shape. */
export const transposed = (g: tf.Tensor, layer: Layer, shape: readonly number[]): tf.Tensor =>
  isConv(layer)
    ? tf.conv2dTranspose(g as tf.Tensor4D, stopGradient(layer.w), shape as tf.Tensor4D['shape'], stride, 'same')
    : tf.reshape(tf.matMul(g, stopGradient(layer.w), false, true), [...shape]);

/** A convolution that copies each window's inputs, in the order of the rows of w. */
const copier = ({ w }: Conv): tf.Tensor4D => {
  const [height, width, inputs] = w.shape;
  const size = height * width * inputs;
  return tf.reshape(tf.eye(size), [height, width, inputs, size]);
};

/**
 * What each unit sees, as rows of a matrix that w multiplies: [N, n] of a dense layer; of a convolution, each of whose places is a row,
 * [N·H′·W′, k·k·in], 0 beyond the border.
 */
export const windows = (x: tf.Tensor, layer: Layer): tf.Tensor2D =>
  isConv(layer) ? tf.reshape(tf.conv2d(x as tf.Tensor4D, copier(layer), stride, 'same'), [-1, layer.w.size / layer.b.size]) : rowsOf(x);

/** The transpose of `windows`: what all windows say of an input, summed, in the inputs' shape. */
const gathered = (rows: tf.Tensor2D, above: tf.Tensor, layer: Layer, shape: readonly number[]): tf.Tensor =>
  isConv(layer)
    ? tf.conv2dTranspose(
        tf.reshape<tf.Rank.R4>(rows, [...(above.shape.slice(0, 3) as [number, number, number]), rows.shape[1]]),
        copier(layer),
        shape as tf.Tensor4D['shape'],
        stride,
        'same',
      )
    : tf.reshape(rows, [...shape]);

/** No more numbers than this in a tensor of flips: 16 MB. */
const most = 2 ** 22;

/**
 * Flips the sign of each input alone. `effect` is told the pre-activations that result, a − 2·x·w, of some inputs [R, n′, m], R as in
 * `windows`, and gives a number for each flip, [R, n′]. Each input's numbers are summed over the units that see it: the shape of x.
 */
export function flips(x: tf.Tensor, a: tf.Tensor, layer: Layer, effect: (flipped: tf.Tensor3D) => tf.Tensor2D): tf.Tensor {
  const seen = windows(x, layer);
  const [rows, n] = seen.shape;
  const m = layer.b.size;
  const w = tf.reshape(stopGradient<tf.Tensor>(layer.w), [1, n, m]);
  const before = tf.reshape(a, [rows, 1, m]);
  const size = Math.max(1, Math.floor(most / (rows * m)));
  const parts: tf.Tensor2D[] = [];
  for (let from = 0; from < n; from += size)
    parts.push(
      tidy(() => {
        const count = Math.min(size, n - from);
        const sign = tf.expandDims(tf.slice(seen, [0, from], [rows, count]), 2);
        // As x = ±1, a − 2xw = x·(xa − 2w): the same number, and a faster product.
        const turned = tf.sub(tf.mul(sign, before), tf.mul(2, tf.slice(w, [0, from, 0], [1, count, m])));
        return effect(tf.mul(sign, turned) as tf.Tensor3D);
      }),
    );
  return gathered(tf.concat(parts, 1), a, layer, x.shape);
}
