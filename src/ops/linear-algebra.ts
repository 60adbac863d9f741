/** Principal components, whitening and row normalization of read-back features. The large products run on the backend. */
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import * as tf from '../tf.ts';
import { type Breathe, holdBreath } from './breathe.ts';
import { rng } from './random.ts';

/** A matrix as numbers: [n × columns], row by row. */
export type Features = { readonly values: Float32Array; readonly columns: number };

/** `axes` [components × columns] holds unit rows, largest variance first; `total` is the variance of all columns together. */
export type Pca = { readonly mean: Float32Array; readonly axes: Float32Array; readonly variances: Float32Array; readonly total: number };

/** Number of rows. Throws if the values don't fill whole rows. */
export function rows({ values, columns }: Features): number {
  const n = values.length / columns;
  if (!Number.isInteger(n)) throw new Error(`Features hold ${values.length} values, expected a multiple of their ${columns} columns`);
  return n;
}

/** Aᵀ of a row-major [rows × columns] matrix: written into `out`, of the rows `from` … `to` − 1 alone where they are given. */
export function transpose(
  values: Float32Array,
  columns: number,
  out = new Float32Array(values.length),
  from = 0,
  to?: number,
): Float32Array {
  const n = values.length / columns;
  const end = to ?? n;
  // By blocks of 32 × 32, which stay in the cache.
  for (let i0 = from; i0 < end; i0 += 32)
    for (let j0 = 0; j0 < columns; j0 += 32)
      for (let i = i0; i < Math.min(i0 + 32, end); i++)
        for (let j = j0; j < Math.min(j0 + 32, columns); j++) out[j * n + i] = values[i * columns + j]!;
  return out;
}

/** A·B, read back: A is [n × k], B is [k × columns]. */
export async function product(a: Features, b: Features): Promise<Features> {
  const out = tf.tidy(() => tf.matMul(tf.tensor2d(a.values, [rows(a), a.columns]), tf.tensor2d(b.values, [rows(b), b.columns])));
  try {
    return { values: (await out.data()) as Float32Array, columns: b.columns };
  } finally {
    out.dispose();
  }
}

/** Mean of each column. */
export function columnMeans(x: Features): Float32Array {
  const sums = new Float64Array(x.columns);
  const n = rows(x);
  for (let i = 0; i < n; i++) for (let j = 0; j < x.columns; j++) sums[j]! += x.values[i * x.columns + j]!;
  return Float32Array.from(sums, (s) => s / n);
}

const centred = (x: Features, mean: Float32Array): Features => ({
  values: x.values.map((v, i) => v - mean[i % x.columns]!),
  columns: x.columns,
});

const matrix = ({ values, columns }: Features): Matrix => Matrix.from1DArray(values.length / columns, columns, values);
const features = (m: Matrix): Features => ({ values: Float32Array.from(m.to1DArray()), columns: m.columns });

/**
 * The lower triangle L of a symmetric positive definite A [n × n] = L·Lᵀ, row by row. Throws if A isn't positive definite.
 * Written out because it is ten times as fast as ml-matrix's, which reads entry by entry: 1,000 rows take a third of a second.
 */
export async function cholesky(a: ArrayLike<number>, n: number, breathe: Breathe = holdBreath): Promise<Float64Array> {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    if (i % 32 === 0) await breathe();
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= L[i * n + k]! * L[j * n + k]!;
      if (i === j && !(rest > 0))
        throw new Error(`Cholesky met the pivot ${rest} in row ${i} of ${n}, expected a positive definite matrix`);
      L[i * n + j] = i === j ? Math.sqrt(rest) : rest / L[j * n + j]!;
    }
  }
  return L;
}

/** L⁻¹ of a lower triangle L [n × n], row by row: a lower triangle too. */
export function invertLower(L: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const factor = L[i * n + k]!;
      for (let j = 0; j <= k; j++) out[i * n + j]! -= factor * out[k * n + j]!;
    }
    out[i * n + i] = 1;
    for (let j = 0; j <= i; j++) out[i * n + j]! /= L[i * n + i]!;
  }
  return out;
}

/** x = A⁻¹·b for b [n × columns], by `cholesky`, whose terms apply. */
export async function choleskySolver(a: ArrayLike<number>, n: number, breathe: Breathe = holdBreath): Promise<(b: Features) => Features> {
  const L = await cholesky(a, n, breathe);
  return ({ values, columns }) => {
    const x = Float64Array.from(values);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) for (let c = 0; c < columns; c++) x[i * columns + c]! -= L[i * n + k]! * x[k * columns + c]!;
      for (let c = 0; c < columns; c++) x[i * columns + c]! /= L[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let c = 0; c < columns; c++) x[i * columns + c]! /= L[i * n + i]!;
      for (let k = 0; k < i; k++) for (let c = 0; c < columns; c++) x[k * columns + c]! -= L[i * n + k]! * x[i * columns + c]!;
    }
    return { values: Float32Array.from(x), columns };
  };
}

