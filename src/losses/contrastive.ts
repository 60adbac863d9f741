import { pairCrossEntropy } from '../ops/contrast.ts';
import { normalizeRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/**
 * NT-Xent: each view must pick its partner out of the 2N − 1 other views of the batch.
 *   ℓᵢ = −log exp(sᵢⱼ/τ) / Σ_{k≠i} exp(sᵢₖ/τ),  s = cosine similarity,  j = i's partner
 * Chen et al. 2020, eq. 1, arXiv:2002.05709. `a`, `b`: [N, D], the two views' projections, row by row.
 * Mean over the 2N anchors, in nats; log(2N − 1) when all embeddings coincide.
 */
export function ntXent(a: tf.Tensor2D, b: tf.Tensor2D, temperature: number): tf.Scalar {
  const z = normalizeRows(tf.concat([a, b]));
  const similarity: tf.Tensor2D = tf.matMul(z, z, false, true);
  return tf.mean(pairCrossEntropy(similarity, temperature)) as tf.Scalar;
}
