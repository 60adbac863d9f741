import * as tf from '../tf.ts';

/**
 * log N(z; 0, I) = −½ Σ z² − (D/2) log 2π. `z`: [N, D] → [N], nats; −(D/2) log 2π at the origin.
 */
export const standardNormalLogProb = (z: tf.Tensor2D): tf.Tensor1D =>
  tf.sub(tf.mul(-0.5, tf.sum(tf.square(z), 1)), 0.5 * z.shape[1] * Math.log(2 * Math.PI)) as tf.Tensor1D;

/** −log p in nats for D dimensions, as bits per dimension: nats / (D · log 2). 8 for uniform 256-level pixels. */
export const bitsPerDim = (nats: number, dimensions: number): number => nats / (dimensions * Math.LN2);
