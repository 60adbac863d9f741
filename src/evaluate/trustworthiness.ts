import type { Features } from '../ops/linear-algebra.ts';

/**
 * How far a picture can be trusted: of the k nearest neighbours that each point has in the picture, those that are no neighbours in
 * the space it shows cost as much as their true rank exceeds k,
 * T(k) = 1 − 2 / (n·k·(2n − 3k − 1)) · Σᵢ Σ_{j ∈ U_k(i)} (r(i, j) − k),
 * where U_k(i) are i's k nearest in the picture that are not among its k nearest in the space, and r(i, j) ranks j by its distance
 * from i there. 1: no false neighbours; about 0.5 for points strewn at random.
 *
 * Venna & Kaski, Neighborhood preservation in nonlinear projection methods, ICANN 2001, eq. 1. Shapes: space [n × D], picture
 * [n × 2] (any number of columns). Euclidean distances; ties by row. In time n²·D. Throws unless both have the same n and 1 ≤ k < n/2.
 */
export function trustworthiness(space: Features, picture: Features, k: number): number {
  const n = space.values.length / space.columns;
  const drawn = picture.values.length / picture.columns;
  if (n !== drawn)
    throw new Error(`Trustworthiness of a picture with ${drawn} points got a space with ${n} rows: expected one row for each`);
  if (!(Number.isInteger(k) && k >= 1 && 2 * k < n))
    throw new Error(`Trustworthiness got k = ${k} for ${n} points, expected a whole number from 1 and below ${n / 2}`);
  const far = new Float64Array(n);
  const near = new Float64Array(n);
  let penalty = 0;
  for (let i = 0; i < n; i++) {
    distancesFrom(space, i, far);
    distancesFrom(picture, i, near);
    for (const j of smallest(near, k, i)) {
      const d = far[j]!;
      let rank = 1;
      for (let l = 0; l < n; l++) if (l !== i && (far[l]! < d || (far[l] === d && l < j))) rank++;
      penalty += Math.max(0, rank - k);
    }
  }
  return 1 - (2 * penalty) / (n * k * (2 * n - 3 * k - 1));
}

/** Squared distances of all rows from row i. */
function distancesFrom({ values, columns }: Features, i: number, out: Float64Array): void {
  for (let j = 0; j < out.length; j++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += (values[i * columns + c]! - values[j * columns + c]!) ** 2;
    out[j] = sum;
  }
}

/** Places of the k smallest values, without place `self`. */
function smallest(values: Float64Array, k: number, self: number): number[] {
  const best: number[] = [];
  for (let j = 0; j < values.length; j++) {
    if (j === self || (best.length === k && values[j]! >= values[best[k - 1]!]!)) continue;
    let at = Math.min(best.length, k - 1);
    while (at > 0 && values[best[at - 1]!]! > values[j]!) {
      best[at] = best[at - 1]!;
      at--;
    }
    best[at] = j;
  }
  return best;
}
