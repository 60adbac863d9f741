import type { Features } from '../../ops/linear-algebra.ts';

/** For each row its k nearest others, nearest first: places and Euclidean distances, both [n × k]. */
export type Neighbours = { readonly k: number; readonly index: Int32Array; readonly distance: Float32Array };

/** Columns after which a distance that is too large already is given up. */
const stride = 8;

/**
 * The k nearest other rows of each row, exactly, by Euclidean distance; ties by the order of rows. Fast where the first columns vary
 * most, as principal components do: most distances are given up after a few of them. Throws unless 1 ≤ k < n.
 */
export function nearestRows({ values, columns }: Features, k: number): Neighbours {
  const n = values.length / columns;
  if (!(Number.isInteger(k) && k >= 1 && k < n)) throw new Error(`Asked for the ${k} nearest of ${n} rows, expected 1 to ${n - 1}`);
  const index = new Int32Array(n * k).fill(-1);
  const distance = new Float32Array(n * k).fill(Infinity);
  const offer = (row: number, other: number, d: number) => {
    let at = row * k + k - 1;
    for (; at > row * k && distance[at - 1]! > d; at--) {
      distance[at] = distance[at - 1]!;
      index[at] = index[at - 1]!;
    }
    distance[at] = d;
    index[at] = other;
  };
  for (let i = 0; i < n; i++) {
    const a = i * columns;
    for (let j = i + 1; j < n; j++) {
      const b = j * columns;
      const mine = distance[i * k + k - 1]!;
      const its = distance[j * k + k - 1]!;
      const most = Math.max(mine, its);
      let sum = 0;
      for (let c = 0; c < columns && sum < most; ) {
        const end = Math.min(c + stride, columns);
        for (; c < end; c++) {
          const difference = values[a + c]! - values[b + c]!;
          sum += difference * difference;
        }
      }
      // Rounded as the ones kept are, so that equal distances compare equal.
      const d = Math.fround(sum);
      if (d < mine) offer(i, j, d);
      if (d < its) offer(j, i, d);
    }
  }
  for (let at = 0; at < distance.length; at++) distance[at] = Math.sqrt(distance[at]!);
  return { k, index, distance };
}
