/** Stands in for src/ops/fused.ts in the stock bundle: the same layers, written with one tf op after another. */
import type * as ours from '../../../src/ops/fused.ts';
import * as tf from '../../../src/tf.ts';

const activate = <T extends tf.Tensor>(y: tf.Tensor, activation: ours.Activation): T => (activation === 'relu' ? tf.relu(y) : y) as T;

export const conv2d: typeof ours.conv2d = (x, w, b, { stride = 1, pad = 'same', activation = 'linear' } = {}) =>
  activate(tf.add(tf.conv2d(x, w, stride, pad), b), activation);

export const dense: typeof ours.dense = (x, w, b, activation = 'linear') => activate(tf.add(tf.matMul(x, w), b), activation);
