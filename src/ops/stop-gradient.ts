import * as tf from '../tf.ts';

/**
 * The same values, seen as a constant: no gradient flows back through the result. It is a new tensor over the
 * same data that the tape never saw, so the backward pass skips what led to x instead of carrying zeros through it.
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  tf.backend().incRef(x.dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}
