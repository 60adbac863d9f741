import * as tf from '../tf.ts';

/**
 * Rows scaled to unit length: z = x / √(‖x‖² + 1e-12), [N, D] → [N, D]. Its gradient, (dz − z (z·dz)) / √(‖x‖² + 1e-12), is written
 * out here: it is five kernels, of which tfjs makes thirteen. First-order gradients only.
 */
export const normalizeRows: (x: tf.Tensor2D) => tf.Tensor2D = tf.customGrad((x, save) => {
  const inverse = tf.rsqrt(tf.add(tf.sum(tf.square(x as tf.Tensor2D), 1, true), 1e-12));
  const z = tf.mul(x as tf.Tensor2D, inverse) as tf.Tensor2D;
  (save as tf.GradSaveFunc)([z, inverse]);
  const gradFunc = (dz: tf.Tensor, [z, inverse]: tf.Tensor[]) => tf.mul(inverse!, tf.sub(dz, tf.mul(z!, tf.sum(tf.mul(z!, dz), 1, true))));
  return { value: z, gradFunc };
}) as (x: tf.Tensor2D) => tf.Tensor2D;

/**
 * log Σⱼ exp(xᵢⱼ), [N, D] → [N], shifted by each row's maximum so that it cannot overflow. Its gradient is the softmax, written
 * out here because tfjs would send it through `max`, whose gradient compares every element with the maximum.
 */
export const logSumExpRows: (x: tf.Tensor2D) => tf.Tensor1D = tf.customGrad((x, save) => {
  const logits = x as tf.Tensor2D;
  const top = tf.max(logits, 1, true);
  const e = tf.exp(tf.sub(logits, top));
  const total = tf.sum(e, 1, true);
  (save as tf.GradSaveFunc)([tf.div(e, total)]);
  return {
    value: tf.squeeze(tf.add(tf.log(total), top), [1]) as tf.Tensor1D,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved[0]!),
  };
}) as (x: tf.Tensor2D) => tf.Tensor1D;

/**
 * Rows brought to mean 0 and variance 1: (x − mean) / √(variance + 1e-5), [N, D] → [N, D]: layer normalization before its scale and
 * shift (Ba et al. 2016, arXiv 1607.06450, eq. 3). Its gradient is written out, as above. First-order gradients only.
 */
export const standardizeRows: (x: tf.Tensor2D) => tf.Tensor2D = tf.customGrad((x, save) => {
  const centred = tf.sub(x as tf.Tensor2D, tf.mean(x as tf.Tensor2D, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-5));
  const z = tf.mul(centred, inverse) as tf.Tensor2D;
  (save as tf.GradSaveFunc)([z, inverse]);
  const gradFunc = (dz: tf.Tensor, [z, inverse]: tf.Tensor[]) =>
    tf.mul(inverse!, tf.sub(tf.sub(dz, tf.mean(dz, 1, true)), tf.mul(z!, tf.mean(tf.mul(z!, dz), 1, true))));
  return { value: z, gradFunc };
}) as (x: tf.Tensor2D) => tf.Tensor2D;
