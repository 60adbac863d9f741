import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { prepareBackend } from '../../src/ops/backend.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';

/** The folder of tfjs's wasm modules. */
export const wasmFiles = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url));

/** Loads cpu and wasm with our kernels, and makes wasm the backend. */
export async function loadBackends(): Promise<void> {
  await tf.loaders.cpu();
  await prepareBackend('wasm', { paths: wasmFiles });
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

/** `f` gives the same on wasm as on tfjs's plain cpu backend. */
export async function sameOnWasm(f: () => tf.Tensor | tf.Tensor[], tolerance: { rtol: number; atol: number }): Promise<void> {
  const expected = await valuesOn('cpu', f);
  const actual = await valuesOn('wasm', f);
  expect(actual.length).toBe(expected.length);
  for (const [i, values] of actual.entries()) expectClose(values, expected[i]!, tolerance);
}
