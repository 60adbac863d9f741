import { fileURLToPath } from 'node:url';
import { prepareBackend } from '../../src/ops/backend.ts';
import * as tf from '../../src/tf.ts';

/** Loads cpu and wasm with our kernels, and makes wasm the backend. */
export async function loadBackends(): Promise<void> {
  await tf.loaders.cpu();
  await prepareBackend('wasm', {
    paths: fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)),
  });
}

/** The values that `f` computes on a backend; its inputs are made there too. Fails if it leaves tensors behind. */
export async function valuesOn(backend: 'cpu' | 'wasm', f: () => tf.Tensor | tf.Tensor[]): Promise<number[][]> {
  await tf.setBackend(backend);
  const count = () => tf.memory().numTensors + tf.backend().numDataIds();
  const before = count();
  const out = [tf.tidy(f)].flat();
  const values = await Promise.all(out.map(async (t) => Array.from(await t.data())));
  tf.dispose(out);
  if (count() !== before) throw new Error(`${count() - before} tensors or buffers were left on ${backend}`);
  return values;
}
