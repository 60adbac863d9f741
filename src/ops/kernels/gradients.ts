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

type Pool = { readonly filterSize: number; readonly strides: number; readonly pad: 'same' | 'valid' };

/**
 * Average pooling: tfjs divides each gradient by the size of the whole window, also where a window at a border averaged only the pixels
 * that lie inside. Its kernels do so on every backend, hence dy is scaled first.
 */
const averagePooling: tf.GradConfig = {
  kernelName: 'AvgPool',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [x] = saved as [tf.Tensor4D];
    const { filterSize, strides, pad } = attrs as Pool;
    const info = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad);
    const { outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, inHeight, inWidth, padInfo } = info;
    /** Along one axis: taps of a window ÷ those inside. */
    const excess = (outputs: number, taps: number, step: number, before: number, size: number) =>
      Array.from({ length: outputs }, (_, i) => taps / (Math.min(i * step - before + taps, size) - Math.max(i * step - before, 0)));
    const rows = excess(outHeight, filterHeight, strideHeight, padInfo.top, inHeight);
    const columns = excess(outWidth, filterWidth, strideWidth, padInfo.left, inWidth);
    const scales = rows.flatMap((r) => columns.map((c) => r * c));
    const scaled = () =>
      scales.every((s) => s === 1) ? (dy as tf.Tensor) : tf.mul(dy as tf.Tensor, tf.tensor4d(scales, [1, outHeight, outWidth, 1]));
    return { x: () => tf.engine().runKernel('AvgPoolGrad', { dy: scaled(), input: x }, { filterSize, strides, pad }) as tf.Tensor };
  },
};

/**
 * Replaces gradients that tfjs 4.22 has wrong on every backend: maximum, minimum and squaredDifference throw where they broadcast;
 * average pooling's is too small at padded borders; cumsum's is transposed off the last axis, and its `reverse` wrong on WebGPU after
 * another length.
 * Calling it again changes nothing.
 */
export function registerGradientRepairs(): void {
  const repairs: tf.GradConfig[] = [
    extreme('Maximum', tf.greaterEqual),
    extreme('Minimum', tf.lessEqual),
    averagePooling,
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
