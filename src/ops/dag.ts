/**
 * Directed graphs as matrices of weights, row by row in plain numbers: w[i·d + j] ≠ 0 is the edge i → j. Nothing here needs a tensor,
 * so pages use it too.
 */
export type Weights = Float32Array | Float64Array;

export type Edge = { readonly from: number; readonly to: number; readonly weight: number };

/** How many nodes a matrix has. Throws unless it is square. */
export function nodesOf(w: Weights): number {
  const d = Math.round(Math.sqrt(w.length));
  if (d * d !== w.length) throw new Error(`A graph got ${w.length} weights, expected a square number: one for each pair of nodes`);
  return d;
}

export function edgesOf(w: Weights): Edge[] {
  const d = nodesOf(w);
  const edges: Edge[] = [];
  for (let from = 0; from < d; from++)
    for (let to = 0; to < d; to++) if (w[from * d + to]) edges.push({ from, to, weight: w[from * d + to]! });
  return edges;
}

/** Which nodes a directed path of one edge or more leads to: 1 for each. It holds `from` itself only where that lies on a cycle. */
export function reachable(w: Weights, from: number): Uint8Array {
  const d = nodesOf(w);
  const found = new Uint8Array(d);
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (let to = 0; to < d; to++)
      if (w[node * d + to] && !found[to]) {
        found[to] = 1;
        open.push(to);
      }
  return found;
}

/** The nodes in an order in which every edge points forward; those on or behind a cycle are left out. */
export function topologicalOrder(w: Weights): number[] {
  const d = nodesOf(w);
  const waiting = new Int32Array(d);
  for (const { to } of edgesOf(w)) waiting[to]! += 1;
  const order: number[] = [];
  const ready = Array.from({ length: d }, (_, node) => node).filter((node) => !waiting[node]);
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    order.push(node);
    for (let to = 0; to < d; to++) {
      if (!w[node * d + to]) continue;
      waiting[to]! -= 1;
      if (!waiting[to]) ready.push(to);
    }
  }
  return order;
}

export const isAcyclic = (w: Weights): boolean => topologicalOrder(w).length === nodesOf(w);

/** Takes the weakest edge of a cycle out, again and again, until none is left; the edge `keep` (its place in w) stays. Changes w. */
export function breakCycles<W extends Weights>(w: W, keep = -1): W {
  const d = nodesOf(w);
  while (!isAcyclic(w)) {
    const reach = Array.from({ length: d }, (_, node) => reachable(w, node));
    let weakest = -1;
    for (const { from, to, weight } of edgesOf(w)) {
      const at = from * d + to;
      if (at !== keep && reach[to]![from] && (weakest < 0 || Math.abs(weight) < Math.abs(w[weakest]!))) weakest = at;
    }
    w[weakest] = 0;
  }
  return w;
}

/** Without the edges weaker than the threshold. */
export const thresholded = <W extends Weights>(w: W, threshold: number): W => w.map((v) => (Math.abs(v) > threshold ? v : 0)) as W;

/** What became of a pair of nodes: joined as in truth, or in one of three wrong ways. */
export type Verdict = 'right' | 'missing' | 'extra' | 'reversed';

export type Comparison = {
  readonly missing: number;
  readonly extra: number;
  readonly reversed: number;
  /** Structural Hamming distance: edges to add, take away or turn round, each counted once. */
  readonly shd: number;
  /** Share of the true edges that are found the right way round; 1 where there are none. */
  readonly truePositiveRate: number;
  /** Share of the found edges that are no true edge this way round; 0 where there are none. */
  readonly falseDiscoveryRate: number;
  /** Each pair that is joined in either graph; a pair joined both ways in one of them alone counts as reversed. */
  readonly pairs: readonly { readonly from: number; readonly to: number; readonly verdict: Verdict }[];
};

/**
 * A learned graph against the true one: the structural Hamming distance (Tsamardinos et al. 2006) on directed graphs, where an
 * edge that points the wrong way counts once. `pairs` has each wrong way as it was learned, and a missing edge as it should be.
 */
export function compareGraphs(truth: Weights, learned: Weights): Comparison {
  const d = nodesOf(truth);
  if (learned.length !== truth.length) throw new Error(`The learned graph has ${learned.length} weights, the true one ${truth.length}`);
  const count = { right: 0, missing: 0, extra: 0, reversed: 0 };
  const pairs: Comparison['pairs'][number][] = [];
  for (let i = 0; i < d; i++)
    for (let j = 0; j < i; j++) {
      const [a, b] = [i * d + j, j * d + i];
      const [wanted, found] = [truth[a] || truth[b], learned[a] || learned[b]];
      if (!wanted && !found) continue;
      const same = !truth[a] === !learned[a] && !truth[b] === !learned[b];
      const verdict = same ? 'right' : !found ? 'missing' : !wanted ? 'extra' : 'reversed';
      count[verdict] += 1;
      const forward = found ? learned[a] : truth[a];
      pairs.push({ from: forward ? i : j, to: forward ? j : i, verdict });
    }
  const size = (w: Weights) => edgesOf(w).length;
  const hits = edgesOf(truth).filter(({ from, to }) => learned[from * d + to]).length;
  return {
    missing: count.missing,
    extra: count.extra,
    reversed: count.reversed,
    shd: count.missing + count.extra + count.reversed,
    truePositiveRate: size(truth) ? hits / size(truth) : 1,
    falseDiscoveryRate: size(learned) ? (size(learned) - hits) / size(learned) : 0,
    pairs,
  };
}

/** Edges as a setting holds them, "0>1 1>2"; "none" where there are none. */
export const edgesToText = (edges: readonly Pick<Edge, 'from' | 'to'>[]): string =>
  edges.map(({ from, to }) => `${from}>${to}`).join(' ') || 'none';

/** Reads what `edgesToText` writes: 1 for each edge. Throws if a node is not below d, or if the edges go round in a cycle. */
export function edgesFromText(text: string, d: number): Float64Array {
  const w = new Float64Array(d * d);
  for (const edge of text === 'none' ? [] : text.trim().split(/\s+/)) {
    const [from, to] = edge.split('>').map(Number) as [number, number];
    if (!(from < d && to < d))
      throw new Error(`edges has ${edge}, but the ${d} nodes are 0 to ${d - 1}: change the edge or take more nodes`);
    w[from * d + to] = 1;
  }
  const order = new Set(topologicalOrder(w));
  if (order.size < d) {
    const stuck = Array.from({ length: d }, (_, node) => node).filter((node) => reachable(w, node)[node]);
    throw new Error(`edges has a cycle through the nodes ${stuck.join(', ')}; expected a graph without one: remove or turn an edge there`);
  }
  return w;
}
