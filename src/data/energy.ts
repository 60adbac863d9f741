import { logSumExpRows } from '../ops/row-math.ts';
import * as tf from '../tf.ts';
import type { Energy } from './dataset.ts';

/**
 * An energy u in units of kT and its force −∇u: y [N, 2] → [N] and [N, 2]. The force is written out, so that a path which follows it can
 * be differentiated: tfjs has no second derivatives.
 */
export type Potential = { readonly energy: (y: tf.Tensor2D) => tf.Tensor1D; readonly force: (y: tf.Tensor2D) => tf.Tensor2D };

/** The energy of a data set, ready to compute. It makes tensors of its own: call it inside the `tidy` that uses it. */
export function potentialOf({ form }: Energy): Potential {
  if (form.kind === 'wells') return wells(form.depth, form.tilt);
  const nodes = tf.tensor2d(form.nodes.map(([x, y]) => [x, y]));
  return mixture(nodes, tf.tensor1d(form.nodes.map(([, , w]) => Math.log(w))), form.sigma);
}

/** (x² − depth)²/4 + tilt·x + y²/2, as a polynomial in both coordinates at once; its force is (−x (x² − depth) − tilt, −y). */
function wells(depth: number, tilt: number): Potential {
  const [linear, quadratic, quartic] = [
    [tilt, 0],
    [-depth / 2, 0.5],
    [0.25, 0],
  ].map((row) => tf.tensor2d([row])) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  return {
    energy: (y) => {
      const squared = tf.square(y);
      const even = tf.mul(squared, tf.add(quadratic, tf.mul(squared, quartic)));
      return tf.add(tf.sum(tf.add(even, tf.mul(y, linear)), 1), (depth * depth) / 4);
    },
    force: (y) => tf.neg(tf.add(linear, tf.mul(y, tf.mul(2, tf.add(quadratic, tf.mul(tf.square(y), tf.mul(2, quartic))))))),
  };
}

/** −log Σ w N(y; node, σ² I); its force is (Σ p node − y) / σ², p being each node's share in the sum. nodes [K, 2], logWeights [K]. */
function mixture(nodes: tf.Tensor2D, logWeights: tf.Tensor1D, sigma: number): Potential {
  const precision = 1 / (sigma * sigma);
  const heights = tf.sub(logWeights, tf.mul(precision / 2, tf.sum(tf.square(nodes), 1)));
  const across = tf.transpose(nodes);
  /** log of each node's term, without the part that all share. */
  const terms = (y: tf.Tensor2D): tf.Tensor2D => tf.add(tf.mul(precision, tf.matMul(y, across)), heights);
  return {
    energy: (y) =>
      tf.sub(tf.add(tf.mul(precision / 2, tf.sum(tf.square(y), 1)), Math.log(2 * Math.PI * sigma * sigma)), logSumExpRows(terms(y))),
    force: (y) => tf.mul(precision, tf.sub(tf.matMul(tf.softmax(terms(y)), nodes), y)),
  };
}

/** u_λ = (1 − λ) · ½‖y‖² + λ · u: from the noise's own energy, at λ = 0, to that of the data, at λ = 1. */
export function between(target: Potential, share: number): Potential {
  if (share === 1) return target;
  return {
    energy: (y) => tf.add(tf.mul((1 - share) / 2, tf.sum(tf.square(y), 1)), tf.mul(share, target.energy(y))),
    force: (y) => tf.sub(tf.mul(share, target.force(y)), tf.mul(1 - share, y)),
  };
}
