import { beforeAll, describe, expect, it } from 'vitest';
import { type Head, initHead } from '../../src/nets/layers.ts';
import { allLogits, pairLogits, pairsOf } from '../../src/nets/relation.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, sameOnWasm, valuesOn } from '../ops/backends.ts';
import { randomized } from '../randomized.ts';

beforeAll(loadBackends);

describe('pairs', () => {
  it('are those of the paper, the images of the second view rolled by 1, 2, … for the negatives', () => {
    const { first, second, related } = pairsOf(3, 3);
    // Views 0, 1, 2 lie in rows 0–2, 3–5, 6–8. Of three images there are two rolls: 1, 2 and 1 again.
    expect([...first]).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5, 0, 1, 2, 0, 1, 2, 3, 4, 5]);
    expect([...second]).toEqual([3, 4, 5, 6, 7, 8, 6, 7, 8, 5, 3, 4, 7, 8, 6, 8, 6, 7]);
    expect([...related]).toEqual([...Array(9).fill(1), ...Array(9).fill(0)]);
  });

  it.each([
    [2, 2],
    [5, 4],
    [3, 7],
    [8, 16],
  ])('of %i images in %i views: N·K(K − 1)/2 of each kind, of two views each, and no image is its own negative', (n, k) => {
    const { first, second, related } = pairsOf(n, k);
    expect([first.length, second.length, related.length]).toEqual(Array(3).fill(n * k * (k - 1)));
    const seen = new Set<string>();
    related.forEach((label, m) => {
      const [a, b] = [first[m]!, second[m]!];
      expect(a % n === b % n).toBe(label === 1);
      expect(Math.floor(a / n)).toBeLessThan(Math.floor(b / n));
      seen.add(`${a} ${b}`);
    });
    expect(seen.size).toBe(first.length);
    expect(related.reduce((sum, v) => sum + v, 0)).toBe(first.length / 2);
  });
});

describe('the relation head', () => {
  const [n, k, d, width] = [3, 3, 4, 5];
  const rows = () => rng(1).normals<tf.Rank.R2>([n * k, d]);
  const head = (): Head => randomized(initHead(2 * d, width, 1, rng(2)), 0.3);

  it('is concatenation, dense, batch normalization, leaky ReLU, dense', async () => {
    const pairs = pairsOf(n, k);
    const [logits, mean, variance, h, w, scale, shift, outW, outB] = await valuesOn('wasm', () => {
      const given = head();
      const { logits, statistics } = pairLogits(given, rows(), pairs);
      return [logits, statistics.mean, statistics.variance, rows(), given.w, given.norm.scale, given.norm.shift, given.out.w, given.out.b];
    });
    const hidden = Array.from(pairs.first, (a, m) => {
      const both = [...h!.slice(a * d, (a + 1) * d), ...h!.slice(pairs.second[m]! * d, (pairs.second[m]! + 1) * d)];
      return Array.from({ length: width }, (_, j) => both.reduce((sum, v, i) => sum + v * w![i * width + j]!, 0));
    });
    const columns = Array.from({ length: width }, (_, j) => {
      const values = hidden.map((row) => row[j]!);
      const average = values.reduce((a, v) => a + v, 0) / values.length;
      return { average, spread: values.reduce((a, v) => a + (v - average) ** 2, 0) / values.length };
    });
    expectClose(
      mean!,
      columns.map(({ average }) => average),
      { rtol: 1e-4, atol: 1e-5 },
    );
    expectClose(
      variance!,
      columns.map(({ spread }) => spread),
      { rtol: 1e-4 },
    );
    const expected = hidden.map((row) =>
      row.reduce((sum, v, j) => {
        const { average, spread } = columns[j]!;
        const a = (scale![j]! * (v - average)) / Math.sqrt(spread + 1e-5) + shift![j]!;
        return sum + outW![j]! * (a > 0 ? a : 0.01 * a);
      }, outB![0]!),
    );
    expectClose(logits!, expected, { rtol: 1e-4, atol: 1e-5 });
  });

  it('gives every pair the same logit by the statistics of its batch, whatever pairs stand beside it', async () => {
    const pairs = pairsOf(n, k);
    const [logits, all, one] = await valuesOn('wasm', () => {
      const { logits, statistics } = pairLogits(head(), rows(), pairs);
      const row = (i: number) => tf.slice(rows(), [i, 0], [1, -1]);
      return [logits, allLogits(head(), rows(), rows(), statistics), allLogits(head(), row(1), row(7), statistics)];
    });
    expectClose(
      Array.from(pairs.first, (a, m) => all![a * n * k + pairs.second[m]!]!),
      logits!,
      { rtol: 1e-4, atol: 1e-5 },
    );
    expectClose(one!, all![1 * n * k + 7]!, { rtol: 1e-5, atol: 1e-6 });
    // Of a pair and of the same pair turned round it is not: concatenation knows an order.
    expect(Math.abs(all![1 * n * k + 7]! - all![7 * n * k + 1]!)).toBeGreaterThan(1e-2);
  });

  it('is symmetric when both halves of its first layer are', async () => {
    const [all] = await valuesOn('wasm', () => {
      const { w, ...rest } = head();
      const half = tf.slice(w, [0, 0], [d, -1]);
      const statistics = { mean: tf.zeros<tf.Rank.R2>([1, width]), variance: tf.ones<tf.Rank.R2>([1, width]) };
      return allLogits({ ...rest, w: tf.concat([half, half]) }, rows(), rows(), statistics);
    });
    const size = n * k;
    expectClose(
      all!,
      all!.map((_, i) => all![(i % size) * size + Math.floor(i / size)]!),
      { rtol: 1e-5, atol: 1e-6 },
    );
  });

  it('has the same gradients on every backend', async () => {
    await sameOnWasm(
      () => {
        const given = head();
        const f = (h: tf.Tensor, w: tf.Tensor) =>
          tf.sum(tf.square(pairLogits({ ...given, w: w as tf.Tensor2D }, h as tf.Tensor2D, pairsOf(n, k)).logits)) as tf.Scalar;
        return tf.grads(f)([rows(), given.w]);
      },
      { rtol: 1e-3, atol: 1e-4 },
    );
  });
});
