import { beforeAll, expect, test } from 'vitest';
import { conv2d, dense } from '../../src/ops/fused.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from './backends.ts';

beforeAll(loadBackends);

const normal = (seed: number, ...shape: number[]) => rng(seed).normals(shape);

/** Slopes of `f` by every entry of `x`, in float64, by central differences. */
function slopes(f: (x: number[]) => number, x: number[], h = 1e-5): number[] {
  return x.map((v, i) => (f(x.with(i, v + h)) - f(x.with(i, v - h))) / (2 * h));
}

for (const backend of ['wasm', 'cpu'] as const) {
  test.each([
    ['maximum', tf.maximum, Math.max],
    ['minimum', tf.minimum, Math.min],
    ['squaredDifference', tf.squaredDifference, (a: number, b: number) => (a - b) ** 2],
  ] as const)(`the gradient of a broadcast %s on ${backend}`, async (_, op, one) => {
    const [a, b] = [
      [1, 5, -2, 3, 0.5, 4],
      [2, 1, -3],
    ];
    const weight = (i: number) => i + 1;
    const [da, db] = await valuesOn(backend, () => {
      const weights = tf.tensor2d(
        a.map((_, i) => weight(i)),
        [2, 3],
      );
      const f = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(op(a, b), weights));
      return tf.grads((a, b) => f(a!, b!))([tf.tensor2d(a, [2, 3]), tf.tensor1d(b)]);
    });
    const loss = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + weight(i) * one(v, b[i % 3]!), 0);
    expectClose(
      da!,
      slopes((a) => loss(a, b), a),
      { rtol: 1e-5, atol: 1e-5 },
    );
    expectClose(
      db!,
      slopes((b) => loss(a, b), b),
      { rtol: 1e-5, atol: 1e-5 },
    );
  });

  test(`at a tie the first argument of maximum takes the gradient on ${backend}`, async () => {
    const x = () => tf.tensor1d([2, 2]);
    const out = await valuesOn(backend, () => tf.grads((a, b) => tf.sum(tf.maximum(a!, b!)))([x(), x()]));
    expect(out).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  for (const axis of [0, 1])
    for (const [exclusive, reverse] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const)
      test(`the gradient of cumsum on ${backend}: axis ${axis}, exclusive ${exclusive}, reverse ${reverse}`, async () => {
        const [rows, columns] = [3, 4];
        const weight = (r: number, c: number) => 1 + r * columns + c;
        const [d] = await valuesOn(backend, () => {
          const weights = tf.tensor2d(
            Array.from({ length: rows * columns }, (_, i) => i + 1),
            [rows, columns],
          );
          return tf.grad((x) => tf.sum(tf.mul(tf.cumsum(x, axis, exclusive, reverse), weights)))(tf.ones([rows, columns]));
        });
        // x[r, c] reaches the sums at and after it (before it, reversed); not its own if exclusive.
        const expected: number[] = [];
        for (let r = 0; r < rows; r++)
          for (let c = 0; c < columns; c++) {
            const at = axis === 0 ? r : c;
            let sum = 0;
            for (let k = 0; k < (axis === 0 ? rows : columns); k++)
              if (k === at ? !exclusive : reverse ? k < at : k > at) sum += axis === 0 ? weight(k, c) : weight(r, k);
            expected.push(sum);
          }
        expect(d).toEqual(expected);
      });
}

test('wasm has every kernel that a convolutional step uses', async () => {
  await tf.setBackend('cpu');
  const { kernelNames } = await tf.profile(() =>
    tf.tidy(() => {
      const params = [normal(1, 3, 3, 1, 4), normal(2, 4), normal(3, 4, 4, 3, 4), normal(4, 3, 2), normal(5, 2)];
      const x = normal(6, 2, 8, 8, 1) as tf.Tensor4D;
      const loss = (w: tf.Tensor, b: tf.Tensor, up: tf.Tensor, p: tf.Tensor, c: tf.Tensor) => {
        const h = conv2d(x, w as tf.Tensor4D, b as tf.Tensor1D, { stride: 2, activation: 'relu' });
        const wide = tf.maxPool(tf.conv2dTranspose(h, up as tf.Tensor4D, [2, 8, 8, 3], 2, 'same'), 2, 2, 'valid');
        const y = dense(tf.mean(wide, [1, 2]), p as tf.Tensor2D, c as tf.Tensor1D);
        return tf.mean(tf.sub(tf.logSumExp(y, 1), tf.gather(tf.transpose(y), tf.tensor1d([0], 'int32')))) as tf.Scalar;
      };
      return tf.valueAndGrads((...p) => loss(...(p as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor])))(params).value;
    }),
  );
  expect(kernelNames).toContain('Conv2DBackpropFilter');
  // 'forward' and the like are the functions of custom gradients.
  expect(kernelNames.filter((name) => /^[A-Z_]/.test(name) && !tf.getKernel(name, 'wasm'))).toEqual([]);
});
