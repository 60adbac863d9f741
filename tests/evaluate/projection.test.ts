import { describe, expect, it } from 'vitest';
import { nearestRows } from '../../src/evaluate/projection/neighbours.ts';
import { plane } from '../../src/evaluate/projection/plane.ts';
import { type ProjectionMethod, project } from '../../src/evaluate/projection/project.ts';
import { quadtree } from '../../src/evaluate/projection/quadtree.ts';
import { affinities, tsneGradient } from '../../src/evaluate/projection/tsne.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { expectClose } from '../close.ts';

const columns = 6;
/** Clusters in turn, as many as asked for, apart by much more than their width. */
const clusters = (n: number, count: number, seed = 1) => {
  const r = numbers(seed);
  const centres = Array.from({ length: count * columns }, () => 6 * r.normal());
  return {
    values: Float32Array.from(
      { length: n * columns },
      (_, at) => centres[(Math.floor(at / columns) % count) * columns + (at % columns)]! + r.normal(),
    ),
    columns,
  };
};
const picture = (method: ProjectionMethod, features = clusters(120, 3), start: Float32Array | null = null) =>
  project({ method, amount: 10, features, start }, () => {});

describe('nearest rows', () => {
  it('are those of a full sort, with ties by row', () => {
    for (const [n, k, coarse] of [
      [40, 7, false],
      [40, 39, false],
      [60, 5, true],
    ] as const) {
      const { values } = clusters(n, 4);
      const x = { values: coarse ? values.map((v) => Math.round(v / 4)) : values, columns };
      const d = (i: number, j: number) =>
        Math.fround(
          x.values.subarray(i * columns, (i + 1) * columns).reduce((sum, v, c) => sum + (v - x.values[j * columns + c]!) ** 2, 0),
        );
      const { index, distance } = nearestRows(x, k);
      for (let i = 0; i < n; i++) {
        const order = Array.from({ length: n }, (_, j) => j)
          .filter((j) => j !== i)
          .sort((a, b) => d(i, a) - d(i, b) || a - b)
          .slice(0, k);
        expect(Array.from(index.subarray(i * k, (i + 1) * k))).toEqual(order);
        expectClose(
          distance.subarray(i * k, (i + 1) * k),
          order.map((j) => Math.sqrt(d(i, j))),
          { rtol: 1e-6 },
        );
      }
    }
    expect(() => nearestRows(clusters(5, 1), 5)).toThrow(/the 5 nearest of 5 rows/);
  });
});

describe('t-SNE', () => {
  const n = 30;
  const near = nearestRows(clusters(n, 3), n - 1);
  const p = affinities(near, 8);
  const r = numbers(5);
  const y = Float64Array.from({ length: 2 * n }, r.normal);
  y.set(y.subarray(0, 2), 2); // Two points in one place.
  const full = () => {
    const matrix = Array.from({ length: n }, () => new Float64Array(n));
    for (let i = 0; i < n; i++) for (let at = p.from[i]!; at < p.from[i + 1]!; at++) matrix[i]![p.index[at]!] = p.values[at]!;
    return matrix;
  };
  /** KL(P ‖ Q) by its definition. */
  const divergence = (points: Float64Array) => {
    const w = (i: number, j: number) => 1 / (1 + (points[2 * i]! - points[2 * j]!) ** 2 + (points[2 * i + 1]! - points[2 * j + 1]!) ** 2);
    let total = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) total += w(i, j);
    let kl = 0;
    for (const [i, row] of full().entries())
      for (const [j, value] of row.entries()) if (value > 0) kl += value * Math.log((value * total) / w(i, j));
    return kl;
  };

  it('has affinities that are symmetric, sum to 1 and have the perplexity asked for', () => {
    const matrix = full();
    expectClose(
      p.values.reduce((a, v) => a + v, 0),
      1,
      { rtol: 1e-12 },
    );
    for (let i = 0; i < n; i++)
      expectClose(
        matrix[i]!,
        matrix.map((row) => row[i]!),
        { rtol: 1e-12 },
      );
    // Symmetric from the start where all points are alike: the corners of a simplex, whose affinities are even.
    const simplex = { values: Float32Array.from({ length: 36 }, (_, at) => (Math.floor(at / 6) === at % 6 ? 1 : 0)), columns: 6 };
    expectClose(affinities(nearestRows(simplex, 5), 4).values, Array(30).fill(1 / 30), { rtol: 1e-9 });
    // A line of points: their conditional entropy is that of the perplexity. The first point's neighbours name it too.
    const line = { values: Float32Array.from({ length: 50 }, (_, i) => i), columns: 1 };
    const { from, index, values } = affinities(nearestRows(line, 49), 6);
    const middle = new Map(Array.from(index.subarray(from[25], from[26]), (j, at) => [j, values[from[25]! + at]! * 50]));
    const entropy = -[...middle.values()].reduce((sum, v) => sum + v * Math.log(v), 0);
    expectClose(Math.exp(entropy), 6, { rtol: 0.02 });
  });

  it('has the gradient of the divergence, exactly without the tree and nearly with it', () => {
    const exact = new Float64Array(2 * n);
    tsneGradient(p, y, 1, 0, quadtree(n), exact);
    const slope = Float64Array.from(y, (_, c) => {
      const moved = (by: number) => divergence(y.map((v, at) => (at === c ? v + by : v)));
      return (moved(1e-5) - moved(-1e-5)) / 2e-5;
    });
    expectClose(exact, slope, { rtol: 1e-6, atol: 1e-9 });
    const rough = new Float64Array(2 * n);
    tsneGradient(p, y, 1, 0.7, quadtree(n), rough);
    const length = (v: Float64Array) => Math.hypot(...v);
    const error = length(rough.map((v, c) => v - exact[c]!)) / length(exact);
    expect(error).toBeLessThan(0.1);
    expect(error).toBeGreaterThan(0);
  });
});

