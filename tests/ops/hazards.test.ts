/**
 * What bites in tfjs 4.22 and a method could meet. First on tfjs as it comes: each case is wrong there (once it is not, the repair can
 * go); then with ours, against closed forms. Where nothing is repaired, the ops themselves are forbidden in tests/architecture.test.ts:
 *
 * - no or wrong gradients: einsum, topk, scatter and gatherND, stridedSlice, prod, cumprod, diag, tile of many axes, depthToSpace, fft,
 *   linalg, every tf.image op but transform (which stays in src/data), mirrorPad, halfPixelCenters, comparisons and what is built on them (where,
 *   argMax, divNoNan), norm and sqrt (0/0 at 0), max and min (all of a tie gets the whole gradient): the ops are not used;
 * - wrong on one backend: NCHW (webgpu), image.transform's 'reflect' (wasm) and other output sizes (cpu): not used;
 * - slow on wasm: tanh, tile, stridedSlice, leakyRelu: not used (tests/ops/step-kernels.test.ts sees what a step runs on);
 * - dataSync and its like, tfjs's optimizers (whose epsilon differs by backend) and random numbers: not used;
 * - gather out of range gives 0 on GPUs: indices are permutations of the data's rows, and wasm and cpu throw in the tests;
 * - cumsum reversed on WebGPU, and its gradient: the gradient here calls it forwards only; A·Bᵀ there: src/ops/kernels/webgpu.ts;
 * - 0/0 = 1 on WebGL and XNNPACK failures that only warn: convolutions and products no longer run on XNNPACK; nothing else divides by zero.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn, wasmFiles } from './backends.ts';

const range = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));
/** Small whole numbers, exact in every sum. */
const wholes = (n: number, step: number) => range(n, (i) => ((i * step) % 7) - 3);

/** activation(a b + bias) for a [m, k] and b [k, n]. */
function product(a: number[], b: number[], m: number, n: number, bias = range(n, () => 0), relu = false): number[] {
  const k = a.length / m;
  return range(m * n, (i) => {
    const [r, c] = [Math.floor(i / n), i % n];
    const y = range(k, (j) => a[r * k + j]! * b[j * n + c]!).reduce((sum, v) => sum + v, bias[c]!);
    return relu ? Math.max(y, 0) : y;
  });
}

const [m, k, n] = [5, 100, 20];
const [a, b, bias] = [wholes(m * k, 3), wholes(k * n, 5), wholes(n, 2)];
const turned = (x: number[], columns: number) =>
  range(x.length, (i) => x[(i % (x.length / columns)) * columns + Math.floor(i / (x.length / columns))]!);
const fused = (a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false) =>
  tf.fused.matMul({ a, b, transposeA, transposeB, bias: tf.tensor1d(bias), activation: 'relu' });

type Case = readonly [hazard: string, f: () => tf.Tensor, expected: number[], rtol?: number];
const cases: readonly Case[] = [
  ['a sum of a million', () => tf.sum(tf.fill([1e6], 0.1)), [1e5], 1e-6],
  ['a mean of a million', () => tf.mean(tf.fill([1e6], 0.1)), [0.1], 1e-6],
  ['sums of columns', () => tf.sum(tf.fill([500_000, 2], 0.1), 0), [5e4, 5e4], 1e-6],
  [
    "max pool's gradient on negatives",
    () => tf.grad((x) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')))(tf.tensor4d([-3, -1, -2, -4], [1, 2, 2, 1])),
    [0, 1, 0, 0],
  ],
  [
    "average pool's gradient at a padded border",
    () => tf.grad((x) => tf.sum(tf.avgPool(x as tf.Tensor4D, 2, 2, 'same')))(tf.ones([1, 3, 3, 1])),
    [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1],
  ],
  [
    'fused.matMul with transposes',
    () => fused(tf.tensor2d(turned(a, k), [k, m]), tf.tensor2d(turned(b, n), [n, k]), true, true),
    product(a, b, m, n, bias, true),
  ],
  [
    'fused.matMul of a batch',
    () => fused(tf.tensor3d([...a, ...a], [2, m, k]), tf.tensor3d([...b, ...b], [2, k, n])),
    [...product(a, b, m, n, bias, true), ...product(a, b, m, n, bias, true)],
  ],
  [
    "a convolution's gradient by its filter",
    () => tf.grad((w) => tf.sum(tf.conv2d(tf.tensor4d([2, 3], [1, 1, 2, 1]), w as tf.Tensor4D, 1, 'valid')))(tf.ones([1, 1, 1, 1])),
    [5],
  ],
  [
    "a depthwise convolution's gradient by its filter",
    () =>
      tf.grad((w) => tf.sum(tf.depthwiseConv2d(tf.tensor4d([2, 3, 4, 5], [1, 1, 2, 2]), w as tf.Tensor4D, 1, 'valid')))(
        tf.ones([1, 1, 2, 1]),
      ),
    [6, 8],
  ],
  [
    "a depthwise convolution's gradient by its input",
    () =>
      tf.grad((x) => tf.sum(tf.depthwiseConv2d(x as tf.Tensor4D, tf.tensor4d([2, 3], [1, 1, 2, 1]), 1, 'valid')))(tf.ones([1, 1, 2, 2])),
    [2, 3, 2, 3],
  ],
  ["gather's gradient", () => tf.grad((x) => tf.sum(tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'))))(tf.ones([3])), [1, 0, 2]],
  [
    "cumsum's gradient off the last axis",
    () => tf.grad((x) => tf.sum(tf.mul(tf.cumsum(x, 0), tf.tensor2d([1, 2, 3, 4], [2, 2]))))(tf.ones([2, 2])),
    [4, 6, 3, 4],
  ],
  ["a broadcast maximum's gradient", () => tf.grad((b) => tf.sum(tf.maximum(tf.tensor2d([1, 5], [2, 1]), b)))(tf.tensor1d([2, 3])), [1, 1]],
  ["a broadcast minimum's gradient", () => tf.grad((b) => tf.sum(tf.minimum(tf.tensor2d([1, 5], [2, 1]), b)))(tf.tensor1d([2, 3])), [1, 1]],
  [
    "a broadcast squared difference's gradient",
    () => tf.grad((b) => tf.sum(tf.squaredDifference(tf.tensor2d([1, 5], [2, 1]), b)))(tf.tensor1d([2, 3])),
    [-4, 0],
  ],
  // Last: tfjs may bring its module down here.
  [
    'a reshaped alias of an earlier right-hand side of matMul',
    () => {
      const right = tf.tensor2d(b, [k, n]);
      tf.matMul(tf.tensor2d(a, [m, k]), right);
      return tf.matMul(tf.tensor2d(b, [k, n]), tf.reshape(right, [n, k]));
    },
    product(b, b, k, k),
  ],
];

const check = ([, f, expected, rtol = 0]: Case) => valuesOn('wasm', f).then(([values]) => expectClose(values!, expected, { rtol }));
const right = new Set<string>();

beforeAll(async () => {
  const { setWasmPaths } = await tf.loaders.wasm();
  setWasmPaths(wasmFiles);
  await tf.setBackend('wasm');
  // It does work otherwise.
  await check(['a product', () => tf.matMul(tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])), product(a, b, m, n)]);
  for (const c of cases) {
    await check(c).then(
      () => right.add(c[0]),
      () => {},
    );
  }
  // A fresh module for ours.
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
  await loadBackends();
});

describe('on wasm', () => {
  test.each(cases.map((c) => [c[0], c] as const))('%s', async (name, c) => {
    await check(c);
    expect(right.has(name), 'tfjs as it comes has this right').toBe(false);
  });
});
