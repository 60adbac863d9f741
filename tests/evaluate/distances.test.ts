import { describe, expect, it } from 'vitest';
import { frechetDistance, medianDistance, mmd, nearestRows, precisionRecall } from '../../src/evaluate/distances.ts';
import { activeUnits } from '../../src/evaluate/generation.ts';
import { alignmentUniformity } from '../../src/evaluate/hypersphere.ts';
import type { Features } from '../../src/ops/linear-algebra.ts';
import { rng } from '../../src/ops/random.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/distances.json';

const matrix = (rows: readonly (readonly number[])[]): Features => ({ values: Float32Array.from(rows.flat()), columns: rows[0]!.length });
const normals = (n: number, columns: number, seed: number, scale = 1, shift = 0): Features => {
  const stream = rng(seed);
  return { values: Float32Array.from({ length: n * columns }, () => scale * stream.normal() + shift), columns };
};

describe('Fréchet distance', () => {
  it('equals the formula’s golden value, and is symmetric', async () => {
    const [x, y] = [matrix(golden.frechet_distance.X), matrix(golden.frechet_distance.Y)];
    expectClose(await frechetDistance(x, y), golden.frechet_distance.value, { rtol: 1e-6 });
    expectClose(await frechetDistance(y, x), golden.frechet_distance.value, { rtol: 1e-6 });
  });
  it('closed forms: equal sets 0; a shift counts squared; scaling by s gives (1 − s)² times the variance', async () => {
    const x = normals(50, 3, 1);
    expectClose(await frechetDistance(x, x), 0, { atol: 1e-9 });
    expectClose(await frechetDistance(x, { ...x, values: x.values.map((v) => v + 2) }), 12, { rtol: 1e-6 });
    const [a, b] = [matrix([[-1], [1]]), matrix([[-3], [3]])];
    // Variances 2 and 18: (√18 − √2)² = 8.
    expectClose(await frechetDistance(a, b), 8, { rtol: 1e-6 });
  });
  it('survives sets without variance, and refuses a single row', async () => {
    const point = matrix([
      [1, 2],
      [1, 2],
    ]);
    expectClose(
      await frechetDistance(
        point,
        matrix([
          [1, 5],
          [1, 5],
        ]),
      ),
      9,
      { atol: 1e-9 },
    );
    await expect(frechetDistance(matrix([[1, 2]]), point)).rejects.toThrow('1 rows');
  });
});

describe('MMD', () => {
  const { inputs, attrs, loss } = golden.mmd_rbf;
  const features = ({ shape, data }: { shape: number[]; data: number[] }): Features => ({
    values: Float32Array.from(data),
    columns: shape[1]!,
  });
  it('equals the golden biased V-statistic', async () => {
    expectClose(await mmd(features(inputs.x), features(inputs.y), attrs.bandwidth), loss, { rtol: 1e-6 });
  });
  it('closed form: two points at distance d give 2 − 2 exp(−d²/2s²); equal sets 0', async () => {
    expectClose(await mmd(matrix([[0, 0]]), matrix([[3, 4]]), 5), 2 - 2 * Math.exp(-0.5), { rtol: 1e-9 });
    const x = normals(20, 3, 1);
    expectClose(await mmd(x, x, 1), 0, { atol: 1e-12 });
  });
  it('its bandwidth is the median of the distances between different rows', async () => {
    expect(await medianDistance(matrix([[0], [1], [10]]))).toBe(9);
  });
});

describe('precision and recall', () => {
  it('worked example: three of a line, k = 1', async () => {
    // Real 0, 1, 3 reach 1, 1, 2; fake 2, 10, 11 reach 8, 1, 1.
    const [real, fake] = [matrix([[0], [1], [3]]), matrix([[2], [10], [11]])];
    const { precision, recall } = await precisionRecall(real, fake, { k: 1 });
    expectClose(precision, 1 / 3);
    // All of 0, 1, 3 lie within 8 of 2.
    expect(recall).toBe(1);
  });
  it('the same cloud: nearly 1 both; a far one: 0 both; one mode of two: precise, but half recalled', async () => {
    const real = normals(200, 2, 1);
    const same = await precisionRecall(real, normals(200, 2, 2));
    expect(Math.min(same.precision, same.recall)).toBeGreaterThan(0.85);
    expect(await precisionRecall(real, normals(200, 2, 2, 1, 100))).toEqual({ precision: 0, recall: 0 });
    const two: Features = { values: Float32Array.from([...real.values, ...normals(200, 2, 3, 1, 50).values]), columns: 2 };
    const { precision, recall } = await precisionRecall(two, normals(400, 2, 4));
    expect(precision).toBeGreaterThan(0.85);
    expect(Math.abs(recall - 0.5)).toBeLessThan(0.06);
  });
  it('refuses sets that are too small', async () => {
    await expect(precisionRecall(normals(3, 2, 1), normals(10, 2, 2))).rejects.toThrow('k = 3 of 3 and 10 rows');
  });
});

it('the nearest row, the earlier of equals, and its distance', async () => {
  const { row, distance } = await nearestRows(
    matrix([
      [0, 0],
      [5, 5],
    ]),
    matrix([
      [3, 4],
      [-3, -4],
      [5, 5],
    ]),
  );
  expect([...row]).toEqual([0, 2]);
  expect([...distance]).toEqual([5, 0]);
});

describe('alignment and uniformity', () => {
  const unit = matrix([
    [1, 0],
    [0, 1],
    [-2, 0],
  ]);
  it('closed forms of unit rows: alignment is 2 − 2 cos', async () => {
    // Angles 0, 90°, 180° between the views.
    const { alignment } = await alignmentUniformity(
      unit,
      matrix([
        [3, 0],
        [1, 0],
        [1, 0],
      ]),
    );
    expectClose(alignment, (0 + 2 + 4) / 3, { rtol: 1e-6 });
  });
  it('uniformity is log mean exp(−2‖·‖²) of pairs, the mean over both views', async () => {
    // Squared distances of the first: 2, 4, 2; all the second coincide: 0.
    const { uniformity } = await alignmentUniformity(
      unit,
      matrix([
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    );
    expectClose(uniformity, Math.log((2 * Math.exp(-4) + Math.exp(-8)) / 3) / 2, { rtol: 1e-6 });
  });
  it('nears −4 on a sphere of many dimensions, where all distances are √2', async () => {
    const x = normals(200, 512, 1);
    const { uniformity, alignment } = await alignmentUniformity(x, x);
    expectClose(uniformity, -4, { rtol: 0.01 });
    expect(alignment).toBe(0);
  });
});

it('active units are those whose mean varies by more than 0.01 over images', () => {
  // Variances 0.04, 0.0025, 0.
  expect(
    activeUnits(
      matrix([
        [0.2, 0.05, 7],
        [-0.2, -0.05, 7],
      ]),
    ),
  ).toBe(1);
});
