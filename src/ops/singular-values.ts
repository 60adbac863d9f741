import { type Breathe, holdBreath } from './breathe.ts';
import { type Features, rows } from './linear-algebra.ts';

/**
 * All singular values of X [n × columns], largest first: the roots of the eigenvalues of the smaller of XᵀX and XXᵀ, all in float64.
 * Below about 1e-7 of the largest they are rounding. 2,000 × 1,024 take about two seconds, 10,000 × 128 a tenth of one.
 */
export async function singularValues(x: Features, breathe: Breathe = holdBreath): Promise<Float64Array> {
  const values = await symmetricEigenvalues(await gram(x, breathe), breathe);
  return values.map((v) => Math.sqrt(Math.max(0, v)));
}

/** The smaller of XᵀX and XXᵀ, its lower triangle by rows. */
async function gram(x: Features, breathe: Breathe): Promise<Float64Array[]> {
  const n = rows(x);
  const [size, length] = x.columns <= n ? [x.columns, n] : [n, x.columns];
  // What is multiplied lies in rows: X itself, or its transpose.
  const lines = Array.from({ length: size }, (_, i) =>
    x.columns > n
      ? Float64Array.from(x.values.subarray(i * length, (i + 1) * length))
      : Float64Array.from({ length }, (_, k) => x.values[k * x.columns + i]!),
  );
  const out: Float64Array[] = [];
  for (let i = 0; i < size; i++) {
    if (i % 16 === 0) await breathe();
    const a = lines[i]!;
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j += 2) {
      const [b, c] = [lines[j]!, lines[Math.min(j + 1, i)]!];
      let [s, t] = [0, 0];
      for (let k = 0; k < length; k++) {
        s += a[k]! * b[k]!;
        t += a[k]! * c[k]!;
      }
      row[j] = s;
      if (j + 1 <= i) row[j + 1] = t;
    }
    out.push(row);
  }
  return out;
}

/**
 * All eigenvalues of a symmetric matrix given by the rows of its lower triangle (which are overwritten), largest first, to 1e-14 of
 * the largest. Householder's reduction to a tridiagonal matrix (Golub & Van Loan §8.3.1), then bisection by Sturm counts (§8.4.1).
 */
export async function symmetricEigenvalues(lower: Float64Array[], breathe: Breathe = holdBreath): Promise<Float64Array> {
  const n = lower.length;
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  // From the last row up: each reflection works on the leading block that is left.
  for (let last = n - 1; last > 0; last--) {
    if (last % 16 === 0) await breathe();
    const row = lower[last]!;
    diagonal[last] = row[last]!;
    const length = Math.sqrt(row.subarray(0, last).reduce((sum, v) => sum + v * v, 0));
    const end = row[last - 1]!;
    beside[last] = end > 0 ? -length : length;
    if (length === 0) continue;
    // v = (row ± length·e)/‖·‖ takes the row to ±length·e.
    const v = row.slice(0, last);
    v[last - 1] = end - beside[last]!;
    const norm = Math.sqrt(v.reduce((sum, w) => sum + w * w, 0));
    if (norm === 0) continue;
    for (let i = 0; i < last; i++) v[i]! /= norm;
    const p = new Float64Array(last);
    for (let i = 0; i < last; i++) {
      const a = lower[i]!;
      const vi = v[i]!;
      let sum = a[i]! * vi;
      for (let j = 0; j < i; j++) {
        sum += a[j]! * v[j]!;
        p[j]! += a[j]! * vi;
      }
      p[i]! += sum;
    }
    let along = 0;
    for (let i = 0; i < last; i++) along += p[i]! * v[i]!;
    for (let i = 0; i < last; i++) p[i] = 2 * (p[i]! - along * v[i]!);
    for (let i = 0; i < last; i++) {
      const a = lower[i]!;
      const [vi, pi] = [v[i]!, p[i]!];
      for (let j = 0; j <= i; j++) a[j]! -= vi * p[j]! + pi * v[j]!;
    }
  }
  diagonal[0] = lower[0]?.[0] ?? 0;
  await breathe();
  return bisect(diagonal, beside);
}

/** Eigenvalues of the tridiagonal matrix with this diagonal and `beside[i]` between i − 1 and i, largest first. */
function bisect(diagonal: Float64Array, beside: Float64Array): Float64Array {
  const n = diagonal.length;
  const squares = beside.map((v) => v * v);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    const reach = Math.abs(beside[i]!) + Math.abs(beside[i + 1] ?? 0);
    low = Math.min(low, diagonal[i]! - reach);
    high = Math.max(high, diagonal[i]! + reach);
  }
  const width = Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE) * 1e-14;
  /** How many eigenvalues lie below x: the negative pivots of T − x. */
  const below = (x: number): number => {
    let count = 0;
    let pivot = 1;
    for (let i = 0; i < n; i++) {
      pivot = diagonal[i]! - x - squares[i]! / pivot;
      if (pivot === 0) pivot = -Number.MIN_VALUE * 1e20;
      if (pivot < 0) count += 1;
    }
    return count;
  };
  const found = new Float64Array(n);
  const search = (from: number, to: number, first: number, end: number): void => {
    if (first === end) return;
    const middle = (from + to) / 2;
    if (to - from <= width || middle <= from || middle >= to) {
      found.fill(middle, n - end, n - first);
      return;
    }
    const split = below(middle);
    search(from, middle, first, split);
    search(middle, to, split, end);
  };
  search(low - width, high + width, 0, n);
  return found;
}
