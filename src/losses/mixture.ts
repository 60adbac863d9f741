/** Images as mixtures: each pixel is painted by one of K slots, and nobody says by which. */
import * as tf from '../tf.ts';

/** A prior share of every pixel for each slot, [N, P, K], summing to 1 over K; and the slots' colours, [N, K, C]. */
export type Mixture = { readonly shares: tf.Tensor3D; readonly colours: tf.Tensor3D };

/** log mₚₖ − |xₚ − cₖ|²/2σ², [N, P, K], from pixels x [N, P, C]. */
function claims({ shares, colours }: Mixture, x: tf.Tensor3D, sigma: number): tf.Tensor3D {
  const squares = (t: tf.Tensor3D) => tf.sum(tf.square(t), 2) as tf.Tensor2D;
  const both = tf.add(tf.expandDims(squares(x), 2), tf.expandDims(squares(colours), 1));
  const distances = tf.sub(both, tf.mul(2, tf.matMul(x, colours, false, true)));
  return tf.sub(tf.log(tf.add(shares, 1e-6)), tf.mul(distances, 1 / (2 * sigma ** 2)));
}

/**
 * Negative log-likelihood of pixels that one slot each has painted, with Gaussian noise:
 *   −log Σₖ mₚₖ exp(−|xₚ − cₖ|²/2σ²)
 * The spatial mixture of Greff et al. 2017, arXiv:1708.03498, with shares of each pixel as its prior (Burgess et al. 2019, arXiv:1901.11390,
 * eq. 3, first term). x: [N, P, C]. Mean over pixels, nats, without the constant (C/2) log 2πσ²: 0 where the one painter is exact.
 */
export const mixtureNll = (mixture: Mixture, x: tf.Tensor3D, sigma: number): tf.Scalar =>
  tf.neg(tf.mean(tf.logSumExp(claims(mixture, x, sigma), 2))) as tf.Scalar;

/** Whose a pixel is once its colour is seen, mₚₖ N(xₚ; cₖ, σ²) / Σⱼ mₚⱼ N(xₚ; cⱼ, σ²): [N, P, K], summing to 1 over K. */
export const responsibilities = (mixture: Mixture, x: tf.Tensor3D, sigma: number): tf.Tensor3D => tf.softmax(claims(mixture, x, sigma));

/**
 * The chance that two draws of a pixel’s slot differ, 1 − Σₖ mₚₖ² (Gini 1912): 0 where one slot has all, 1 − 1/n where n share alike.
 * shares: [N, P, K]. Mean over pixels.
 */
export const overlap = (shares: tf.Tensor3D): tf.Scalar => tf.sub(1, tf.mean(tf.sum(tf.square(shares), 2))) as tf.Scalar;

/**
 * Entropy of the areas of an image, −Σₖ aₖ log aₖ with aₖ = meanₚ mₚₖ: 0 where one slot has everything, log K where all have as much,
 * and more by aₖ log 2 where one of area aₖ is halved. shares: [N, P, K]. Mean over images, nats.
 */
export function areaEntropy(shares: tf.Tensor3D): tf.Scalar {
  const areas = tf.mean(shares, 1);
  return tf.neg(tf.mean(tf.sum(tf.mul(areas, tf.log(tf.add(areas, 1e-6))), 1))) as tf.Scalar;
}
