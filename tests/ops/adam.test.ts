import { beforeAll, expect, test } from 'vitest';
import { adam } from '../../src/ops/adam.ts';
import { tidy } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/adam.json';
import { loadBackends, valuesOn } from './backends.ts';

beforeAll(loadBackends);

const names = ['matrix', 'bias'] as const;
type Values = Record<(typeof names)[number], number[]>;
const tensors = (values: Values) => names.map((name) => tf.tensor(values[name], golden.shapes[name]));

for (const backend of ['wasm', 'cpu'] as const)
  for (const { lr, weightDecay, steps, ...rest } of golden.cases)
    test(`five steps of PyTorch's AdamW on ${backend}, weight decay ${weightDecay}`, async () => {
      await tf.setBackend(backend);
      const before = tf.memory().numTensors;
      const optimizer = adam(rest);
      let params = tensors(golden.start);
      let moments = optimizer.init(params);
      for (const [i, expected] of steps.entries()) {
        const grads = tensors(golden.gradients[i]!);
        const next = tidy(() => optimizer.update(params, grads, moments, lr, weightDecay));
        tf.dispose([...grads, ...params, moments.m, moments.v]);
        ({ params, moments } = next);
        for (const [j, name] of names.entries()) expectClose(await params[j]!.data(), expected[name], { rtol: 1e-5, atol: 1e-6 });
      }
      expect(moments.t).toBe(5);
      tf.dispose([...params, moments.m, moments.v]);
      expect(tf.memory().numTensors).toBe(before);
    });

test('the first step moves each weight by the learning rate against its gradient', async () => {
  const [moved] = await valuesOn('wasm', () => {
    const optimizer = adam();
    const p = [tf.zeros([2, 2])];
    return optimizer.update(
      p,
      [
        tf.tensor2d([
          [1e-3, -5],
          [200, -1e-2],
        ]),
      ],
      optimizer.init(p),
      0.01,
      0,
    ).params[0]!;
  });
  // lr · |g| / (|g| + ε)
  expectClose(moved!, [-0.01 / (1 + 1e-5), 0.01, -0.01, 0.01], { rtol: 2e-6 });
});

test('a reset forgets the moments of the named parameters only', async () => {
  const [m, v] = await valuesOn('wasm', () => {
    const params = [tf.zeros([2]), tf.zeros([1, 2]), tf.zeros([1])];
    const moments = { t: 3, m: tf.tensor1d([1, 2, 3, 4, 5]), v: tf.tensor1d([6, 7, 8, 9, 10]) };
    const reset = adam().reset(params, moments, new Set([1]));
    expect(reset.t).toBe(3);
    return [reset.m, reset.v];
  });
  expect(m).toEqual([1, 2, 0, 0, 5]);
  expect(v).toEqual([6, 7, 0, 0, 10]);
});
