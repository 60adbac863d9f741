import * as tf from '../../tf.ts';

/** What the kernels use of tfjs's wasm backend, version 4.22 (other versions: run tests/ops again). */
export type Wasm = {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(t: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
  getMemoryOffset(dataId: object): number;
  incRef(dataId: object): void;
  readonly wasm: { readonly asm: { readonly memory?: WebAssembly.Memory }; _malloc(bytes: number): number; _free(at: number): void };
};

/**
 * A wasm kernel. Its inputs are the caller's tensors, so tf ops apply to them directly; wrapping them again would
 * free the caller's data. Nothing is taped inside a kernel.
 */
export type Kernel<Attrs> = (call: { inputs: Record<string, tf.Tensor>; attrs: Attrs; backend: Wasm }) => tf.TensorInfo | tf.TensorInfo[];

/** An uninitialized float32 tensor. */
export const empty = (backend: Wasm, shape: readonly number[]): tf.Tensor =>
  tf.engine().makeTensorFromTensorInfo(backend.makeOutput(shape, 'float32'));

/** A tensor's values on the heap, to read and write. Any allocation may move the heap: take the view after the last one. */
export const floats = (backend: Wasm, t: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(t) as Float32Array;

/** A tensor of another shape over the same data. */
export function alias(backend: Wasm, t: tf.TensorInfo, shape: readonly number[] = t.shape): tf.TensorInfo {
  backend.incRef(t.dataId as object);
  return { dataId: t.dataId, shape: [...shape], dtype: t.dtype };
}
