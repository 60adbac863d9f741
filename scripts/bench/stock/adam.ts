/** Stands in for src/ops/adam.ts in the stock bundle: `tf.train.adam`, with the same decoupled weight decay before it. */
import type * as ours from '../../../src/ops/adam.ts';
import * as tf from '../../../src/tf.ts';

export const adam: typeof ours.adam = ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}) => {
  let optimizer: tf.AdamOptimizer;
  let variables: tf.Variable[] = [];
  return {
    // tfjs's optimizer keeps variables and moments itself, those of one run: a new run ends the one before.
    init: (params) => {
      optimizer?.dispose();
      tf.dispose(variables);
      optimizer = tf.train.adam(1, beta1, beta2, epsilon);
      variables = params.map((p) => tf.variable(p));
      return { t: 0, m: tf.zeros([0]), v: tf.zeros([0]) };
    },
    update: (params, grads, moments, lr, weightDecay) => {
      (optimizer as unknown as { learningRate: number }).learningRate = lr;
      for (const [i, p] of params.entries()) variables[i]!.assign(weightDecay && p.rank >= 2 ? tf.mul(p, 1 - lr * weightDecay) : p);
      optimizer.applyGradients(variables.map(({ name }, i) => ({ name, tensor: grads[i]! })));
      // A reshape shares the variable's data, where a clone would copy it.
      return { params: variables.map((v) => tf.reshape(v, v.shape)), moments: { ...moments, t: moments.t + 1 } };
    },
    reset: (_, moments) => moments,
  };
};
