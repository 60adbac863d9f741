import * as tf from '../tf.ts';
import { type Breathe, holdBreath } from './breathe.ts';
import { type Features, normalizeRows, rows, transpose } from './linear-algebra.ts';
import type { Rng } from './random.ts';

/** `centroids` [k × columns]; `assignment` [n], 0 … k − 1; `inertia` = Σ‖x − its centroid‖². */
export type Clustering = { readonly centroids: Float32Array; readonly assignment: Int32Array; readonly inertia: number };

const squaredDistance = (a: Float32Array, i: number, b: Float32Array, j: number, columns: number): number => {
  let sum = 0;
  for (let d = 0; d < columns; d++) {
    const gap = a[i * columns + d]! - b[j * columns + d]!;
    sum += gap * gap;
  }
  return sum;
};

/** An index drawn in proportion to its weight; any index if all weigh nothing. */
function draw(weights: Float64Array, total: number, rng: Rng): number {
  if (!(total > 0)) return rng.integer(weights.length);
  let left = rng.uniform() * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! > 0) {
      last = i;
      left -= weights[i]!;
      if (left < 0) break;
    }
  }
  return last;
}

/** k-means++ (Arthur & Vassilvitskii 2007): each next centroid is a row drawn in proportion to its squared distance to the nearest so far. */
function seed({ values, columns }: Features, k: number, rng: Rng): Float32Array {
  const n = values.length / columns;
  const centroids = new Float32Array(k * columns);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let pick = rng.integer(n);
  for (let c = 0; c < k; c++) {
    centroids.set(values.subarray(pick * columns, (pick + 1) * columns), c * columns);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const distance = squaredDistance(values, i, centroids, c, columns);
      if (distance < nearest[i]!) nearest[i] = distance;
      total += nearest[i]!;
    }
    pick = draw(nearest, total, rng);
  }
  return centroids;
}

/** Mean of each cluster. An empty one takes half of the largest: both move ±⅛ of the way to one of its rows, which halves it by a plane through its mean. */
function means({ values, columns }: Features, assignment: Int32Array, k: number, rng: Rng): Float32Array {
  const sums = new Float64Array(k * columns);
  const counts = new Float64Array(k);
  assignment.forEach((c, i) => {
    counts[c]! += 1;
    for (let d = 0; d < columns; d++) sums[c * columns + d]! += values[i * columns + d]!;
  });
  const centroids = Float32Array.from(sums, (s, i) => s / Math.max(counts[Math.floor(i / columns)]!, 1));
  for (let empty = counts.indexOf(0); empty >= 0; empty = counts.indexOf(0)) {
    const largest = counts.indexOf(Math.max(...counts));
    const members = [...assignment.keys()].filter((i) => assignment[i] === largest);
    const member = members[rng.integer(members.length)] ?? 0;
    for (let d = 0; d < columns; d++) {
      const middle = centroids[largest * columns + d]!;
      const shift = (values[member * columns + d]! - middle) / 8;
      centroids[empty * columns + d] = middle + shift;
      centroids[largest * columns + d] = middle - shift;
    }
    counts[empty] = counts[largest]! / 2;
    counts[largest]! /= 2;
  }
  return centroids;
}

/**
 * k-means: minimizes Σ‖x − c(x)‖² over k centroids, by k-means++ seeding and Lloyd's iterations until no row moves (at most
 * `iterations`); the best of `restarts`. Empty clusters split the largest, as faiss does for DeepCluster (Caron et al. 2018,
 * arXiv 1807.05520). `spherical`: rows and centroids have unit length, so rows go to the centroid of largest cosine and the
 * inertia is Σ 2(1 − cos). Distances come from one product a step, [n × columns]·[columns × k]. Throws if n < k or x isn't finite.
 */
export async function kMeans(
  x: Features,
  k: number,
  rng: Rng,
  {
    iterations = 20,
    restarts = 1,
    spherical = false,
    breathe = holdBreath,
  }: { iterations?: number; restarts?: number; spherical?: boolean; breathe?: Breathe } = {},
): Promise<Clustering> {
  const n = rows(x);
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new Error(`k-means into ${k} clusters of ${n} rows: expected a whole number of clusters from 1 to the number of rows`);
  if (!x.values.every(Number.isFinite)) throw new Error('k-means got features with NaN or infinite values, expected finite numbers');
  const { columns } = x;
  const data = spherical ? normalizeRows(x) : x;
  const unit = (centroids: Float32Array) => (spherical ? normalizeRows({ values: centroids, columns }).values : centroids);
  const X = tf.tensor2d(data.values, [n, columns]);

  /** The nearest centroid of each row: argmin ‖c‖² − 2 x·c. */
  const assign = async (centroids: Float32Array): Promise<Int32Array> => {
    await breathe();
    const half = Float64Array.from({ length: k }, (_, c) => squaredDistance(centroids, c, new Float32Array(columns), 0, columns) / 2);
    const dots = tf.tidy(() => tf.matMul(X, tf.tensor2d(transpose(centroids, columns), [columns, k])));
    try {
      const scores = await dots.data();
      const assignment = new Int32Array(n);
      for (let i = 0; i < n; i++) {
        let best = Number.NEGATIVE_INFINITY;
        for (let c = 0; c < k; c++) {
          const score = scores[i * k + c]! - half[c]!;
          if (score > best) {
            best = score;
            assignment[i] = c;
          }
        }
      }
      return assignment;
    } finally {
      dots.dispose();
    }
  };

  const once = async (stream: Rng): Promise<Clustering> => {
    let centroids = seed(data, k, stream);
    let assignment = await assign(centroids);
    for (let step = 0; step < iterations; step++) {
      const next = unit(means(data, assignment, k, stream));
      const moved = await assign(next);
      const settled = moved.every((c, i) => c === assignment[i]);
      centroids = next;
      assignment = moved;
      if (settled) break;
    }
    const inertia = assignment.reduce((sum, c, i) => sum + squaredDistance(data.values, i, centroids, c, columns), 0);
    return { centroids, assignment, inertia };
  };

  try {
    let best = await once(rng.split('restart', 0));
    for (let restart = 1; restart < restarts; restart++) {
      const next = await once(rng.split('restart', restart));
      if (next.inertia < best.inertia) best = next;
    }
    return best;
  } finally {
    X.dispose();
  }
}
