import * as tf from '../tf.ts';
import type { Rng } from './random.ts';
import { stopGradient } from './stop-gradient.ts';

/** Log-odds plus logistic noise: positive with the probability that the log-odds say. */
function noisy(logits: tf.Tensor2D, rng: Rng): tf.Tensor2D {
  const u = rng.uniforms<tf.Rank.R2>(logits.shape, 1e-6, 1 - 1e-6);
  return tf.add(logits, tf.sub(tf.log(u), tf.log(tf.sub(1, u))));
}

/** 0 or 1 for each of the log-odds, [N, K]; without gradient. */
export const toss = (logits: tf.Tensor2D, rng: Rng): tf.Tensor2D => tf.step(noisy(logits, rng));

/**
 * The same, with the gradient of the relaxed coin y = σ((logits + noise) / heat): y (1 − y) / heat for each.
 * Maddison, Mnih & Teh 2017, sec. 3, arXiv 1611.00712, and straight through: Jang, Gu & Poole 2017, sec. 2.2, arXiv 1611.01144.
 */
export function tossStraightThrough(logits: tf.Tensor2D, rng: Rng, heat: number): tf.Tensor2D {
  const tossed = noisy(logits, rng);
  const relaxed = tf.sigmoid(tf.div(tossed, heat));
  return tf.add(relaxed, stopGradient(tf.sub(tf.step(tossed), relaxed)));
}