/** Of two pictures' places along an axis. */
const correlation = (first: Float32Array, second: Float32Array, axis: number) => {
  const [a, b] = [first, second].map((of) => {
    const values = of.filter((_, at) => at % 2 === axis);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    return values.map((v) => v - mean);
  }) as [Float32Array, Float32Array];
  const dot = (u: Float32Array, v: Float32Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe.each(['umap', 'tsne'] as const)('%s', (method) => {
  it('draws clusters apart, and the same picture again', () => {
    const { points, trust } = picture(method);
    expect(picture(method).points).toEqual(points);
    expect(trust).toMatchObject({ k: 10, rows: 120 });
    expect(trust!.value).toBeGreaterThan(0.9);
    const separation = (of: Float32Array) => {
      // Each point's nearest other one is of its own cluster.
      const { index } = nearestRows({ values: of, columns: 2 }, 1);
      return index.filter((j, i) => j % 3 === i % 3).length / index.length;
    };
    expect(separation(points)).toBe(1);
  });

  it('goes on from a picture: its points stay where they were', () => {
    const features = clusters(120, 3);
    const { points } = picture(method, features);
    const next = picture(method, { ...features, values: features.values.map((v, at) => v + 0.1 * Math.sin(at)) }, points).points;
    expect(correlation(points, next, 0)).toBeGreaterThan(0.9);
    expect(correlation(points, next, 1)).toBeGreaterThan(0.9);
  });

  it('broken off and gone on with does only what it lacks, and ends in as good a picture', () => {
    const features = clusters(120, 3);
    const seen: { done: number; points: Float32Array; total: number }[] = [];
    const whole = project({ method, amount: 10, features, start: null }, (points, done, total) => {
      if (2 * done >= total && seen.length === 0) seen.push({ done, total, points: points() });
    });
    const { done, total, points } = seen[0]!;
    const rounds: number[] = [];
    const reached = { done, total, warm: false };
    const rest = project({ method, amount: 10, features, start: points, reached }, (now, round) => {
      // Its first round starts from the layout as it was.
      if (rounds.length === 0) {
        for (const axis of [0, 1]) expect(correlation(now(), points, axis)).toBeGreaterThan(0.95);
        expect(Math.hypot(...now()) / Math.hypot(...points)).toBeCloseTo(1, 0);
      }
      rounds.push(round);
    });
    expect([rounds[0], rounds.at(-1), rounds.length]).toEqual([done + 1, total, total - done]);
    expect(rest.trust!.value).toBeGreaterThan(whole.trust!.value - 0.03);
    expect(() => project({ method, amount: 10, features, start: null, reached }, () => {})).toThrow('to go on, but from no points');
  });

  it('stays finite where all rows are equal, and tells how far it is', () => {
    const steps: number[] = [];
    const features = { values: new Float32Array(40 * columns).fill(2), columns };
    const { points } = project({ method, amount: 10, features, start: null }, (_, done, total) => steps.push(done / total));
    expect(points.every(Number.isFinite)).toBe(true);
    expect(steps.at(-1)).toBe(1);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

describe('a projection', () => {
  it('by PCA is the first two columns; of one column a line', () => {
    const features = clusters(40, 2);
    expect(picture('pca', features).points).toEqual(plane(features));
    expect(Array.from(plane(features).subarray(2, 4))).toEqual(Array.from(features.values.subarray(columns, columns + 2)));
    expect(Array.from(plane({ values: Float32Array.of(3, 4), columns: 1 }))).toEqual([3, 0, 4, 0]);
  });

  it('says what is wrong with its rows', () => {
    const features = clusters(30, 2);
    expect(() => picture('umap', clusters(3, 1))).toThrow(/3 rows of 6 columns, expected 4 or more/);
    expect(() => picture('tsne', features, new Float32Array(4))).toThrow(/30 rows got 2 points/);
    features.values[7] = Number.NaN;
    expect(() => picture('pca', features)).toThrow(/no numbers: the run has diverged/);
  });

  it('of few rows has no trustworthiness', () => {
    expect(picture('pca', clusters(20, 2)).trust).toBe(null);
  });
});
