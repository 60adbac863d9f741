/** How far two sets of points are apart: Fréchet distance, MMD, precision and recall, nearest rows. Plain loops in float64. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { type Features, rows } from '../ops/linear-algebra.ts';

/** Squared Euclidean distances of row `i` of `a` to all rows of `b`. */
function squaredDistances(a: Features, i: number, b: Features, out: Float64Array): Float64Array {
  const { columns } = a;
  const [first, x, y] = [i * columns, a.values, b.values];
  for (let j = 0, at = 0; j < out.length; j++) {
    let sum = 0;
    for (let d = 0; d < columns; d++, at++) {
      const gap = x[first + d]! - y[at]!;
      sum += gap * gap;
    }
    out[j] = sum;
  }
  return out;
}

/** `f` with the squared distances of each row of `a` to all of `b`; the array is used again for the next row. */
async function eachRow(a: Features, b: Features, breathe: Breathe, f: (squares: Float64Array, i: number) => void): Promise<void> {
  if (a.columns !== b.columns)
    throw new Error(`Distances between rows of ${a.columns} and of ${b.columns} columns: expected as many in both`);
  const out = new Float64Array(rows(b));
  const every = Math.max(1, Math.floor((1 << 22) / (out.length * a.columns)));
  for (let i = 0; i < rows(a); i++) {
    if (i % every === 0) await breathe();
    f(squaredDistances(a, i, b, out), i);
  }
}

/** Means of the columns, and their covariance, Σ(x − mean)(x − mean)ᵀ/(n − 1). */
function moments(x: Features): { mean: Float64Array; covariance: Matrix } {
  const n = rows(x);
  if (n < 2) throw new Error(`A Fréchet distance of ${n} rows: expected at least 2`);
  const { columns } = x;
  const mean = new Float64Array(columns);
  x.values.forEach((v, i) => {
    mean[i % columns]! += v / n;
  });
  const sums = new Float64Array(columns * columns);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < columns; j++) {
      const a = x.values[i * columns + j]! - mean[j]!;
      for (let k = 0; k <= j; k++) sums[j * columns + k]! += a * (x.values[i * columns + k]! - mean[k]!);
    }
  const covariance = Matrix.zeros(columns, columns);
  for (let j = 0; j < columns; j++)
    for (let k = 0; k <= j; k++) {
      const value = sums[j * columns + k]! / (n - 1);
      covariance.set(j, k, value);
      covariance.set(k, j, value);
    }
  return { mean, covariance };
}

/** √A of a symmetric A without negative eigenvalues (those of rounding count as 0). */
function squareRoot(a: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix: v } = new EigenvalueDecomposition(a, { assumeSymmetric: true });
  return v.mmul(Matrix.diag(realEigenvalues.map((e) => Math.sqrt(Math.max(0, e))))).mmul(v.transpose());
}

/**
 * Fréchet distance of two Gaussians fitted to the rows: ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), covariances by n − 1
 * (Dowson & Landau 1982; Heusel et al. 2017, arXiv 1706.08500). 0 for equal moments. It is the FID only on Inception's features.
 */
export async function frechetDistance(x: Features, y: Features, breathe: Breathe = holdBreath): Promise<number> {
  const a = moments(x);
  await breathe();
  const b = moments(y);
  await breathe();
  const gap = a.mean.reduce((sum, v, i) => sum + (v - b.mean[i]!) ** 2, 0);
  const root = squareRoot(a.covariance);
  await breathe();
  // (Σ₁Σ₂)^½ has the trace of (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric.
  const product = root.mmul(b.covariance).mmul(root);
  const { realEigenvalues } = new EigenvalueDecomposition(product.add(product.transpose()).div(2), { assumeSymmetric: true });
  const overlap = realEigenvalues.reduce((sum, e) => sum + Math.sqrt(Math.max(0, e)), 0);
  return Math.max(0, gap + a.covariance.trace() + b.covariance.trace() - 2 * overlap);
}

/**
 * Squared maximum mean discrepancy with the kernel k(x, y) = exp(−‖x − y‖²/2s²), the biased V-statistic: mean k(x, x′) + mean k(y, y′) −
 * 2 mean k(x, y), pairs of a row with itself included (Gretton et al. 2012, eq. 5). Never negative, 0 for equal sets.
 */
export async function mmd(x: Features, y: Features, bandwidth: number, breathe: Breathe = holdBreath): Promise<number> {
  const meanKernel = async (a: Features, b: Features) => {
    let sum = 0;
    await eachRow(a, b, breathe, (squares) => {
      for (const s of squares) sum += Math.exp(-s / (2 * bandwidth * bandwidth));
    });
    return sum / (rows(a) * rows(b));
  };
  return (await meanKernel(x, x)) + (await meanKernel(y, y)) - 2 * (await meanKernel(x, y));
}

/** Median distance between different rows. */
export async function medianDistance(x: Features, breathe: Breathe = holdBreath): Promise<number> {
  const found: number[] = [];
  await eachRow(x, x, breathe, (squares, i) => {
    for (let j = 0; j < i; j++) found.push(squares[j]!);
  });
  return Math.sqrt(Float64Array.from(found).sort()[found.length >> 1] ?? 0);
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, eqs. 1–3, arXiv 1904.06991): a set's manifold is the union of the balls around
 * its points that reach to their k-th nearest neighbour in the set. Precision is the share of `fake` in the manifold of `real`, recall
 * the share of `real` in that of `fake`; both in [0, 1]. Throws unless each set has more than k rows. k = 3 as in the paper.
 */
export async function precisionRecall(
  real: Features,
  fake: Features,
  { k = 3, breathe = holdBreath }: { k?: number; breathe?: Breathe } = {},
): Promise<{ readonly precision: number; readonly recall: number }> {
  if (Math.min(rows(real), rows(fake)) <= k)
    throw new Error(`Precision and recall with k = ${k} of ${rows(real)} and ${rows(fake)} rows: expected more than k of each`);
  const radii = async (x: Features) => {
    const out = new Float64Array(rows(x));
    // The nearest of all is the row itself.
    await eachRow(x, x, breathe, (squares, i) => {
      out[i] = squares.slice().sort()[k]!;
    });
    return out;
  };
  const share = async (of: Features, manifold: Features) => {
    const reach = await radii(manifold);
    let inside = 0;
    await eachRow(of, manifold, breathe, (squares) => {
      if (squares.some((s, j) => s <= reach[j]!)) inside += 1;
    });
    return inside / rows(of);
  };
  return { precision: await share(fake, real), recall: await share(real, fake) };
}

/** Of each row of `x` the nearest of `among` and its Euclidean distance; ties go to the earlier row. */
export async function nearestRows(
  x: Features,
  among: Features,
  breathe: Breathe = holdBreath,
): Promise<{ readonly row: Int32Array; readonly distance: Float32Array }> {
  const [row, distance] = [new Int32Array(rows(x)), new Float32Array(rows(x))];
  await eachRow(x, among, breathe, (squares, i) => {
    let best = 0;
    for (let j = 1; j < squares.length; j++) if (squares[j]! < squares[best]!) best = j;
    row[i] = best;
    distance[i] = Math.sqrt(squares[best]!);
  });
  return { row, distance };
}
