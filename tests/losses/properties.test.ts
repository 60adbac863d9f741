import { beforeAll, describe, expect, test } from 'vitest';
import { binaryCrossEntropy, crossEntropy } from '../../src/losses/classification.ts';
import { ntXent } from '../../src/losses/contrastive.ts';
import { bitsPerDim, standardNormalLogProb } from '../../src/losses/likelihood.ts';
import { regression } from '../../src/losses/self-distillation.ts';
import { bernoulliNll, discretizedLogisticNll, gaussianKl } from '../../src/losses/variational.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

const normals = (seed: number, shape: [number, number]) => rng(seed).normals<tf.Rank.R2>(shape);
const onWasm = async (f: () => tf.Tensor | tf.Tensor[]) => (await valuesOn('wasm', f)).flat();

describe('values to check in the head', () => {
  test('ntXent is log(2N − 1) when all embeddings coincide, whatever the temperature', async () => {
    const same = () => tf.tile(normals(1, [1, 5]), [6, 1]);
    expectClose(await onWasm(() => [0.05, 0.5, 2].map((t) => ntXent(same(), same(), t))), Array(3).fill(Math.log(11)));
  });
  test('ntXent of orthogonal pairs: log(e^{1/τ} + 2N − 2) − 1/τ', async () => {
    const [n, temperature] = [4, 0.5];
    const expected = Math.log(Math.exp(1 / temperature) + 2 * n - 2) - 1 / temperature;
    expectClose(await onWasm(() => ntXent(tf.eye(n), tf.mul(3, tf.eye(n)), temperature)), [expected]);
  });
  test('regression is 0 when both point the same way, 4 when opposite, 2 at right angles', async () => {
    const x = () => normals(2, [5, 4]);
    const right = () => tf.tensor2d([[1, 0]]);
    const found = await onWasm(() => [
      regression(x(), tf.mul(7, x())),
      regression(x(), tf.mul(-0.1, x())),
      regression(right(), tf.tensor2d([[0, 2]])),
    ]);
    expectClose(found, [0, 4, 2], { rtol: 1e-6, atol: 1e-6 });
  });
  test('binaryCrossEntropy is log 2 / 2^γ where nothing is told, 0 where all is right, and the logit where all is wrong', async () => {
    const labels = () => tf.tensor1d([1, 0, 1]);
    const logits = (size: number) => tf.tensor1d([size, -size, size]);
    const found = await onWasm(() => [
      ...[0, 0.5, 2].map((focus) => binaryCrossEntropy(tf.zeros([3]), labels(), focus)),
      ...[0, 2].flatMap((focus) => [200, -200].map((size) => binaryCrossEntropy(logits(size), labels(), focus))),
    ]);
    expectClose(found, [Math.log(2), Math.log(2) / Math.SQRT2, Math.log(2) / 4, 0, 200, 0, 200], { rtol: 1e-5, atol: 1e-6 });
  });
  test('binaryCrossEntropy is the same when logits and labels both turn round', async () => {
    const logits = () => tf.reshape(normals(9, [1, 6]), [6]) as tf.Tensor1D;
    const labels = () => tf.tensor1d([1, 0, 0, 1, 1, 0]);
    const [one, other] = await onWasm(() => [
      binaryCrossEntropy(logits(), labels(), 2),
      binaryCrossEntropy(tf.neg(logits()), tf.sub(1, labels()), 2),
    ]);
    expectClose(one!, other!, { rtol: 1e-6 });
  });
  test('crossEntropy is log K for equal logits', async () => {
    expectClose(await onWasm(() => crossEntropy(tf.fill([3, 7], 1e4), tf.tensor1d([0, 3, 6], 'int32'))), [Math.log(7)], { rtol: 1e-3 });
    expectClose(await onWasm(() => crossEntropy(tf.zeros([3, 7]), tf.tensor1d([0, 3, 6], 'int32'))), [Math.log(7)]);
  });
  test('bernoulliNll is D log 2 when all logits are 0, and 0 for sure and right ones', async () => {
    const x = () => tf.step(normals(3, [2, 12]));
    expectClose(await onWasm(() => bernoulliNll(tf.zeros([2, 12]), x())), [12 * Math.LN2, 12 * Math.LN2]);
    expectClose(await onWasm(() => bernoulliNll(tf.mul(200, tf.sub(x(), 0.5)), x())), [0, 0], { atol: 1e-6 });
  });
  test('gaussianKl is 0 of the prior itself, ½ at μ = 1', async () => {
    expectClose(await onWasm(() => gaussianKl(tf.tensor2d([[0, 1, -1]]), tf.zeros([1, 3]))), [0, 0.5, 0.5], { atol: 1e-7 });
  });
  test('standardNormalLogProb is −(D/2) log 2π at the origin', async () => {
    expectClose(await onWasm(() => standardNormalLogProb(tf.zeros([1, 6]))), [-3 * Math.log(2 * Math.PI)]);
  });
  test('bitsPerDim is 8 for uniform 256-level pixels', () => {
    expectClose(bitsPerDim(784 * Math.log(256), 784), 8, { rtol: 1e-12 });
  });
});

