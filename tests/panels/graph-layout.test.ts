import { describe, expect, test } from 'vitest';
import { arrow, difference, edited, layeredLayout } from '../../demos/components/panels/graph-layout.ts';
import { drawGraph } from '../../src/data/linear-sem.ts';
import { edgesFromText, edgesOf, edgesToText } from '../../src/ops/dag.ts';
import { rng } from '../../src/ops/random.ts';

const graph = (seed: number) => drawGraph({ graph: 'ER', nodes: 30, edgesPerNode: 2, samples: 8, noise: 'gaussian', edges: '' }, rng(seed));

describe('layout', () => {
  test('puts every node below its parents, apart from all others, inside the square', () => {
    for (let seed = 0; seed < 5; seed++) {
      const w = graph(seed);
      const points = layeredLayout(w);
      for (const { from, to } of edgesOf(w)) expect(points[to]!.y).toBeGreaterThan(points[from]!.y);
      for (const { x, y } of points) expect(Math.min(x, y, 1 - x, 1 - y)).toBeGreaterThan(0);
      expect(new Set(points.map(({ x, y }) => `${x.toFixed(4)},${y.toFixed(4)}`)).size).toBe(30);
    }
  });
  test('an arrow begins and ends at the rims, also between nodes that lie on each other', () => {
    const { line, head } = arrow({ x: 0, y: 0 }, { x: 100, y: 0 }, 10);
    const [x0, y0] = line.slice(1).split(/[ Q]/).map(Number) as [number, number];
    expect(Math.hypot(x0, y0)).toBeCloseTo(10, 0);
    const [x1, y1] = head.slice(1).split(/[ L]/).map(Number) as [number, number];
    expect(Math.hypot(x1 - 100, y1)).toBeCloseTo(11, 0);
    expect(arrow({ x: 5, y: 5 }, { x: 5, y: 5 }, 10).line).not.toMatch(/NaN/);
  });
});

describe('editing', () => {
  const truth = edgesFromText('0>1 1>2', 4).map((v) => 1.7 * v);
  const after = (from: number, to: number) => {
    const next = edited(truth, from, to);
    return next && `${next.what}: ${edgesToText(edgesOf(next.edges))}`;
  };
  test('adds, removes and turns edges, and refuses cycles', () => {
    expect(after(0, 3)).toBe('added: 0>1 0>3 1>2');
    expect(after(0, 1)).toBe('removed: 1>2');
    expect(after(1, 0)).toBe('turned round: 1>0 1>2');
    expect(after(2, 0)).toBeNull();
  });
  test('changes at most two entries; graphs of other sizes differ without end', () => {
    expect(difference(truth, edited(truth, 1, 0)!.edges)).toBe(2);
    expect(difference(truth, edited(truth, 0, 1)!.edges)).toBe(1);
    expect(difference(truth, new Float64Array(9))).toBe(Number.POSITIVE_INFINITY);
  });
});
