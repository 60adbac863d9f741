import { leaves, tidy } from '../../../src/ops/tree.ts';
import * as tf from '../../../src/tf.ts';
import { type BenchSize, type BenchStep, benchInputs, benchLearningRate, benchTemperature } from '../../../src/train/bench.ts';

/** NT-Xent as one writes it down: cosines, the diagonal masked, cross-entropy with each view's partner by logSumExp. */
function ntXent(z: tf.Tensor2D): tf.Scalar {
  const n = z.shape[0] / 2;
  const unit = tf.div(z, tf.norm(z, 2, 1, true)) as tf.Tensor2D;
  const [a, b] = tf.split(unit, 2) as [tf.Tensor2D, tf.Tensor2D];
  const similarity = tf.div(tf.matMul(unit, unit, false, true), benchTemperature) as tf.Tensor2D;
  const masked = tf.sub(similarity, tf.mul(tf.eye(2 * n), 1e9)) as tf.Tensor2D;
  const positive = tf.div(tf.sum(tf.mul(a, b), 1), benchTemperature);
  return tf.mean(tf.sub(tf.logSumExp(masked, 1), tf.concat([positive, positive]))) as tf.Scalar;
}

/** The bench step as a user of tfjs writes it: the same weights and images, `tf.conv2d`, `tf.matMul`, `tf.train.adam`. */
export function createStockStep(size: BenchSize, seed = 0): BenchStep {
  const { views, params } = tidy(() => benchInputs(size, seed));
  const { convolutions, projector } = params;
  const filters = convolutions.map(({ w, b }) => ({ w: tf.variable(w), b: tf.variable(b) }));
  const layers = projector.map(({ w, b }) => ({ w: tf.variable(w), b: tf.variable(b) }));
  tf.dispose(leaves(params));
  const optimizer = tf.train.adam(benchLearningRate, 0.9, 0.999, 1e-8);

  const loss = () => {
    const maps = filters.reduce(
      (h, { w, b }, i) => tf.relu(tf.add(tf.conv2d(h, w as tf.Tensor4D, i === 0 ? 1 : 2, 'same'), b)) as tf.Tensor4D,
      views,
    );
    const [hidden, out] = layers as [(typeof layers)[0], (typeof layers)[0]];
    const h = tf.relu(tf.add(tf.matMul(tf.mean(maps, [1, 2]), hidden.w), hidden.b));
    return ntXent(tf.add(tf.matMul(h, out.w), out.b) as tf.Tensor2D);
  };
  return {
    step: () => optimizer.minimize(loss, true) as tf.Scalar,
    dispose: () => {
      optimizer.dispose();
      tf.dispose([views, ...[...filters, ...layers].flatMap(({ w, b }) => [w, b])]);
    },
  };
}
