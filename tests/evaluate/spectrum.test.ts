import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { rankShare, spreadOf } from '../../src/evaluate/collapse.ts';
import { collapseBelow, collapseIn } from '../../src/evaluate/collapsed.ts';
import { rankMe, spectrumOf } from '../../src/evaluate/spectrum.ts';
import type { Features } from '../../src/ops/linear-algebra.ts';
import { rng } from '../../src/ops/random.ts';
import { singularValues, symmetricEigenvalues } from '../../src/ops/singular-values.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/distances.json';

const normals = (n: number, columns: number, seed: number): Features => {
  const stream = rng(seed);
  return { values: Float32Array.from({ length: n * columns }, stream.normal), columns };
};
const rowsOf = ({ values, columns }: Features) =>
  Array.from({ length: values.length / columns }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));

describe('singular values', () => {
  it.each([
    [40, 6],
    [6, 40],
    [33, 33],
    [50, 1],
    [1, 7],
  ])('equal ml-matrix’s of %i × %i', async (n, columns) => {
    const x = normals(n, columns, n);
    expectClose(await singularValues(x), new SingularValueDecomposition(new Matrix(rowsOf(x)), { autoTranspose: true }).diagonal, {
      rtol: 1e-9,
    });
  });
  it('of a matrix of rank 2 are two, and the rest is rounding', async () => {
    const [a, b] = [normals(30, 2, 1), normals(2, 20, 2)];
    const product = new Matrix(rowsOf(a)).mmul(new Matrix(rowsOf(b)));
    const found = await singularValues({ values: Float32Array.from(product.to1DArray()), columns: 20 });
    expect(found[1]!).toBeGreaterThan(1);
    expect(found[2]!).toBeLessThan(1e-5);
  });
  it('of zeros are 0, of a diagonal its sizes', async () => {
    expect([...(await singularValues({ values: new Float32Array(12), columns: 3 }))].every((v) => v < 1e-6)).toBe(true);
    expectClose(await singularValues({ values: Float32Array.from([3, 0, 0, -5]), columns: 2 }), [5, 3], { rtol: 1e-12 });
  });
  it('eigenvalues of symmetric matrices, negative and repeated ones too', async () => {
    const x = new Matrix(rowsOf(normals(24, 24, 3)));
    const symmetric = x.add(x.transpose());
    const lower = symmetric.to2DArray().map((row, i) => Float64Array.from(row.slice(0, i + 1)));
    const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
    expectClose(await symmetricEigenvalues(lower), [...realEigenvalues].reverse(), { rtol: 1e-9, atol: 1e-12 });
    const identity = Array.from({ length: 5 }, (_, i) => Float64Array.from({ length: i + 1 }, (_, j) => (i === j ? 2 : 0)));
    expectClose(await symmetricEigenvalues(identity), [2, 2, 2, 2, 2], { rtol: 1e-12 });
  });
});

describe('RankMe', () => {
  it('equals the golden value', async () => {
    const X = golden.rankme.X;
    expectClose(await rankMe({ values: Float32Array.from(X.flat()), columns: X[0]!.length }), golden.rankme.value, { rtol: 1e-6 });
  });
  it('is d for orthogonal columns of one length, 1 for parallel rows', async () => {
    const identity = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 3 : 0));
    expectClose(await rankMe({ values: identity, columns: 8 }), 8, { rtol: 1e-4 });
    expectClose(await rankMe({ values: Float32Array.from({ length: 40 }, (_, i) => (i % 4) + 1), columns: 4 }), 1, { rtol: 1e-4 });
  });
});

it('the spectrum: standard deviations by column, and along principal axes', async () => {
  // Two independent columns of ±1 and ±3 around their means.
  const x = { values: Float32Array.from([6, 3, 4, 3, 6, -3, 4, -3]), columns: 2 };
  const { std, singular } = await spectrumOf(x);
  expectClose(std, [1, 3], { rtol: 1e-6 });
  expectClose(singular, [3, 1], { rtol: 1e-6 });
});

describe('collapse', () => {
  it('one point: complete; a line among many dimensions: dimensional; a sphere: none', async () => {
    const n = 200;
    const offset = normals(1, 64, 9).values;
    const around = { values: normals(n, 64, 1).values.map((v, i) => 0.001 * v + offset[i % 64]!), columns: 64 };
    const along = normals(n, 1, 2).values;
    const line = { values: Float32Array.from({ length: n * 64 }, (_, i) => along[Math.floor(i / 64)]! * offset[i % 64]!), columns: 64 };
    const verdict = async (x: Features) => collapseIn(spreadOf(x), await rankShare(x));
    expect(await verdict(around)).toBe('complete');
    expect(await verdict(line)).toBe('dimensional');
    expect(await verdict(normals(n, 64, 3))).toBe(null);
  });
  it('the rank is a share of what the dimensions and the rows can fill', async () => {
    expect(await rankShare(normals(4000, 8, 1))).toBeGreaterThan(0.98);
    expect(await rankShare(normals(10, 64, 1))).toBeGreaterThan(0.9);
  });
  it('says nothing of what was not measured', () => {
    expect(collapseIn(Number.NaN, Number.NaN)).toBe(null);
    expect(collapseIn(collapseBelow.spread, collapseBelow.rank)).toBe(null);
  });
});
