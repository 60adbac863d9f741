import { beforeAll, describe, expect, test } from 'vitest';
import { acyclicity } from '../../src/losses/acyclicity.ts';
import { isAcyclic } from '../../src/ops/dag.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import reference from '../golden/notears.json';
import { notears_h as golden } from '../golden/structure.json';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

type Kind = keyof typeof acyclicity;
const kinds = ['exponential', 'polynomial'] as const;
const square = (values: readonly number[]) => {
  const d = Math.sqrt(values.length);
  return tf.tensor2d([...values], [d, d]);
};
/** h(A) and ∇h(A). */
const both = (kind: Kind, a: readonly number[]) => () => {
  const { value, grad } = tf.valueAndGrad((t) => acyclicity[kind](t as tf.Tensor2D))(square(a));
  return [value, grad];
};

describe.each(['wasm', 'cpu'] as const)('on %s', (backend) => {
  test.each(kinds)('%s: value and gradient of SciPy and NumPy in float64', async (kind) => {
    const [h, slope] = await valuesOn(backend, both(kind, reference.measures.A));
    expectClose(h!, [reference.measures[kind].h], { rtol: 1e-5 });
    expectClose(slope!, reference.measures[kind].gradient, { rtol: 1e-4 });
  });
  test('the exponential of W∘W, through W: PyTorch in float64', async () => {
    const [h, slope] = await valuesOn(backend, () => {
      const { value, grad } = tf.valueAndGrad((w) => acyclicity.exponential(tf.square(w) as tf.Tensor2D))(square(golden.inputs.W.data));
      return [value, grad];
    });
    expectClose(h!, [golden.loss], { rtol: 1e-5 });
    expectClose(slope!, golden.grads.W, { rtol: 1e-4, atol: 1e-7 });
  });
});

test('two nodes that point at each other: 2 cosh(√(ab)) − 2, and ab/2', async () => {
  for (const [a, b] of [
    [1, 1],
    [4, 0.5],
    [30, 40],
  ] as const) {
    const values = await valuesOn('wasm', () => kinds.map((kind) => acyclicity[kind](square([0, a, b, 0]))));
    expectClose(values.flat(), [2 * Math.cosh(Math.sqrt(a * b)) - 2, (a * b) / 2], { rtol: 2e-5 });
  }
});

test('a faint cycle keeps its digits in float32: a·b = 10⁻²⁴ gives 10⁻²⁴ and half of it', async () => {
  const values = await valuesOn('wasm', () => kinds.map((kind) => acyclicity[kind](square([0, 1, 1e-24, 0]))));
  expectClose(values.flat(), [1e-24, 0.5e-24], { rtol: 1e-5 });
});

test.each(kinds)('%s: zero exactly on graphs without a cycle; its gradient shows who reaches whom', async (kind) => {
  for (let seed = 0; seed < 12; seed++) {
    const stream = rng(seed);
    const w = Float64Array.from({ length: 36 }, (_, at) => (at % 7 && stream.uniform() < 0.22 ? 1 : 0));
    const [h, slope] = await valuesOn('wasm', both(kind, [...w]));
    if (isAcyclic(w)) expect(h![0]).toBe(0);
    else expect(h![0]).toBeGreaterThan(1e-4);
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) {
        let reach = Array.from({ length: 6 }, (_, node) => node === j);
        for (let k = 0; k < 6; k++) reach = reach.map((r, to) => r || reach.some((from, node) => from && !!w[node * 6 + to]));
        expect(slope![i * 6 + j]! > 0).toBe(reach[i]);
      }
  }
});