/** Eigenvectors of a symmetric matrix as rows, largest eigenvalue first. */
function eigen(symmetric: Matrix): { values: number[]; vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  // ml-matrix sorts them in ascending order.
  const order = realEigenvalues.map((_, i) => realEigenvalues.length - 1 - i);
  return { values: order.map((i) => realEigenvalues[i]!), vectors: eigenvectorMatrix.subMatrixColumn(order).transpose() };
}

/** The leading eigenpairs of XᵀX/(n − 1), X centred, without forming it: orthogonal iteration with Rayleigh–Ritz (Golub & Van Loan §8.2). */
async function subspace(x: Features, components: number, tolerance: number): Promise<{ values: number[]; vectors: Matrix }> {
  const n = rows(x);
  const width = Math.min(components + 16, n, x.columns);
  const start = rng(0).split('pca');
  const X = tf.tensor2d(x.values, [n, x.columns]);
  const XT = tf.transpose(X);
  const covarianceTimes = async (q: Matrix): Promise<Matrix> => {
    const out = tf.tidy(() => tf.matMul(XT, tf.matMul(X, tf.tensor2d(features(q).values, [q.rows, q.columns]))));
    try {
      return matrix({ values: (await out.data()) as Float32Array, columns: q.columns }).div(n - 1);
    } finally {
      out.dispose();
    }
  };
  try {
    let q = new QrDecomposition(matrix({ values: Float32Array.from({ length: x.columns * width }, start.normal), columns: width }))
      .orthogonalMatrix;
    let before: number[] = [];
    for (let step = 0; ; step++) {
      const y = await covarianceTimes(q);
      const ritz = q.transpose().mmul(y);
      const { values, vectors } = eigen(ritz.add(ritz.transpose()).div(2));
      const settled = values.slice(0, components).every((v, i) => Math.abs(v - (before[i] ?? 0)) <= tolerance * values[0]!);
      if (settled || step === 40) return { values, vectors: vectors.mmul(q.transpose()) };
      before = values;
      q = new QrDecomposition(y).orthogonalMatrix;
    }
  } finally {
    tf.dispose([X, XT]);
  }
}

/**
 * Principal component analysis: the `components` unit axes of largest variance, Cov(x) = Xᵀ X / (n − 1) with X centred
 * (unbiased, as in scikit-learn). The entry of largest magnitude of each axis is positive. Up to 512 columns by the
 * eigenvectors of the covariance; above, by orthogonal iteration until no variance moves by `tolerance` of the largest.
 * Throws if there are fewer than 2 rows or more components than rows or columns.
 */
export async function pca(x: Features, components: number, tolerance = 1e-5): Promise<Pca> {
  const n = rows(x);
  if (n < 2) throw new Error(`PCA got ${n} rows, expected at least 2`);
  if (!(Number.isInteger(components) && components >= 1 && components <= Math.min(n, x.columns)))
    throw new Error(
      `PCA to ${components} components of ${n} rows × ${x.columns} columns: expected a whole number from 1 to ${Math.min(n, x.columns)}`,
    );
  const mean = columnMeans(x);
  const X = centred(x, mean);
  const total = X.values.reduce((sum, v) => sum + v * v, 0) / (n - 1);
  const { values, vectors } =
    x.columns <= 512
      ? eigen(matrix(await product({ values: transpose(X.values, x.columns), columns: n }, X)).div(n - 1))
      : await subspace(X, components, tolerance);
  const axes = new Float32Array(components * x.columns);
  for (let k = 0; k < components; k++) {
    const axis = vectors.getRow(k);
    const sign = Math.sign(axis.reduce((peak, v) => (Math.abs(v) > Math.abs(peak) ? v : peak), 0)) || 1;
    axes.set(
      axis.map((v) => v * sign),
      k * x.columns,
    );
  }
  return { mean, axes, variances: Float32Array.from(values.slice(0, components), (v) => Math.max(v, 0)), total };
}

/** Coordinates along the axes, (x − mean)·axesᵀ: [n × components]. */
export const project = (x: Features, { mean, axes, variances }: Pca): Promise<Features> =>
  product(centred(x, mean), { values: transpose(axes, x.columns), columns: variances.length });

/** PCA-whitened coordinates (x − mean)·axesᵀ / √(variance + epsilon): [n × components], uncorrelated, of variance 1 where epsilon is small beside it. */
export async function whiten(x: Features, components: number, epsilon = 1e-5): Promise<Features> {
  const fit = await pca(x, components);
  const y = await project(x, fit);
  return { values: y.values.map((v, i) => v / Math.sqrt(fit.variances[i % components]! + epsilon)), columns: components };
}

/** Rows divided by their Euclidean length; rows of zeros stay zero. */
export function normalizeRows({ values, columns }: Features): Features {
  const out = Float32Array.from(values);
  for (let start = 0; start < out.length; start += columns) {
    const row = out.subarray(start, start + columns);
    const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    if (length > 0) for (let j = 0; j < columns; j++) row[j]! /= length;
  }
  return { values: out, columns };
}
