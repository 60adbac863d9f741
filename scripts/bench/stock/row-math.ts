/** Stands in for src/ops/row-math.ts in the stock bundle. */
import type * as ours from '../../../src/ops/row-math.ts';
import * as tf from '../../../src/tf.ts';

export const normalizeRows: typeof ours.normalizeRows = (x) => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));

export const logSumExpRows: typeof ours.logSumExpRows = (x) => tf.logSumExp(x, 1) as tf.Tensor1D;

export const standardizeRows: typeof ours.standardizeRows = (x) => {
  const { mean, variance } = tf.moments(x, 1, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
};
