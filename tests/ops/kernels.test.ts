import { beforeAll, describe, expect, test } from 'vitest';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from './backends.ts';

beforeAll(loadBackends);

/** The same on wasm as on tfjs's plain cpu backend. */
async function same(f: () => tf.Tensor | tf.Tensor[], atol = 2e-5): Promise<void> {
  const expected = await valuesOn('cpu', f);
  const actual = await valuesOn('wasm', f);
  expect(actual.length).toBe(expected.length);
  for (const [i, values] of actual.entries()) expectClose(values, expected[i]!, { rtol: 2e-5, atol });
}

const normal = (seed: number, ...shape: number[]) => rng(seed).normals(shape);

describe('convolution gradients', () => {
  const cases: [number, number, number, number, number, number, number, 'same' | 'valid'][] = [];
  for (const stride of [1, 2, 3])
    for (const k of [1, 2, 3, 4, 5])
      for (const pad of ['same', 'valid'] as const) {
        cases.push([7, 6, 3, 4, k, k, stride, pad]);
        cases.push([6, 7, 9, 1, k, k, stride, pad]);
        cases.push([8, 5, 20, 3, k, Math.max(1, k - 1), stride, pad]);
      }
  test.each(cases)('%i×%i, %i → %i channels, filter %i×%i, stride %i, %s', async (h, w, ci, co, kh, kw, stride, pad) => {
    const run = () => {
      const x = normal(1, 2, h, w, ci) as tf.Tensor4D;
      const filter = normal(2, kh, kw, ci, co) as tf.Tensor4D;
      const y = tf.conv2d(x, filter, stride, pad);
      const dy = normal(3, ...y.shape) as tf.Tensor4D;
      return tf.grads((x, f) => tf.sum(tf.mul(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, stride, pad), dy)))([x, filter]);
    };
    await same(run, 1e-4);
  });

  test('explicit padding', () =>
    same(() => {
      const pad: tf.backend_util.ExplicitPadding = [
        [0, 0],
        [2, 1],
        [0, 2],
        [0, 0],
      ];
      const f = (x: tf.Tensor, w: tf.Tensor) => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, pad)));
      return tf.grads(f)([normal(1, 2, 5, 6, 3), normal(2, 3, 3, 3, 4)]);
    }, 1e-3));

  test.each([1, 2, 3])('transposed convolution and its gradients, stride %i', (stride) =>
    same(() => {
      const [side, pad] = [4 * stride, 'same'] as const;
      const z = normal(1, 2, 4, 4, 5) as tf.Tensor4D;
      const w = normal(2, 4, 4, 3, 5) as tf.Tensor4D;
      const up = (z: tf.Tensor, w: tf.Tensor) => tf.conv2dTranspose(z as tf.Tensor4D, w as tf.Tensor4D, [2, side, side, 3], stride, pad);
      return [up(z, w), ...tf.grads((z, w) => tf.sum(tf.square(up(z, w))))([z, w])];
    }, 5e-3),
  );
});

