import * as tf from '../../tf.ts';

type Call = {
  readonly inputs: { readonly a: tf.Tensor; readonly b: tf.Tensor };
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly backend: unknown;
};

/** From this inner size on, tfjs may split the sum of one product among workgroups. */
const splits = 2000;

let registered = false;

/**
 * Replaces WebGPU's BatchMatMul where it is wrong: A·Bᵀ with a long inner dimension. The program that tfjs then takes reads four
 * values at once, which Bᵀ does not allow (its other programs check that; this one does not), and gives garbage on every device.
 * Here B is transposed first. Call it once `loaders.webgpu()` has resolved; calling it again changes nothing.
 */
export function registerWebGPUKernels(): void {
  if (registered) return;
  const stock = tf.getKernel('BatchMatMul', 'webgpu') as tf.KernelConfig | undefined;
  if (!stock) throw new Error('registerWebGPUKernels() came before the WebGPU backend: await loaders.webgpu() first.');
  const run = stock.kernelFunc as unknown as (call: Call) => tf.TensorInfo;
  const batchMatMul = (call: Call): tf.TensorInfo => {
    const { a, b } = call.inputs;
    const rank = b.rank;
    if (!call.attrs.transposeB || b.shape[rank - 1]! < splits) return run(call);
    const axes = b.shape.map((_, i) => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2));
    const transposed = tf.transpose(b, axes);
    const out = run({ ...call, inputs: { a, b: transposed }, attrs: { ...call.attrs, transposeB: false } });
    transposed.dispose();
    return out;
  };
  tf.unregisterKernel('BatchMatMul', 'webgpu');
  tf.registerKernel({ ...stock, kernelFunc: batchMatMul as unknown as tf.KernelFunc });
  registered = true;
}
