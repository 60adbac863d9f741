import { UMAP } from 'umap-js';
import type { Features } from '../../ops/linear-algebra.ts';
import type { Numbers } from '../../ops/numbers.ts';
import { nearestRows } from './neighbours.ts';

/** Points of a picture under way: [x0, y0, x1, …], and how much of the work is done. */
export type Progress = (points: () => Float32Array, done: number, total: number) => void;

/** Half the width of the square in which the layout starts, as in the authors' code. */
const reach = 10;

/**
 * UMAP to two dimensions, by umap-js: the layout whose fuzzy neighbourhoods have the least cross entropy from those of the rows.
 * McInnes, Healy & Melville, 2018, arXiv 1802.03426. `neighbours` counts the row itself, as there; minimum distance 0.1.
 *
 * Differs: neighbours are exact; the start is the one given (principal components, or an earlier picture) instead of random or
 * spectral, scaled into ±10; with `done` it is the layout after so many epochs, and only the others follow. Same numbers from `rng`, same picture. Takes at least 4 rows.
 */
export function umap(
  x: Features,
  neighbours: number,
  start: Float32Array,
  { epochs, done = 0 }: { readonly epochs: number; readonly done?: number },
  rng: Numbers,
  progress: Progress,
): Float32Array {
  const n = x.values.length / x.columns;
  const k = Math.min(neighbours, n - 1);
  const near = nearestRows(x, k - 1);
  const row = (i: number, of: ArrayLike<number>, first: number) => [
    first,
    ...Array.from({ length: k - 1 }, (_, j) => of[i * (k - 1) + j]!),
  ];
  const all = Array.from({ length: n }, (_, i) => i);
  const model = new UMAP({ nNeighbors: k, nEpochs: Math.max(1, epochs - done), random: rng.uniform });
  model.setPrecomputedKNN(
    all.map((i) => row(i, near.index, i)),
    all.map((i) => row(i, near.distance, 0)),
  );
  // With the neighbours known, the rows only tell how many there are.
  model.initializeFit(all.map(() => []));
  const layout = model.getEmbedding();
  const most = start.reduce((peak, v) => Math.max(peak, Math.abs(v)), 0) || 1;
  const scale = done > 0 ? 1 : reach / most;
  // Its steps move these very arrays. A little noise parts rows that are equal.
  layout.forEach((point, i) => {
    point[0] = scale * start[2 * i]! + 1e-4 * rng.normal();
    point[1] = scale * start[2 * i + 1]! + 1e-4 * rng.normal();
  });
  const points = () => Float32Array.from(layout.flat());
  for (let epoch = done + 1; epoch <= epochs; epoch++) {
    model.step();
    progress(points, epoch, epochs);
  }
  return points();
}
