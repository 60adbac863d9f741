import * as tf from '../../tf.ts';
import { convolution, filterGradient, inputGradient } from './conv.ts';
import { concat, gather, split } from './copy.ts';
import { avgPoolGradient, depthwiseFilterGradient, depthwiseInputGradient } from './depthwise.ts';
import { alias, type Kernel } from './heap.ts';
import { batchMatMul, fusedMatMul } from './matmul.ts';
import { maxPoolGradient, mean, segmentSum, sum } from './reduce.ts';

const kernels: Record<string, (stock: Kernel<never>) => unknown> = {
  Conv2D: convolution as (stock: Kernel<never>) => unknown,
  FusedConv2D: convolution as (stock: Kernel<never>) => unknown,
  Conv2DBackpropFilter: () => filterGradient,
  Conv2DBackpropInput: () => inputGradient,
  BatchMatMul: batchMatMul as (stock: Kernel<never>) => unknown,
  _FusedMatMul: () => fusedMatMul,
  DepthwiseConv2dNativeBackpropFilter: () => depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: () => depthwiseInputGradient,
  AvgPoolGrad: () => avgPoolGradient,
  MaxPoolGrad: () => maxPoolGradient,
  UnsortedSegmentSum: () => segmentSum,
  Sum: sum as (stock: Kernel<never>) => unknown,
  Mean: mean as (stock: Kernel<never>) => unknown,
  GatherV2: gather as (stock: Kernel<never>) => unknown,
  Concat: concat as (stock: Kernel<never>) => unknown,
  SplitV: split as (stock: Kernel<never>) => unknown,
  // The tape clones every tensor that it saves: share the data instead of copying it.
  Identity: (): Kernel<unknown> => (call) => alias(call.backend, call.inputs.x!),
};

let registered = false;

/**
 * Replaces, through tfjs's kernel registry, the wasm kernels that are missing, wrong or slow, so that a
 * convolutional net trains on that backend. Call it once `loaders.wasm()` has resolved; calling it again changes nothing.
 * Throws if the wasm backend's own kernels are not loaded.
 */
export function registerWasmKernels(): void {
  if (registered) return;
  if (!tf.getKernel('Conv2D', 'wasm')) throw new Error('registerWasmKernels() came before the wasm backend: await loaders.wasm() first.');
  for (const [kernelName, make] of Object.entries(kernels)) {
    const stock = tf.getKernel(kernelName, 'wasm') as tf.KernelConfig | undefined;
    if (stock) tf.unregisterKernel(kernelName, 'wasm');
    const kernelFunc = make(stock?.kernelFunc as unknown as Kernel<never>) as tf.KernelFunc;
    // The stock set-up stays: it wraps the C functions that the stock kernel still calls.
    tf.registerKernel({ ...stock, kernelName, backendName: 'wasm', kernelFunc });
  }
  registered = true;
}
