/** Stands in for src/losses/contrastive.ts in the stock bundle: NT-Xent by plain tf ops. */
import type * as ours from '../../../src/losses/contrastive.ts';
import * as tf from '../../../src/tf.ts';
import { logSumExpRows, normalizeRows } from './row-math.ts';

export const ntXent: typeof ours.ntXent = (a, b, temperature) => {
  const z = normalizeRows(tf.concat([a, b]));
  const [left, right] = tf.split(z, 2) as [tf.Tensor2D, tf.Tensor2D];
  const similarity = tf.div(tf.matMul(z, z, false, true), temperature) as tf.Tensor2D;
  const others = tf.sub(similarity, tf.mul(tf.eye(z.shape[0]), 1e9)) as tf.Tensor2D;
  const positive = tf.div(tf.sum(tf.mul(left, right), 1), temperature);
  return tf.mean(tf.sub(logSumExpRows(others), tf.concat([positive, positive]))) as tf.Scalar;
};
