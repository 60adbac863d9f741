import { beforeAll, expect, test } from 'vitest';
import { leaves, map, paths, tidy, unflatten } from '../src/ops/tree.ts';
import * as tf from '../src/tf.ts';

beforeAll(async () => {
  await tf.loaders.cpu();
  await tf.setBackend('cpu');
});

const tree = () => ({ encoder: [{ w: tf.scalar(1), b: tf.scalar(2) }, { w: tf.scalar(3) }], scale: tf.scalar(4), nothing: {} });
const numbers = (ts: readonly tf.Tensor[]) => Promise.all(ts.map(async (t) => (await t.data())[0]));

test('leaves come in the order of their paths', async () => {
  const t = tree();
  expect(paths(t)).toEqual(['encoder.0.w', 'encoder.0.b', 'encoder.1.w', 'scale']);
  expect(await numbers(leaves(t))).toEqual([1, 2, 3, 4]);
  expect(leaves({})).toEqual([]);
  expect(paths(t.scale, 'scale')).toEqual(['scale']);
});

test('map keeps the structure and goes through several trees at once', async () => {
  const [a, b] = [tree(), tree()];
  const sum = map((x, y) => tf.add(x, y), a, b);
  expect(paths(sum)).toEqual(paths(a));
  expect(Array.isArray(sum.encoder)).toBe(true);
  expect(await numbers(leaves(sum))).toEqual([2, 4, 6, 8]);
  expect(await numbers([sum.encoder[1]!.w, sum.scale])).toEqual([6, 8]);
});

test('unflatten puts leaves back where they were, and counts them', () => {
  const t = tree();
  expect(unflatten(t, leaves(t))).toEqual(t);
  expect(() => unflatten(t, leaves(t).slice(1))).toThrow('A tree of 4 tensors was given 3');
  expect(() => unflatten(t, [...leaves(t), t.scale])).toThrow('A tree of 4 tensors was given 5');
});

test('tidy frees what is not in the result', () => {
  const before = tf.memory().numTensors;
  const out = tidy(() => {
    const x = tf.ones([3]);
    return { params: { a: tf.add(x, 1) }, list: [tf.mul(x, 2)], step: 7 };
  });
  expect(tf.memory().numTensors - before).toBe(2);
  expect(out.step).toBe(7);
  tf.dispose([out.params.a, ...out.list]);
});
