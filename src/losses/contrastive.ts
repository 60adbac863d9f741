import { logSumExpRows, normalizeRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/**
 * NT-Xent: each view must pick its partner out of the 2N − 1 other views of the batch.
 *   ℓᵢ = −log exp(sᵢⱼ/τ) / Σ_{k≠i} exp(sᵢₖ/τ),  s = cosine similarity,  j = i's partner
 * Chen et al. 2020, eq. 1, arXiv:2002.05709. `a`, `b`: [N, D], the two views' projections, row by row.
 * Mean over the 2N anchors, in nats; log(2N − 1) when all embeddings coincide.
 */
export function ntXent(a: tf.Tensor2D, b: tf.Tensor2D, temperature: number): tf.Scalar {
  const z = normalizeRows(tf.concat([a, b]));
  const partner = normalizeRows(tf.concat([b, a]));
  const similarity = tf.div(tf.matMul(z, z, false, true), temperature) as tf.Tensor2D;
  const others = tf.sub(similarity, tf.mul(tf.eye(z.shape[0]), 1e9)) as tf.Tensor2D;
  const positive = tf.div(tf.sum(tf.mul(z, partner), 1), temperature);
  return tf.mean(tf.sub(logSumExpRows(others), positive)) as tf.Scalar;
}
