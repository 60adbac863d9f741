import type { Features } from '../../ops/linear-algebra.ts';
import type { Numbers } from '../../ops/numbers.ts';
import { type Neighbours, nearestRows } from './neighbours.ts';
import { quadtree } from './quadtree.ts';
import type { Progress } from './umap.ts';

/** Cells of the tree stand for their points when narrower than this share of their distance: below √½, so never for a point itself. */
const theta = 0.7;

/** Symmetric affinities as a sparse matrix: those of row i are at `from[i]` … `from[i + 1]` − 1. They sum to 1. */
export type Affinities = { readonly from: Int32Array; readonly index: Int32Array; readonly values: Float64Array };

/**
 * Affinities of t-SNE: p(j|i) ∝ exp(−βᵢ·d(i, j)²) over the neighbours of i, βᵢ such that their perplexity exp(H) is the one asked for;
 * then pᵢⱼ = (p(j|i) + p(i|j)) / 2n. Where too few neighbours lie apart for that, p(j|i) becomes as even as it can.
 */
export function affinities({ k, index, distance }: Neighbours, perplexity: number): Affinities {
  const n = index.length / k;
  const wanted = Math.log(Math.min(perplexity, k));
  const given = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const d = Float64Array.from(distance.subarray(i * k, (i + 1) * k), (v) => v * v);
    const least = d[0]!;
    // In units of the mean distance, so that the search starts in the right place.
    const unit = d.reduce((a, v) => a + v - least, 0) / k || 1;
    let [beta, low, high] = [1 / unit, 0, Infinity];
    for (let round = 0; round < 60; round++) {
      let [sum, weighted] = [0, 0];
      for (let j = 0; j < k; j++) {
        const gap = d[j]! - least;
        const p = Math.exp(-beta * gap);
        given[i * k + j] = p;
        sum += p;
        weighted += p * gap;
      }
      for (let j = 0; j < k; j++) given[i * k + j]! /= sum;
      const entropy = Math.log(sum) + (beta * weighted) / sum;
      if (Math.abs(entropy - wanted) < 1e-6) break;
      if (entropy > wanted) low = beta;
      else high = beta;
      beta = high === Infinity ? 2 * beta : (low + high) / 2;
    }
  }
  const rows: Map<number, number>[] = Array.from({ length: n }, () => new Map());
  for (let i = 0; i < n; i++)
    for (let j = 0; j < k; j++) {
      const other = index[i * k + j]!;
      const share = given[i * k + j]! / (2 * n);
      rows[i]!.set(other, (rows[i]!.get(other) ?? 0) + share);
      rows[other]!.set(i, (rows[other]!.get(i) ?? 0) + share);
    }
  const from = new Int32Array(n + 1);
  rows.forEach((row, i) => {
    from[i + 1] = from[i]! + row.size;
  });
  return {
    from,
    index: Int32Array.from(rows.flatMap((row) => [...row.keys()])),
    values: Float64Array.from(rows.flatMap((row) => [...row.values()])),
  };
}

/**
 * The gradient of KL(P ‖ Q) with respect to the points [x0, y0, …], P multiplied by `exaggeration`:
 * 4·Σⱼ (pᵢⱼ − qᵢⱼ)·wᵢⱼ·(yᵢ − yⱼ), wᵢⱼ = 1 / (1 + ‖yᵢ − yⱼ‖²), qᵢⱼ = wᵢⱼ / Σ w. Written into `out`; exact where `angle` is 0.
 */
export function tsneGradient(
  p: Affinities,
  y: Float64Array,
  exaggeration: number,
  angle: number,
  tree: ReturnType<typeof quadtree>,
  out: Float64Array,
): void {
  const n = y.length / 2;
  tree.build(y);
  const force = new Float64Array(2);
  let total = 0;
  for (let i = 0; i < n; i++) {
    force.fill(0);
    total += tree.repel(i, angle, force);
    out[2 * i] = force[0]!;
    out[2 * i + 1] = force[1]!;
  }
  for (let i = 0; i < n; i++) {
    let [fx, fy] = [0, 0];
    for (let at = p.from[i]!; at < p.from[i + 1]!; at++) {
      const j = p.index[at]!;
      const dx = y[2 * i]! - y[2 * j]!;
      const dy = y[2 * i + 1]! - y[2 * j + 1]!;
      const pull = p.values[at]! / (1 + dx * dx + dy * dy);
      fx += pull * dx;
      fy += pull * dy;
    }
    out[2 * i] = 4 * (exaggeration * fx - out[2 * i]! / total);
    out[2 * i + 1] = 4 * (exaggeration * fy - out[2 * i + 1]! / total);
  }
}

/**
 * t-SNE to two dimensions: the layout whose affinities Q have the least KL divergence from those of the rows. Van der Maaten & Hinton,
 * JMLR 2008, with the Barnes–Hut approximation of van der Maaten, JMLR 2014 (θ = 0.7, affinities to 3·perplexity exact neighbours).
 *
 * Starts at the points given, shrunk to a standard deviation of 1e-4 and exaggerated 12 times for the first third (Kobak & Berens, 2019);
 * with `warm` it goes on from them as they are, without exaggeration; with `done` too, as the layout after so many of the steps. Learning rate n/12 or 50, momentum 0.5, then 0.8.
 * Same numbers from `rng`, same picture.
 */
export function tsne(
  x: Features,
  perplexity: number,
  start: Float32Array,
  { steps, warm, done = 0 }: { readonly steps: number; readonly warm: boolean; readonly done?: number },
  rng: Numbers,
  progress: Progress,
): Float32Array {
  const n = x.values.length / x.columns;
  const p = affinities(nearestRows(x, Math.min(n - 1, Math.floor(3 * perplexity))), perplexity);
  const size = Math.sqrt(start.reduce((sum, v) => sum + v * v, 0) / start.length) || 1;
  // A little noise parts rows that are equal.
  const y = Float64Array.from(start, (v) => (warm || done > 0 ? v : (1e-4 * v) / size) + 1e-6 * rng.normal());
  const gradient = new Float64Array(2 * n);
  const velocity = new Float64Array(2 * n);
  const gains = new Float64Array(2 * n).fill(1);
  const tree = quadtree(n);
  const rate = Math.max(50, n / 12);
  const points = () => Float32Array.from(y);
  for (let step = done + 1; step <= steps; step++) {
    const early = !warm && step <= steps / 3;
    tsneGradient(p, y, early ? 12 : 1, theta, tree, gradient);
    const momentum = early ? 0.5 : 0.8;
    for (let c = 0; c < y.length; c++) {
      gains[c] = gradient[c]! * velocity[c]! > 0 ? Math.max(0.01, gains[c]! * 0.8) : gains[c]! + 0.2;
      velocity[c] = momentum * velocity[c]! - rate * gains[c]! * gradient[c]!;
      y[c]! += velocity[c]!;
    }
    for (const axis of [0, 1]) {
      let middle = 0;
      for (let c = axis; c < y.length; c += 2) middle += y[c]! / n;
      for (let c = axis; c < y.length; c += 2) y[c]! -= middle;
    }
    progress(points, step, steps);
  }
  return points();
}