describe('what must not matter', () => {
  test('ntXent: the length of embeddings, which view comes first, the order of the pairs', async () => {
    const [a, b] = [() => normals(4, [6, 5]), () => normals(5, [6, 5])];
    const lengths = () => tf.exp(normals(6, [6, 1]));
    const [plain, ...others] = await onWasm(() => [
      ntXent(a(), b(), 0.2),
      ntXent(tf.mul<tf.Tensor2D>(a(), lengths()), tf.mul(b(), 9), 0.2),
      ntXent(b(), a(), 0.2),
      ntXent(tf.reverse(a(), 0), tf.reverse(b(), 0), 0.2),
    ]);
    expectClose(others, Array(3).fill(plain));
  });
  test('ntXent: it does matter which view is whose partner', async () => {
    const a = () => normals(4, [6, 5]);
    const b = (): tf.Tensor2D => tf.add(a(), tf.mul(0.2, normals(5, [6, 5])));
    const [matched, crossed] = await onWasm(() => [ntXent(a(), b(), 0.2), ntXent(a(), tf.reverse(b(), 0), 0.2)]);
    expect(matched!).toBeLessThan(crossed! - 1);
  });
  test('regression: the length of prediction and target, and which is which', async () => {
    const [p, z] = [() => normals(7, [5, 4]), () => normals(8, [5, 4])];
    const [plain, ...others] = await onWasm(() => [
      regression(p(), z()),
      regression(tf.mul(p(), 50), tf.mul(z(), 0.02)),
      regression(z(), p()),
    ]);
    expectClose(others, [plain!, plain!]);
  });
});

test('the discretized logistic sums to 1 over its 256 levels, wide, narrow and beyond the ends', async () => {
  const levels = () => tf.div(tf.range(0, 256), 255);
  const settings = [
    [0.5, -2],
    [0.1, -4],
    [0.7, -6],
    [0.999, -3],
    [-0.3, -2.5],
    [1.2, -3.5],
  ] as const;
  const totals = await onWasm(() =>
    settings.map(([mean, logScale]) => tf.sum(tf.exp(tf.neg(discretizedLogisticNll(tf.scalar(mean), tf.scalar(logScale), levels()))))),
  );
  expectClose(totals, Array(settings.length).fill(1), { rtol: 2e-5 });
});

/** Slope of f at x along a random unit direction: by the gradient, and by central difference at h = 1e-2. */
async function slopes(f: (x: tf.Tensor2D) => tf.Scalar, shape: [number, number], seed: number) {
  const h = 1e-2;
  const [along, ahead, behind] = await onWasm(() => {
    const x = normals(seed, shape);
    const raw = normals(seed + 1000, shape);
    const direction = tf.div(raw, tf.norm(raw)) as tf.Tensor2D;
    const gradient = tf.grad((t) => f(t as tf.Tensor2D))(x);
    const at = (step: number) => f(tf.add(x, tf.mul(direction, step)));
    return [tf.sum(tf.mul(gradient, direction)), at(h), at(-h)];
  });
  return { along: along!, difference: (ahead! - behind!) / (2 * h) };
}

test.each([1, 2, 3])(
  'the slope of v2’s loss (DeepCluster: cosine to a centroid over τ) is its difference quotient, direction %i',
  async (seed) => {
    const loss = (x: tf.Tensor2D) => {
      const unit = tf.div(x, tf.norm(x, 2, 1, true)) as tf.Tensor2D;
      return crossEntropy(
        tf.div(tf.matMul(unit, normals(99, [3, 5]), false, true), 0.3) as tf.Tensor2D,
        tf.tensor1d([0, 2, 1, 1], 'int32'),
      );
    };
    const { along, difference } = await slopes(loss, [4, 5], seed);
    expect(Math.abs(along)).toBeGreaterThan(1e-2);
    expectClose(along, difference, { rtol: 1e-3, atol: 1e-4 });
  },
);
