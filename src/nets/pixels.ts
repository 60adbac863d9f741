import * as tf from '../tf.ts';

/** Pixels are squeezed into [α, 1 − α] before the logit, so that black and white stay finite (Real NVP, sec. 4.1, arXiv:1605.08803). */
const usual = 0.05;

/** Pixels k/255 → reals: (k + u)/256, uniform or fixed u in [0, 1), then the logit; and its log-determinant, nats a row. */
export function toReals(x: tf.Tensor, u: tf.Tensor | number, alpha = usual): { y: tf.Tensor; logDet: tf.Tensor1D } {
  const p = tf.add(tf.mul(tf.div(tf.add(tf.mul(x, 255), u), 256), 1 - 2 * alpha), alpha);
  const [logP, logQ] = [tf.log(p), tf.log(tf.sub(1, p))];
  const stretch = tf.sub(Math.log((1 - 2 * alpha) / 256), tf.add(logP, logQ));
  return { y: tf.sub(logP, logQ), logDet: tf.sum(tf.reshape(stretch, [x.shape[0]!, -1]), 1) };
}

/** The inverse of `toReals` at u = ½. */
export const toPixels = (y: tf.Tensor, alpha = usual) =>
  tf.div(tf.sub(tf.mul(tf.div(tf.sub(tf.sigmoid(y), alpha), 1 - 2 * alpha), 256), 0.5), 255);
