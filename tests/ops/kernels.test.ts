import { beforeAll, describe, expect, test } from 'vitest';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { loadBackends, sameOnWasm, valuesOn } from './backends.ts';

beforeAll(loadBackends);

/** Random shapes are in properties.test.ts; here is what they don't reach. */
const same = (f: () => tf.Tensor | tf.Tensor[], atol = 2e-5) => sameOnWasm(f, { rtol: 2e-5, atol });

const normal = (seed: number, ...shape: number[]) => rng(seed).normals(shape);

describe('matrix products', () => {
  test('a tall product, in blocks and in one', () =>
    same(() => {
      const tall = (rows: number) => tf.matMul(normal(1, rows, 5), normal(2, rows, 7), true);
      return [tall(4096), tall(6272), tall(5003)];
    }, 1e-2));

  for (const activation of ['relu6', 'elu', 'sigmoid'] as const)
    test.each([
      [[33, 50], [50, 21], false, false],
      [[50, 33], [21, 50], true, true],
      [[3, 33, 50], [3, 50, 21], false, false],
    ])(`fused with bias and ${activation}: %j × %j`, (a, b, transposeA, transposeB) =>
      same(
        () => tf.fused.matMul({ a: normal(1, ...a), b: normal(2, ...b), transposeA, transposeB, bias: normal(3, 21), activation }),
        1e-4,
      ),
    );
});

test('gather refuses an index out of range', async () => {
  await tf.setBackend('wasm');
  const run = () => tf.tidy(() => tf.gather(normal(1, 4, 5), tf.tensor1d([1, 4], 'int32')));
  expect(run).toThrow('index 4 at 1, expected 0 to 3');
});

describe('reductions', () => {
  test.each([
    [
      [61, 7, 67, 3],
      [1, 2],
    ],
    [
      [32, 14, 14, 8],
      [0, 1, 2],
    ],
    [
      [300, 40],
      [0, 1],
    ],
    [[1, 9000], [0]],
  ])('sum and mean of %j over %j', (shape, axes) =>
    same(() => {
      const x = normal(1, ...shape);
      return [tf.sum(x, axes), tf.mean(x, axes)];
    }, 2e-3),
  );

  test('many channels do not overwrite the heap', () =>
    same(() => {
      const sums = [1000, 1025, 20_000].map((channels) => tf.sum(tf.fill([49, channels], 0.5), 0));
      return [...sums, tf.sum(tf.ones([64, 1024, 3]), 1)];
    }));

  test('whole numbers stay whole', () => same(() => tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0)));
});

test('the tape keeps values that a copy of the input does not', async () => {
  const [copy] = await valuesOn('wasm', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const copy = tf.clone(x);
    x.dispose();
    return copy;
  });
  expect(copy).toEqual([1, 2, 3]);
});

test('a tensor of images is transformed', () =>
  same(() => tf.image.transform(normal(1, 1, 6, 6, 2) as tf.Tensor4D, tf.tensor2d([[0.9, -0.2, 0.5, 0.1, 1.1, -0.3, 0, 0]]), 'bilinear')));
