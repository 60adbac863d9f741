import { normalizeRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/** What stands in for −∞ where exponentials are taken. */
const never = -1e9;

/**
 * Contrast between places in a volume: embeddings of one part of the body, whatever the patient, against those of all other parts.
 *   ℓᵢⱼ = −log e^{sᵢⱼ/τ} / (e^{sᵢⱼ/τ} + Σ_{k: pₖ≠pᵢ} e^{sᵢₖ/τ}),  s = cosine similarity, over all i ≠ j with pᵢ = pⱼ
 * Chaitanya et al. 2020, eq. 1–2 (G^D), arXiv:2006.10511. z: [M, D]; parts: a whole number for each, [M]. Mean over the pairs, nats; 0 without a pair;
 * log(1 + n) when all embeddings coincide and each has n of other parts.
 */
export function positionContrast(z: tf.Tensor2D, parts: tf.Tensor1D, temperature: number): tf.Scalar {
  const unit = normalizeRows(z);
  const s = tf.div(tf.matMul(unit, unit, false, true), temperature) as tf.Tensor2D;
  // 1 where two whole numbers are equal.
  const same = tf.relu(tf.sub(1, tf.abs(tf.sub(tf.expandDims(parts, 1), tf.expandDims(parts, 0)))));
  const others = tf.logSumExp(tf.add(s, tf.mul(never, same)), 1, true);
  const pairs = tf.sub(same, tf.eye(z.shape[0]));
  const losses = tf.mul(pairs, tf.softplus(tf.sub(others, s)));
  return tf.div(tf.sum(losses), tf.maximum(1, tf.sum(pairs))) as tf.Scalar;
}

/**
 * Contrast between regions of one image: region r of a view must pick itself out of all regions of both views.
 *   ℓ = −log e^{s(f_r, g_r)/τ} / Σ e^{s(f_r, ·)/τ}, the sum over the 2R − 1 other regions of the two
 * Chaitanya et al. 2020, eq. 3–4 (L^R), arXiv:2006.10511. f, g: [N, R, D], region by region. Mean, nats; log(2R − 1) when all coincide.
 */
export function regionContrast(f: tf.Tensor3D, g: tf.Tensor3D, temperature: number): tf.Scalar {
  const [n, regions, d] = f.shape;
  const z = tf.reshape(normalizeRows(tf.reshape(tf.concat([f, g], 1), [-1, d])), [n, 2 * regions, d]);
  const s = tf.div(tf.matMul(z, z, false, true), temperature);
  const all = tf.logSumExp(tf.add(s, tf.mul(never, tf.eye(2 * regions))), 2);
  const [a, b] = tf.split(z, 2, 1) as [tf.Tensor, tf.Tensor];
  return tf.sub(tf.mean(all), tf.div(tf.mean(tf.sum(tf.mul(a, b), 2)), temperature)) as tf.Scalar;
}

/**
 * Cross-entropy of pixels plus soft Dice loss 1 − mean over organs of 2Σpy / (Σp + Σy), sums over the batch (Milletari et al. 2016,
 * arXiv:1606.04797). logits, y: [N, H, W, C]; y sums to 1 a pixel, and class 0 is the background, no organ. Nats and a number in [0, 1].
 */
export function segmentationLoss(logits: tf.Tensor4D, y: tf.Tensor4D): tf.Scalar {
  const classes = logits.shape[3];
  const [flat, target] = [logits, y].map((t) => tf.reshape(t, [-1, classes])) as [tf.Tensor2D, tf.Tensor2D];
  const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(flat)), 1)));
  const sums = (t: tf.Tensor) => tf.slice(tf.sum(t, 0), [1], [classes - 1]);
  const p = tf.softmax(flat);
  const dice = tf.div(tf.add(tf.mul(2, sums(tf.mul(p, target))), 1), tf.add(tf.add(sums(p), sums(target)), 1));
  return tf.add(crossEntropy, tf.sub(1, tf.mean(dice))) as tf.Scalar;
}
