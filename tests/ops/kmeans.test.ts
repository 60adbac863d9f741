import { beforeAll, describe, expect, it } from 'vitest';
import { kMeans } from '../../src/ops/kmeans.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { useWasm } from '../evaluate/wasm.ts';
import golden from '../golden/evaluation.json';

beforeAll(useWasm);

const { X, inertia, centers } = golden.kmeans;
const x = { values: Float32Array.from(X.flat()), columns: 2 };

describe('kMeans', () => {
  it('reaches scikit-learn’s inertia and centroids', async () => {
    const fit = await kMeans(x, 3, rng(0), { restarts: 5 });
    expectClose(fit.inertia, inertia, { rtol: 1e-5 });
    const found = [0, 1, 2].map((c) => [...fit.centroids.subarray(2 * c, 2 * c + 2)]);
    const byPlace = (rows: number[][]) => rows.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!).flat();
    expectClose(byPlace(found), byPlace(centers), { rtol: 1e-4, atol: 1e-5 });
  });

  it('assigns each row to its nearest centroid, and adds up the inertia', async () => {
    const { centroids, assignment, inertia } = await kMeans(x, 7, rng(1));
    let sum = 0;
    X.forEach((row, i) => {
      const distances = Array.from({ length: 7 }, (_, c) => (row[0]! - centroids[2 * c]!) ** 2 + (row[1]! - centroids[2 * c + 1]!) ** 2);
      expect(assignment[i]).toBe(distances.indexOf(Math.min(...distances)));
      sum += Math.min(...distances);
    });
    expectClose(inertia, sum, { rtol: 1e-5 });
  });

  it('is decided by the seed', async () => {
    const [a, b] = [await kMeans(x, 5, rng(2)), await kMeans(x, 5, rng(2))];
    expect(a).toEqual(b);
  });

  it('spherical: direction alone decides, and centroids have unit length', async () => {
    const angles = [0, 0.1, 2, 2.1, 4, 4.1];
    const values = Float32Array.from(angles.flatMap((a, i) => [(1 + 5 * i) * Math.cos(a), (1 + 5 * i) * Math.sin(a)]));
    const { centroids, assignment, inertia } = await kMeans({ values, columns: 2 }, 3, rng(0), { spherical: true, restarts: 4 });
    expect([assignment[0], assignment[2], assignment[4]]).toEqual([assignment[1], assignment[3], assignment[5]]);
    expect(new Set(assignment).size).toBe(3);
    for (const c of [0, 1, 2]) expectClose(Math.hypot(centroids[2 * c]!, centroids[2 * c + 1]!), 1, { rtol: 1e-6 });
    expectClose(inertia, 6 * 2 * (1 - Math.cos(0.05)), { rtol: 1e-3 });
  });

  it('fills every cluster when duplicates crowd the seeding', async () => {
    // 200 copies of one row and 8 distinct ones: a seeding by plain draws would put all centroids on the copies.
    const values = Float32Array.from([...Array.from({ length: 400 }, () => 0), ...Array.from({ length: 16 }, (_, i) => 1 + (i * i) / 3)]);
    const { assignment } = await kMeans({ values, columns: 2 }, 9, rng(0));
    expect(new Set(assignment).size).toBe(9);
  });

  it('splits the largest cluster when one empties', async () => {
    // Iterations from a seeding of 40 clusters in noise empty some; none may stay empty, over seeds.
    for (let seed = 0; seed < 10; seed++) {
      const stream = rng(seed);
      const values = Float32Array.from({ length: 60 * 2 }, stream.normal);
      const { assignment } = await kMeans({ values, columns: 2 }, 40, stream, { iterations: 50 });
      expect(new Set(assignment).size).toBe(40);
    }
  });

  it('survives rows that all coincide', async () => {
    const { centroids, inertia } = await kMeans({ values: new Float32Array(20).fill(2), columns: 2 }, 4, rng(0));
    expect([...centroids]).toEqual(Array(8).fill(2));
    expect(inertia).toBe(0);
  });

  it('refuses more clusters than rows, and NaN', async () => {
    await expect(kMeans({ values: new Float32Array(6), columns: 2 }, 4, rng(0))).rejects.toThrow('into 4 clusters of 3 rows');
    await expect(kMeans({ values: Float32Array.of(1, Number.NaN), columns: 1 }, 1, rng(0))).rejects.toThrow('NaN');
  });

  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    await kMeans(x, 4, rng(0), { restarts: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
