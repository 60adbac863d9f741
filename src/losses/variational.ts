import { logSumExpRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/** Sums all but the first axis: [N, …] → [N]. */
const perRow = (x: tf.Tensor): tf.Tensor1D => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1) as tf.Tensor1D;

/**
 * −log p(x | logits) of independent Bernoulli pixels: Σ softplus(l) − x·l.
 * Kingma & Welling 2013, app. C.1, arXiv:1312.6114. `logits`, `x` in [0, 1]: [N, …] → [N], nats; D·log 2 when all logits are 0.
 */
export const bernoulliNll = (logits: tf.Tensor, x: tf.Tensor): tf.Tensor1D => perRow(tf.sub(tf.softplus(logits), tf.mul(x, logits)));

/**
 * The same by the pixels' means in [0, 1], kept 1e-3 away from 0 and 1: −Σ x·log m + (1 − x)·log(1 − m).
 * `means`, `x`: [N, …] → [N], nats; D·log 2 when all means are ½.
 */
export const bernoulliMeanNll = (means: tf.Tensor, x: tf.Tensor): tf.Tensor1D => {
  const m = tf.add(1e-3, tf.mul(1 - 2e-3, means));
  return tf.neg(perRow(tf.add(tf.mul(x, tf.log(m)), tf.mul(tf.sub(1, x), tf.log(tf.sub(1, m)))))) as tf.Tensor1D;
};

/**
 * KL(N(μ, σ²) ‖ N(0, I)) of each latent dimension: ½(μ² + σ² − 1 − log σ²).
 * Kingma & Welling 2013, app. B. `mu`, `logVar`: [N, D] → [N, D], nats; 0 where μ = 0 and σ = 1.
 */
export const gaussianKl = (mu: tf.Tensor2D, logVar: tf.Tensor2D): tf.Tensor2D =>
  tf.mul(0.5, tf.sub(tf.add(tf.square(mu), tf.exp(logVar)), tf.add(1, logVar)));

/**
 * KL(N(μ, σ²) ‖ N(m, s²)) of each dimension: ½((μ − m)²/s² + σ²/s² − 1 − log σ²/s²).
 * All [N, D], the variances as logarithms → [N, D], nats; 0 where both are the same, `gaussianKl` where m = 0 and s = 1.
 */
export const gaussiansKl = (mu: tf.Tensor2D, logVar: tf.Tensor2D, priorMu: tf.Tensor2D, priorLogVar: tf.Tensor2D): tf.Tensor2D => {
  const ratio = tf.sub(logVar, priorLogVar);
  return tf.mul(0.5, tf.sub(tf.add(tf.mul(tf.square(tf.sub(mu, priorMu)), tf.exp(tf.neg(priorLogVar))), tf.exp(ratio)), tf.add(1, ratio)));
};

/**
 * KL of a coin with log-odds a from one with log-odds b: σ(a)(a − b) + softplus(b) − softplus(a).
 * `logits`, `prior`: [N, K] each, or a number for all → [N, K], nats; log 2 for a sure coin (a → ±∞) against a fair one (b = 0).
 */
export const bernoulliKl = (logits: tf.Tensor2D, prior: tf.Tensor2D | number): tf.Tensor2D => {
  const b = typeof prior === 'number' ? tf.scalar(prior) : prior;
  return tf.sub(tf.add(tf.mul(tf.sigmoid(logits), tf.sub(logits, b)), tf.softplus(b)), tf.softplus(logits));
};

/**
 * −log p(x) of a discretized logistic on 256 grey levels: the mass that a logistic of the given mean and scale puts on the
 * level's bin of width 1/255; the end bins reach to ±∞.
 *   p(x) = σ((x + 1/510 − m)/s) − σ((x − 1/510 − m)/s)
 * Kingma et al. 2016 (IAF), sec. 5.2, arXiv:1606.04934; Salimans et al. 2017, eq. 2. `x` in {0, 1/255, …, 1}, `mean`, `logScale`
 * broadcast to it: [N, …] → [N], nats; divide by D·log 2 for bits/dim.
 * Differs: the bin's mass is computed as σ(b)·σ(−a)·(1 − e^(a−b)), exact and free of cancellation in float32.
 */
export function discretizedLogisticNll(mean: tf.Tensor, logScale: tf.Tensor, x: tf.Tensor): tf.Tensor1D {
  const inverse = tf.exp(tf.neg(logScale));
  const centred = tf.sub(x, mean);
  const upper = tf.mul(inverse, tf.add(centred, 1 / 510));
  const lower = tf.mul(inverse, tf.sub(centred, 1 / 510));
  // 1 at the darkest (brightest) level, 0 elsewhere: constants of the data, so no gradient passes through them.
  const darkest = tf.sub(1, tf.step(tf.sub(x, 0.5 / 255)));
  const brightest = tf.step(tf.sub(x, 1 - 0.5 / 255));
  // log σ(b) and log σ(−a), dropped where the bin's edge is at ±∞ and the factor is 1.
  const belowUpper = tf.mul(tf.sub(1, brightest), tf.softplus(tf.neg(upper)));
  const aboveLower = tf.mul(tf.sub(1, darkest), tf.softplus(lower));
  const inside = tf.sub(1, tf.add(darkest, brightest));
  const width = tf.mul(inverse, 1 / 255);
  const gap = tf.mul(inside, tf.log(tf.sub(1, tf.exp(tf.neg(width)))));
  return perRow(tf.sub(tf.add(belowUpper, aboveLower), gap));
}

/**
 * Importance-weighted bound on −log p(x): −log 1/K Σₖ wₖ with log wₖ = log p(x, zₖ) − log q(zₖ|x), zₖ ~ q(z|x).
 * Burda, Grosse & Salakhutdinov 2016, eq. 8, arXiv:1509.00519. `logWeights`: [N, K] → [N], nats; −ELBO by one draw for K = 1.
 */
export const importanceWeightedNll = (logWeights: tf.Tensor2D): tf.Tensor1D =>
  tf.sub(Math.log(logWeights.shape[1]), logSumExpRows(logWeights)) as tf.Tensor1D;
