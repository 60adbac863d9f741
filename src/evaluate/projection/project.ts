import type { Features } from '../../ops/linear-algebra.ts';
import { numbers } from '../../ops/numbers.ts';
import { trustworthiness } from '../trustworthiness.ts';
import { plane } from './plane.ts';
import { tsne } from './tsne.ts';
import { type Progress, umap } from './umap.ts';

export type ProjectionMethod = 'pca' | 'umap' | 'tsne';

/** What is wanted of representations whose columns are principal components, largest variance first. */
export type Projection = {
  readonly method: ProjectionMethod;
  /** UMAP's number of neighbours, t-SNE's perplexity; PCA has none. */
  readonly amount: number;
  readonly features: Features;
  /** A picture of the same rows to go on from, [x0, y0, …]; fewer steps then do. Null: from the principal components. */
  readonly start: Float32Array | null;
  /** Where a picture that was broken off had come: `start` is that picture then, and only what it still lacks is done. */
  readonly reached?: Reached;
};

/** Rounds done of all, and whether the picture had begun from another one. */
export type Reached = { readonly done: number; readonly total: number; readonly warm: boolean };

/** Of the picture: how far its neighbourhoods can be trusted, among the first `rows` rows. */
export type Trust = { readonly value: number; readonly k: number; readonly rows: number };
export type Projected = { readonly points: Float32Array; readonly trust: Trust | null };

/** Neighbours that trustworthiness looks at, and rows that it takes at most: it compares each with each. */
const trustNeighbours = 10;
const trustRows = 2000;
/** Everything random starts here: the same rows give the same picture. */
const seed = 0;

const head = ({ values, columns }: Features, n: number): Features => ({ values: values.subarray(0, n * columns), columns });

/** Trustworthiness of a picture, null where there are too few points. */
function trustOf(features: Features, points: Float32Array): Trust | null {
  const rows = Math.min(trustRows, points.length / 2);
  if (2 * trustNeighbours >= rows) return null;
  const value = trustworthiness(head(features, rows), head({ values: points, columns: 2 }, rows), trustNeighbours);
  return { value, k: trustNeighbours, rows };
}

/**
 * Projects rows onto the plane, at once: blocks for seconds. `progress` hears of every step. Throws if there are fewer than 4 rows, if a
 * value is no number, or if `start` has other rows or is missing where a picture goes on.
 */
export function project({ method, amount, features, start, reached }: Projection, progress: Progress): Projected {
  const n = features.values.length / features.columns;
  if (!(Number.isInteger(n) && n >= 4)) throw new Error(`A projection got ${n} rows of ${features.columns} columns, expected 4 or more`);
  if (start && start.length !== 2 * n) throw new Error(`A projection of ${n} rows got ${start.length / 2} points to start from`);
  if (reached && !start) throw new Error('A projection was told to go on, but from no points');
  if (!features.values.every(Number.isFinite))
    throw new Error('A projection got representations that are no numbers: the run has diverged. Try a smaller learning rate');
  const points = layout(method, amount, features, start, reached, progress);
  return { points, trust: trustOf(features, points) };
}

function layout(
  method: ProjectionMethod,
  amount: number,
  x: Features,
  start: Float32Array | null,
  reached: Reached | undefined,
  progress: Progress,
): Float32Array {
  const n = x.values.length / x.columns;
  const from = start ?? plane(x);
  const { warm, done } = reached ?? { warm: start !== null, done: 0 };
  const rng = numbers(seed).split(method, ...(done > 0 ? [done] : []));
  // As many as the authors' code takes; from a picture that fits already a third does.
  if (method === 'umap') {
    const epochs = warm ? 150 : n <= 2500 ? 500 : n <= 5000 ? 300 : 200;
    return umap(x, amount, from, { epochs, done }, rng, progress);
  }
  if (method === 'tsne') return tsne(x, amount, from, { steps: warm ? 200 : 600, warm, done }, rng, progress);
  return plane(x);
}
