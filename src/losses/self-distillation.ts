import { normalizeRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';

/**
 * BYOL's regression loss: the squared distance of the normalized prediction and the normalized target projection.
 *   L = ‖p̄ − z̄‖² = 2 − 2 cos(p, z)
 * Grill et al. 2020, eq. 2, arXiv:2006.07733. `p`, `z`: [N, D]; mean over rows; 0 when they point the same way, 4 when opposite.
 * Differs: it does not stop the gradient into `z`; in BYOL the target network is state, which no gradient reaches.
 */
export const regression = (p: tf.Tensor2D, z: tf.Tensor2D): tf.Scalar =>
  tf.sub(2, tf.mul(2, tf.mean(tf.sum(tf.mul(normalizeRows(p), normalizeRows(z)), 1)))) as tf.Scalar;
