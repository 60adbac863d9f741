import { beforeAll, describe, expect, it } from 'vitest';
import { knn } from '../../src/evaluate/knn.ts';
import type { Features } from '../../src/ops/linear-algebra.ts';
import { type Rng, rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { useWasm } from './wasm.ts';

beforeAll(useWasm);

/** Classes with means of their own, in noise. */
function blobs(n: number, columns: number, classes: number, stream: Rng): { x: Features; labels: Int32Array } {
  const centre = rng(99);
  const means = Float32Array.from({ length: classes * columns }, centre.normal);
  const labels = Int32Array.from({ length: n }, () => stream.integer(classes));
  const values = Float32Array.from(
    { length: n * columns },
    (_, i) => means[labels[Math.floor(i / columns)]! * columns + (i % columns)]! + 2 * stream.normal(),
  );
  return { x: { values, columns }, labels };
}

/** By the definition, with a full sort, in float64. */
function naive(
  train: Features,
  trainLabels: ArrayLike<number>,
  test: Features,
  testLabels: ArrayLike<number>,
  classes: number,
  k: number,
  tau: number,
) {
  const row = (f: Features, i: number) => Array.from(f.values.subarray(i * f.columns, (i + 1) * f.columns));
  const cosine = (a: number[], b: number[]) => a.reduce((s, v, j) => s + v * b[j]!, 0) / Math.hypot(...a) / Math.hypot(...b);
  const hits = Array.from({ length: testLabels.length }, (_, i) => {
    const near = Array.from({ length: trainLabels.length }, (_, j) => ({ s: cosine(row(test, i), row(train, j)), y: trainLabels[j]! }))
      .sort((a, b) => b.s - a.s)
      .slice(0, k);
    const votes = Array.from({ length: classes }, (_, c) =>
      near.filter(({ y }) => y === c).reduce((sum, { s }) => sum + Math.exp(s / tau), 0),
    );
    return votes.indexOf(Math.max(...votes)) === testLabels[i] ? 1 : 0;
  });
  return hits.reduce<number>((a, b) => a + b, 0) / hits.length;
}

describe('knn', () => {
  const train = blobs(400, 6, 4, rng(1));
  const test = blobs(300, 6, 4, rng(2));

  it.each([
    { k: 1, temperature: 0.1 },
    { k: 20, temperature: 0.1 },
    { k: 20, temperature: 10 },
    { k: 400, temperature: 0.05 },
  ])('agrees with sorting by the definition: %o', async (options) => {
    const accuracy = await knn(train.x, train.labels, test.x, test.labels, 4, options);
    expect(accuracy).toBe(naive(train.x, train.labels, test.x, test.labels, 4, options.k, options.temperature));
    expect(accuracy).toBeGreaterThan(0.4);
    expect(accuracy).toBeLessThan(0.9);
  });

  it('finds each training row itself with k = 1', async () => {
    expect(await knn(train.x, train.labels, train.x, train.labels, 4, { k: 1 })).toBe(1);
  });

  it('weighs near votes more: a low temperature lets one near neighbour outvote two far ones', async () => {
    const x = { values: Float32Array.of(1, 0, 0.8, 0.6, 0.8, -0.6), columns: 2 };
    const query = { values: Float32Array.of(5, 0), columns: 2 };
    expect(await knn(x, [0, 1, 1], query, [0], 2, { k: 3, temperature: 0.1 })).toBe(1);
    expect(await knn(x, [0, 1, 1], query, [0], 2, { k: 3, temperature: 10 })).toBe(0);
  });

  it('finds neighbours in every block of training rows', async () => {
    // Rows this long are compared two at a time.
    const columns = 2 ** 19;
    const at = (...angles: number[]) => {
      const values = new Float32Array(angles.length * columns);
      angles.forEach((angle, i) => void values.set([Math.cos(angle), Math.sin(angle)], i * columns));
      return { values, columns };
    };
    const nearest = (temperature: number, label: number) =>
      knn(at(0.3, 0.1, 0.2, 0.05, 0.4), [0, 1, 1, 0, 0], at(0), [label], 2, { k: 3, temperature });
    expect(await nearest(1e-4, 0)).toBe(1);
    expect(await nearest(10, 1)).toBe(1);
  });

  it('refuses too large a k and missing labels', async () => {
    await expect(knn(train.x, train.labels, test.x, test.labels, 4, { k: 401 })).rejects.toThrow('from 1 to 400');
    await expect(knn(train.x, [1], test.x, test.labels, 4)).rejects.toThrow('1 and 300 labels');
  });

  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    await knn(train.x, train.labels, test.x, test.labels, 4);
    expect(tf.memory().numTensors).toBe(before);
  });
});
