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

/**
 * Binary cross-entropy of logits s with labels t in {0, 1}, each row weighed by how wrong it is to the power γ (`focus`):
 *   L = mean (1 − p)^γ · (−log p),   p = σ(s) where t = 1, 1 − σ(s) where t = 0
 * Focal loss: Lin et al. 2017, eq. 4, arXiv:1708.02002; γ = 0 is the plain one. `logits`, `labels` [N]. Mean over rows, nats for γ = 0;
 * log 2 / 2^γ where every logit is 0.
 * Differs: Patacchiola & Storkey 2020 (eq. 4, arXiv:2006.05849) have half of this. Adam does not see the factor, and so γ = 0 is the
 * cross-entropy.
 */
export function binaryCrossEntropy(logits: tf.Tensor1D, labels: tf.Tensor1D, focus = 0): tf.Scalar {
  const right = tf.mul(logits, tf.sub(tf.mul(2, labels), 1));
  const nats = tf.softplus(tf.neg(right));
  // (1 − p)^γ as an exponential: its slope stays finite where p is 1, for γ below 1 too.
  return tf.mean(focus === 0 ? nats : tf.mul(tf.exp(tf.mul(-focus, tf.softplus(right))), nats));
}