describe('matrix products', () => {
  const shapes: [number[], number[], boolean, boolean][] = [];
  for (const [ta, tb] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const)
    for (const [a, b] of [
      [[], []],
      [[3], [3]],
      [[3], [1]],
      [[1], [4]],
      [
        [2, 3],
        [2, 3],
      ],
    ] as const)
      for (const [m, k, n] of [
        [33, 50, 21],
        [3, 4, 5],
        [1, 70, 90],
      ] as const)
        shapes.push([[...a, ...(ta ? [k, m] : [m, k])], [...b, ...(tb ? [n, k] : [k, n])], ta, tb]);
  test.each(shapes)('%j × %j, transposed %s %s', (a, b, ta, tb) => same(() => tf.matMul(normal(1, ...a), normal(2, ...b), ta, tb), 1e-4));

  test('a tall product, in blocks and in one', () =>
    same(() => {
      const tall = (rows: number) => tf.matMul(normal(1, rows, 5), normal(2, rows, 7), true);
      return [tall(4096), tall(6272), tall(5003)];
    }, 1e-2));

  test('a reshaped alias of an earlier right-hand side', () =>
    same(() => {
      const b = normal(2, 40, 60);
      return [tf.matMul(normal(1, 30, 40), b), tf.matMul(normal(3, 30, 60), tf.reshape(b, [60, 40]))];
    }, 1e-4));

  for (const activation of ['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const)
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

describe('copies', () => {
  test.each([
    [[3, 4, 5], 0],
    [[3, 4, 5], 1],
    [[3, 4, 5], -1],
    [[2, 3, 60], 2],
  ])('concatenation and split of %j along %i, with gradients', (shape, axis) =>
    same(() => {
      const wider = shape.map((d, i, all) => (i === (axis + all.length) % all.length ? d + 2 : d));
      const join = (...xs: tf.Tensor[]) => tf.concat(xs, axis);
      const [a, b] = [normal(1, ...shape), normal(2, ...wider)];
      const both = join(a, b);
      const n = shape.at(axis)!;
      return [both, ...tf.split(both, [n, 2, n], axis), ...tf.grads((a, b) => tf.sum(tf.square(join(a!, b!))))([a, b])];
    }),
  );

  test('gather along each axis, with several dimensions of indices', () =>
    same(() => {
      const x = normal(1, 4, 5, 60);
      const index = tf.tensor2d([3, 0, 2, 2, 1, 3], [2, 3], 'int32');
      return [0, 1, 2].map((axis) => tf.gather(x, index, axis));
    }));

  test('gather refuses an index out of range', async () => {
    await tf.setBackend('wasm');
    const run = () => tf.tidy(() => tf.gather(normal(1, 4, 5), tf.tensor1d([1, 4], 'int32')));
    expect(run).toThrow('index 4 at 1, expected 0 to 3');
  });
});

describe('reductions', () => {
  const cases: [number[], number[]][] = [
    [[7], [0]],
    [[5, 6, 7], [0]],
    [[5, 6, 7], [1]],
    [[5, 6, 7], [2]],
    [
      [5, 6, 7],
      [0, 2],
    ],
    [
      [64, 8, 8, 16],
      [0, 1, 2],
    ],
    [
      [61, 7, 67, 3],
      [1, 2],
    ],
    [
      [32, 14, 14, 8],
      [1, 2],
    ],
    [
      [300, 40],
      [0, 1],
    ],
    [[1, 9000], [0]],
  ];
  test.each(cases)('sum and mean of %j over %j', (shape, axes) =>
    same(() => {
      const x = normal(1, ...shape);
      return [
        tf.sum(x, axes),
        tf.sum(x, axes, true),
        tf.mean(x, axes),
        tf.mean(x, axes, true),
        ...tf.grads((x) => tf.sum(tf.square(tf.mean(x!, axes))))([x]),
      ];
    }, 2e-3),
  );

  test('a million times 0.1 is 100,000', async () => {
    const [ones, columns] = await valuesOn('wasm', () => [tf.sum(tf.fill([1e6], 0.1)), tf.sum(tf.fill([500_000, 2], 0.1), 0)]);
    expectClose(ones!, [100_000], { rtol: 1e-6 });
    expectClose(columns!, [50_000, 50_000], { rtol: 1e-6 });
  });

  test('many channels do not overwrite the heap', () =>
    same(() => {
      const sums = [1000, 1025, 20_000].map((channels) => tf.sum(tf.fill([49, channels], 0.5), 0));
      return [...sums, tf.sum(tf.ones([64, 1024, 3]), 1)];
    }));

  test('whole numbers stay whole', () => same(() => tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0)));

  test.each(['same', 'valid'] as const)('max pooling of negatives, %s', (pad) =>
    same(() => {
      const x = tf.sub(normal(1, 2, 7, 6, 3), 9);
      return tf.grads((x) => tf.sum(tf.mul(tf.maxPool(x as tf.Tensor4D, 3, 2, pad), 3)))([x]);
    }),
  );

  test('the gradient of gather', () =>
    same(() => {
      const index = tf.tensor1d([3, 0, 3, 1], 'int32');
      return [0, 1].map((axis) => tf.grad((x) => tf.sum(tf.square(tf.gather(x, index, axis))))(normal(1, 5, 6)));
    }));
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
