import { beforeAll, describe, expect, test } from 'vitest';
import { conv2d, dense } from '../../src/ops/fused.ts';
import { rng } from '../../src/ops/random.ts';
import { stopGradient } from '../../src/ops/stop-gradient.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from './backends.ts';

beforeAll(loadBackends);

const normal = (seed: number, ...shape: number[]) => rng(seed).normals(shape);
/** A loss that weighs each output differently. */
const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, normal(9, ...y.shape)));

for (const backend of ['wasm', 'cpu'] as const) {
  describe(backend, () => {
    for (const activation of ['linear', 'relu'] as const) {
      for (const pad of ['same', 'valid'] as const)
        for (const stride of [1, 2, 3])
          test(`conv2d equals convolution, bias and ${activation}: stride ${stride}, ${pad}`, async () => {
            const xs = () => [normal(1, 2, 8, 7, 3), normal(2, 3, 3, 3, 5), normal(3, 5)] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D];
            const plain = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
              const y = tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad), b);
              return activation === 'relu' ? tf.relu(y) : y;
            };
            const ours = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
              conv2d(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, { stride, pad, activation });
            const both = (f: typeof plain) => () => [f(...xs()), ...tf.grads((x, w, b) => weigh(f(x!, w!, b!)))(xs())];
            const [expected, actual] = [await valuesOn('cpu', both(plain)), await valuesOn(backend, both(ours))];
            for (const [i, values] of actual.entries()) expectClose(values, expected[i]!, { rtol: 1e-5, atol: 1e-4 });

            const first = await valuesOn(backend, () => {
              const [x, w, b] = xs();
              return tf.grads((w, b) => weigh(conv2d(x, w as tf.Tensor4D, b as tf.Tensor1D, { stride, pad, activation, input: 'data' })))([
                w,
                b,
              ]);
            });
            for (const [i, values] of first.entries()) expectClose(values, expected[i + 2]!, { rtol: 1e-5, atol: 1e-4 });
          });

      test(`dense equals product, bias and ${activation}`, async () => {
        const xs = () => [normal(1, 6, 40), normal(2, 40, 30), normal(3, 30)] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const plain = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
          const y = tf.add(tf.matMul(x, w), b);
          return activation === 'relu' ? tf.relu(y) : y;
        };
        const ours = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D, activation);
        const both = (f: typeof plain) => () => [f(...xs()), ...tf.grads((x, w, b) => weigh(f(x!, w!, b!)))(xs())];
        const [expected, actual] = [await valuesOn('cpu', both(plain)), await valuesOn(backend, both(ours))];
        for (const [i, values] of actual.entries()) expectClose(values, expected[i]!, { rtol: 1e-5, atol: 1e-4 });
      });
    }

    test('stopGradient: d(stop(x)·x)/dx = x, and comparisons behind it are free', async () => {
      const [slope, masked] = await valuesOn(backend, () => {
        const x = tf.tensor1d([-1, 2, -3, 4]);
        return [
          tf.grad((x) => tf.sum(tf.mul(stopGradient(x), x)))(x),
          tf.grad((x) => tf.sum(tf.where(tf.greater(stopGradient(x), 0), tf.mul(x, 2), tf.zerosLike(x))))(x),
        ];
      });
      expect(slope).toEqual([-1, 2, -3, 4]);
      expect(masked).toEqual([0, 2, 0, 2]);
    });
  });
}
