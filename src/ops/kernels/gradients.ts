import * as tf from '../../tf.ts';

/** Sums `g` down to the shape that was broadcast. */
function unbroadcast(g: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, g.shape);
  return tf.reshape(axes.length ? tf.sum(g, axes) : g, shape);
}

/** Maximum or minimum; at a tie the first argument takes all. */
const extreme = (kernelName: string, first: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    const mask = () => tf.cast(first(a, b), 'float32');
    const g = dy as tf.Tensor;
    return {
      a: () => unbroadcast(tf.mul(g, mask()), a.shape),
      b: () => unbroadcast(tf.mul(g, tf.sub(1, mask())), b.shape),
    };
  },
});

/**
 * Replaces gradients that tfjs 4.22 has wrong on every backend: maximum, minimum and squaredDifference throw where
 * they broadcast; cumsum's is transposed off the last axis, and its `reverse` wrong on WebGPU after another length.
 * Calling it again changes nothing.
 */
export function registerGradientRepairs(): void {
  const repairs: tf.GradConfig[] = [
    extreme('Maximum', tf.greaterEqual),
    extreme('Minimum', tf.lessEqual),
    {
      kernelName: 'SquaredDifference',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, saved) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor];
        const slope = () => tf.mul(dy as tf.Tensor, tf.mul(2, tf.sub(a, b)));
        return { a: () => unbroadcast(slope(), a.shape), b: () => unbroadcast(tf.neg(slope()), b.shape) };
      },
    },
    {
      kernelName: 'Cumsum',
      gradFunc: (dy, _, attrs) => {
        const { axis, exclusive, reverse } = attrs as { axis: number; exclusive: boolean; reverse: boolean };
        const g = dy as tf.Tensor;
        const sums = (x: tf.Tensor) => tf.cumsum(x, axis, exclusive, false);
        return { x: () => (reverse ? sums(g) : tf.reverse(sums(tf.reverse(g, axis)), axis)) };
      },
    },
  ];
  for (const repair of repairs) {
    if (tf.getGradient(repair.kernelName)) tf.unregisterGradient(repair.kernelName);
    tf.registerGradient(repair);
  }
}
