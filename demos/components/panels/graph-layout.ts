import { edgesOf, topologicalOrder, type Weights } from '../../../src/ops/dag.ts';

/** A place in the unit square. */
export type Point = { readonly x: number; readonly y: number };

/**
 * An acyclic graph from above downwards: each node a row below its lowest parent, and in its row where its neighbours' mean lies
 * (Sugiyama's layers and barycentres, six sweeps). Places in the unit square, by node.
 */
export function layeredLayout(w: Weights): Point[] {
  const d = Math.round(Math.sqrt(w.length));
  const edges = edgesOf(w);
  const depth = new Int32Array(d);
  for (const node of topologicalOrder(w))
    for (const { from, to } of edges) if (from === node) depth[to] = Math.max(depth[to]!, depth[node]! + 1);
  const rows = Array.from({ length: Math.max(...depth) + 1 }, (_, row) => Array.from(depth.keys()).filter((node) => depth[node] === row));
  const x = new Float64Array(d);
  const spread = (row: number[]) => {
    for (const [k, node] of row.entries()) x[node] = (k + 0.5) / row.length;
  };
  rows.forEach(spread);
  for (let sweep = 0; sweep < 6; sweep++)
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      const pull = new Map(
        row.map((node) => [
          node,
          meanOf(
            edges.flatMap((e) => (e.from === node ? [x[e.to]!] : e.to === node ? [x[e.from]!] : [])),
            x[node]!,
          ),
        ]),
      );
      row.sort((a, b) => pull.get(a)! - pull.get(b)!);
      spread(row);
    }
  // Every second node of a row stands a little lower, so that edges within sight of each other part.
  const step = 1 / rows.length;
  return Array.from({ length: d }, (_, node) => {
    const row = rows[depth[node]!]!;
    const shift = row.length > 2 ? (row.indexOf(node) % 2 ? 0.16 : -0.16) : 0;
    return { x: x[node]!, y: step * (depth[node]! + 0.5 + shift) };
  });
}

const meanOf = (values: readonly number[], otherwise: number): number =>
  values.length ? values.reduce((sum, v) => sum + v, 0) / values.length : otherwise;

/** An arrow from the rim of one node to the rim of another, slightly bent: the path of its line, and that of its head. */
export function arrow(a: Point, b: Point, radius: number): { readonly line: string; readonly head: string } {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const bend = { x: (a.x + b.x) / 2 - 0.08 * dy, y: (a.y + b.y) / 2 + 0.08 * dx };
  const towards = (from: Point, distance: number): Point => {
    const [ux, uy] = [bend.x - from.x, bend.y - from.y];
    const size = Math.hypot(ux, uy) || 1;
    return { x: from.x + (ux / size) * distance, y: from.y + (uy / size) * distance };
  };
  const room = Math.min(radius, length / 3);
  const [start, tip, neck] = [towards(a, room), towards(b, room + 1), towards(b, room + 8)];
  const [hx, hy] = [((tip.y - neck.y) / 7) * 3.5, ((neck.x - tip.x) / 7) * 3.5];
  const p = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return {
    line: `M${p(start)}Q${p(bend)} ${p(neck)}`,
    head: `M${p(tip)}L${p({ x: neck.x + hx, y: neck.y + hy })}L${p({ x: neck.x - hx, y: neck.y - hy })}Z`,
  };
}

/** What an edit makes of the true edges from a to b: none → a→b, a→b → none, b→a → a→b; null where that would close a cycle. */
export function edited(truth: Weights, from: number, to: number): { readonly edges: Float64Array; readonly what: string } | null {
  const d = Math.round(Math.sqrt(truth.length));
  const edges = Float64Array.from(truth, (v) => (v ? 1 : 0));
  const [there, back] = [from * d + to, to * d + from];
  const what = edges[there] ? 'removed' : edges[back] ? 'turned round' : 'added';
  edges[there] = edges[there] ? 0 : 1;
  edges[back] = 0;
  return topologicalOrder(edges).length === d ? { edges, what } : null;
}

/** How many entries two graphs differ by; infinite for graphs of different sizes. */
export const difference = (a: Weights, b: Weights): number =>
  a.length === b.length ? Array.from(a).filter((v, at) => !v !== !b[at]).length : Number.POSITIVE_INFINITY;
