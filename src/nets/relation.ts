import { dense } from '../ops/fused.ts';
import * as tf from '../tf.ts';
import { batchNormWith, type Head, normalizeBy, type Statistics } from './layers.ts';

/** Rows of the first and of the second of each pair, and whether both are views of one image (1) or not (0). */
export type Pairs = { readonly first: Int32Array; readonly second: Int32Array; readonly related: Float32Array };

/**
 * The pairs among N images in K views, of whose rows n + N·k is image n in view k. For every two views i < j each image n makes one
 * positive pair, (n, i) with (n, j), and one negative, (n, i) with (n − r, j): the images of view j rolled by r, which counts
 * 1, 2, …, N − 1, 1, … from one pair of views to the next, so that no image meets itself. N·K(K − 1)/2 of each, the positives first.
 */
export function pairsOf(images: number, views: number): Pairs {
  const [first, same, other]: [number[], number[], number[]] = [[], [], []];
  let roll = 0;
  for (let i = 0; i < views; i++)
    for (let j = i + 1; j < views; j++) {
      for (let n = 0; n < images; n++) {
        first.push(n + images * i);
        same.push(n + images * j);
        other.push(((n - roll - 1 + images) % images) + images * j);
      }
      roll = (roll + 1) % (images - 1);
    }
  return {
    first: Int32Array.from([...first, ...first]),
    second: Int32Array.from([...same, ...other]),
    related: Float32Array.from({ length: 2 * first.length }, (_, i) => (i < first.length ? 1 : 0)),
  };
}

/**
 * The relation head on pairs of rows of h [M, D]: concatenation, dense, batch normalization, leaky ReLU, dense to one logit, [pairs].
 * Patacchiola & Storkey 2020, sec. 3.2, arXiv:2006.05849. `head` is one of 2·D inputs and one output. `statistics`: of the batch.
 */
export function pairLogits(head: Head, h: tf.Tensor2D, { first, second }: Pairs): { logits: tf.Tensor1D; statistics: Statistics } {
  const [a, b] = hidden(head, h, h);
  const rows = (x: tf.Tensor2D, places: Int32Array): tf.Tensor2D => tf.gather(x, tf.tensor1d(places, 'int32'));
  const { y, statistics } = batchNormWith(head.norm, tf.add(rows(a, first), rows(b, second)));
  return { logits: logit(head, y), statistics };
}

/** The logit of every row of x [N, D] with every row of y [M, D], as [N, M], by statistics that a batch of pairs had: rows do not mix. */
export function allLogits(head: Head, x: tf.Tensor2D, y: tf.Tensor2D, statistics: Statistics): tf.Tensor2D {
  const [a, b] = hidden(head, x, y);
  const sums = tf.reshape(tf.add(tf.expandDims(a, 1), tf.expandDims(b, 0)), [-1, a.shape[1]]) as tf.Tensor2D;
  return tf.reshape(logit(head, normalizeBy(head.norm, statistics, sums)), [x.shape[0], y.shape[0]]);
}

/** [x, y]·w = x·w₁ + y·w₂: every row goes through its half of w once, however many pairs it is in. */
function hidden({ w }: Head, x: tf.Tensor2D, y: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D] {
  const [above, below] = tf.split(w, 2) as [tf.Tensor2D, tf.Tensor2D];
  return [tf.matMul(x, above), tf.matMul(y, below)];
}

const logit = ({ out }: Head, x: tf.Tensor2D): tf.Tensor1D => tf.reshape(dense(leakyRelu(x), out.w, out.b), [-1]);

/** x where positive, else x / 100; a sum of two, for tf.leakyRelu takes three times as long on wasm. */
const leakyRelu = (x: tf.Tensor2D): tf.Tensor2D => tf.add(tf.mul(0.01, x), tf.mul(0.99, tf.relu(x)));
