import { beforeAll, describe, expect, it } from 'vitest';
import { fitLogistic, linearProbe } from '../../src/evaluate/linear-probe.ts';
import { choleskySolver } from '../../src/ops/linear-algebra.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/linear-probe.json';
import { useWasm } from './wasm.ts';

beforeAll(useWasm);

const { columns, classes, trainLabels, testLabels } = golden;
const features = (values: number[]) => ({ values: Float32Array.from(values), columns });

describe('linear probe', () => {
  it('reaches PyTorch’s optimum', async () => {
    const fit = await fitLogistic(features(golden.standardized), trainLabels, classes);
    expectClose(fit.loss, golden.loss, { rtol: 1e-5 });
    expectClose(fit.weights, golden.weights, { atol: 0.02 });
    expectClose(fit.bias, golden.bias, { atol: 0.005 });
  });

  it('standardizes by the training rows, drops the constant column, and scores the test rows', async () => {
    const accuracy = await linearProbe(features(golden.train), trainLabels, features(golden.test), testLabels, classes);
    expectClose(accuracy, golden.accuracy, { atol: 1e-9 });
    // Neither scale nor offset of a column matters.
    const moved = (values: number[]) => features(values.map((v, i) => v * (1 + (i % columns)) - 3 * (i % columns)));
    expectClose(await linearProbe(moved(golden.train), trainLabels, moved(golden.test), testLabels, classes), golden.accuracy, {
      atol: 1e-9,
    });
  });

  it('is decided by data, not by the rows of its preconditioner', async () => {
    const x = features(golden.standardized);
    const [a, b] = [await fitLogistic(x, trainLabels, classes, { seed: 1 }), await fitLogistic(x, trainLabels, classes, { seed: 2 })];
    expect(a).toEqual(await fitLogistic(x, trainLabels, classes, { seed: 1 }));
    expectClose(a.loss, b.loss, { rtol: 1e-5 });
  });

  it('needs few evaluations where columns are nearly dependent', async () => {
    // 60 columns that are smooth mixtures of 20 numbers, as neighbouring pixels are.
    const stream = rng(5);
    const n = 500;
    const labels = Array.from({ length: n }, () => stream.integer(4));
    const values = new Float32Array(n * 60);
    labels.forEach((y, i) => {
      const code = Array.from({ length: 20 }, (_, k) => stream.normal() + (k === y ? 1 : 0));
      for (let j = 0; j < 60; j++) values[i * 60 + j] = code.reduce((sum, v, k) => sum + v * Math.exp(-((j / 3 - k) ** 2) / 8), 0);
    });
    const { evaluations } = await fitLogistic({ values, columns: 60 }, labels, 4);
    expect(evaluations).toBeLessThan(60);
  });

  it('refuses labels that don’t fit', async () => {
    const x = features(golden.train);
    await expect(linearProbe(x, [0, 1], x, trainLabels, classes)).rejects.toThrow('2 and 150 labels for 150 × 7');
    await expect(linearProbe(x, trainLabels, x, trainLabels, 2)).rejects.toThrow('got the label 2, expected a whole number from 0 to 1');
  });

  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    await linearProbe(features(golden.train), trainLabels, features(golden.test), testLabels, classes);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('choleskySolver inverts a positive definite matrix and refuses another', async () => {
  // [[4, 2], [2, 3]]⁻¹ · [[2, 8], [5, 4]] = [[-0.5, 2], [2, 0]]
  const solve = await choleskySolver([4, 2, 2, 3], 2);
  expectClose(solve({ values: Float32Array.of(2, 8, 5, 4), columns: 2 }).values, [-0.5, 2, 2, 0], { atol: 1e-6 });
  await expect(choleskySolver([1, 2, 2, 1], 2)).rejects.toThrow('positive definite');
});
