import { logSumExpRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/**
 * Cross-entropy of a softmax classifier: −log softmax(logits)_label. `logits` [N, K], `labels` int32 [N] in 0 … K − 1.
 * Mean over rows, nats; log K for equal logits.
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const chosen = tf.sum(tf.mul(logits, tf.oneHot(labels, logits.shape[1])), 1);
  return tf.mean(tf.sub(logSumExpRows(logits), chosen)) as tf.Scalar;
}
