import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { naiveFilterGradient, registerNaiveKernels } from '../../scripts/bench/stock/kernels.ts';
import { createStockStep } from '../../scripts/bench/stock/step.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { type BenchStep, benchFlops, benchSize, createBenchStep } from '../../src/train/bench.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

const tiny = { batch: 3, side: 9, widths: [4, 6, 8] };

async function losses(step: BenchStep, count: number): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const loss = step.step();
    values.push((await loss.data())[0]!);
    loss.dispose();
  }
  return values;
}

/** Losses of both versions and what each leaves behind: stock on tfjs's own wasm kernels, before ours are registered. */
let stock: { losses: number[]; left: number };
let ours: { losses: number[]; left: number };
beforeAll(async () => {
  const run = async (create: () => BenchStep) => {
    const before = tf.memory().numTensors;
    const step = create();
    const values = await losses(step, 3);
    step.dispose();
    return { losses: values, left: tf.memory().numTensors - before };
  };
  const wasm = await tf.loaders.wasm();
  wasm.setWasmPaths(fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)));
  registerNaiveKernels();
  await tf.setBackend('wasm');
  stock = await run(() => createStockStep(tiny, 7));
  await loadBackends();
  ours = await run(() => createBenchStep(tiny, 7));
});

test('the bench step learns the same as the one written plainly on stock tfjs', () => {
  expectClose(ours.losses, stock.losses, { rtol: 1e-5 });
  expect(ours.losses[2]).toBeLessThan(ours.losses[0]!);
});

test('neither leaves tensors behind, and ours holds as much after ten steps as after two', async () => {
  expect([ours.left, stock.left]).toEqual([0, 0]);
  const step = createBenchStep(tiny);
  await losses(step, 2);
  const { numTensors, numBytes } = tf.memory();
  await losses(step, 8);
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  step.dispose();
});

test('the work of a step, counted by hand', () => {
  // Multiply-adds of one view: outputs × taps × channels in × channels out.
  const [first, second, third] = [32 * 32 * 9 * 3 * 32, 16 * 16 * 9 * 32 * 64, 8 * 8 * 9 * 64 * 128];
  const projector = 128 * 128 + 128 * 64;
  const similarity = 256 * 64;
  expect(benchFlops(benchSize)).toBe(2 * 256 * (2 * first + 3 * (second + third + projector + similarity)));
  expect(benchFlops(benchSize) / 1e9).toBeCloseTo(15.46, 2);
});

describe('the naive filter gradient', () => {
  test.each([
    { x: [2, 5, 6, 3], k: 3, out: 4, strides: 1, pad: 'same' },
    { x: [2, 6, 6, 3], k: 3, out: 4, strides: 2, pad: 'same' },
    { x: [1, 7, 5, 2], k: 3, out: 1, strides: 2, pad: 'same' },
    { x: [2, 8, 8, 2], k: 4, out: 3, strides: 2, pad: 'same' },
    { x: [2, 8, 7, 2], k: 3, out: 3, strides: 2, pad: 'valid' },
  ] as const)('equals that of the cpu backend: %o', async ({ x: shape, k, out, strides, pad }) => {
    await tf.setBackend('cpu');
    const filterShape: [number, number, number, number] = [k, k, shape[3], out];
    const gradients = tf.tidy(() => {
      const x = rng(1).normals<tf.Rank.R4>([...shape]);
      const dy = rng(2).normals<tf.Rank.R4>(tf.backend_util.computeConv2DInfo([...shape], filterShape, strides, 1, pad).outShape);
      const attrs = { strides, pad, dataFormat: 'NHWC', filterShape };
      return [tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attrs) as tf.Tensor4D, naiveFilterGradient(x, dy, attrs)];
    });
    const [expected, naive] = await Promise.all(gradients.map((t) => t.data()));
    expectClose(naive!, expected!, { rtol: 1e-4, atol: 1e-5 });
    tf.dispose(gradients);
  });
});
