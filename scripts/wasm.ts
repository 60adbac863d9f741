/** tfjs on wasm in Node. */
import { join } from 'node:path';
import { registerWasmKernels } from '../src/ops/kernels/wasm.ts';
import * as tf from '../src/tf.ts';
export async function useWasm(): Promise<void> {
  const w = await tf.loaders.wasm();
  w.setWasmPaths(join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
  registerWasmKernels();
  await tf.setBackend('wasm');
  await tf.ready();
}
