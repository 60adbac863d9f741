import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '../../src/tf.ts';

/** Makes stock wasm the backend of this test file. */
export async function useWasm(): Promise<void> {
  const { setWasmPaths } = await tf.loaders.wasm();
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'))}/`);
  await tf.setBackend('wasm');
}
