import { logSumExpRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/**
 * Logistic loss of density-ratio estimators: tell the numerator's points from the denominator's.
 *   L = E_{p}[−log σ(f(x))] + E_{q}[−log(1 − σ(f(x)))],   least where f = log p/q
 * Rhodes, Xu, Gutmann 2020, eq. 8, arXiv:2006.12204. f at the numerator's and at the denominator's points, [m, N] each, one row a bridge.
 * Mean over rows and bridges, nats; 2 log 2 where f is 0.
 */
export const logisticRatio = (numerator: tf.Tensor2D, denominator: tf.Tensor2D): tf.Scalar =>
  tf.add(tf.mean(tf.softplus(tf.neg(numerator))), tf.mean(tf.softplus(denominator)));

/**
 * InfoNCE: find the one point of p among N, the others being of q.
 *   L = mean_i log( e^{f(xᵢ)} + Σ_{j≠i} e^{f(yⱼ)} ) − f(xᵢ)
 * van den Oord, Li, Vinyals 2018, eq. 4, arXiv:1807.03748. f at points x of p and y of q, [N] each. In nats; log N where f is constant.
 * log N − L is a lower bound of KL(p ‖ q), and never above log N.
 * Differs: all rows share the wrong points y, drawn from q itself (for mutual information from the product of the marginals) instead
 * of pairing each u with the other rows' v.
 */
export function infoNce(numerator: tf.Tensor1D, denominator: tf.Tensor1D): tf.Scalar {
  const n = numerator.shape[0];
  const own = tf.mul(tf.eye(n), tf.expandDims(tf.sub(numerator, denominator), 1));
  const logits = tf.add(tf.expandDims(denominator, 0), own) as tf.Tensor2D;
  return tf.mean(tf.sub(logSumExpRows(logits), numerator));
}
