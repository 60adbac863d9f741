import { edgesFromText, edgesOf, topologicalOrder } from '../ops/dag.ts';
import type { Numbers } from '../ops/numbers.ts';

export type SemSettings = {
  readonly graph: 'ER' | 'SF';
  readonly nodes: number;
  readonly edgesPerNode: number;
  readonly samples: number;
  readonly noise: 'gaussian' | 'exponential' | 'gumbel';
  /** The true edges, "0>1 1>2"; drawn where empty. */
  readonly edges: string;
};

const draws: Readonly<Record<SemSettings['noise'], (rng: Numbers) => number>> = {
  gaussian: (rng) => rng.normal(),
  exponential: (rng) => -Math.log(1 - rng.uniform()),
  gumbel: (rng) => -Math.log(-Math.log(rng.uniform() || Number.MIN_VALUE)),
};

/**
 * A random acyclic graph with about `edgesPerNode` · d edges, 1 for each. ER (Erdős–Rényi): each pair is joined with the same
 * probability. SF (scale-free; Barabási & Albert 1999): nodes come one by one, and each points to `edgesPerNode` earlier ones, drawn in
 * proportion to 1 + their edges so far. Which node comes when is drawn too.
 */
export function drawGraph({ graph, nodes: d, edgesPerNode }: SemSettings, rng: Numbers): Float64Array {
  const w = new Float64Array(d * d);
  const order = rng.split('order').permutation(d);
  const join = (from: number, to: number) => {
    w[order[from]! * d + order[to]!] = 1;
  };
  if (graph === 'ER') {
    const chance = Math.min(1, (2 * edgesPerNode) / (d - 1));
    for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) if (rng.uniform() < chance) join(j, i);
    return w;
  }
  const weight = new Float64Array(d).fill(1);
  for (let i = 1; i < d; i++) {
    const left = weight.slice(0, i);
    for (let k = 0; k < Math.min(edgesPerNode, i); k++) {
      let at = rng.uniform() * left.reduce((sum, v) => sum + v, 0);
      const to = left.findIndex((v) => {
        at -= v;
        return v > 0 && at < 0;
      });
      left[to] = 0;
      weight[to]! += 1;
      weight[i]! += 1;
      join(i, to);
    }
  }
  return w;
}

/**
 * A linear structural equation model and samples of it, X = XW + E: weights uniform on ±[0.5, 2], noise E of unit scale, columns
 * centred (Zheng et al. 2018, sec. 5.1). The truth w is [d × d], x is [n × d]. Every edge has a random stream of its own, so a graph
 * that is edited keeps the weights of its other edges, and its noise. Throws if `edges` names an unknown node or has a cycle.
 */
export function drawSem(settings: SemSettings, rng: Numbers): { readonly w: Float64Array; readonly x: Float32Array } {
  const { nodes: d, samples: n, noise, edges } = settings;
  const w = edges ? edgesFromText(edges, d) : drawGraph(settings, rng.split('graph'));
  for (const { from, to } of edgesOf(w)) {
    const stream = rng.split('weight', from, to);
    w[from * d + to] = (stream.uniform() < 0.5 ? -1 : 1) * (0.5 + 1.5 * stream.uniform());
  }
  const x = new Float64Array(n * d);
  for (const j of topologicalOrder(w)) {
    const stream = rng.split('noise', j);
    let mean = 0;
    for (let row = 0; row < n; row++) {
      let value = draws[noise](stream);
      for (let i = 0; i < d; i++) value += w[i * d + j]! * x[row * d + i]!;
      x[row * d + j] = value;
      mean += value / n;
    }
    for (let row = 0; row < n; row++) x[row * d + j]! -= mean;
  }
  return { w, x: Float32Array.from(x) };
}

/** S = XᵀX/n in float64, [d × d]. */
export function covarianceOf(x: ArrayLike<number>, d: number): Float64Array {
  const n = x.length / d;
  const S = new Float64Array(d * d);
  for (let row = 0; row < x.length; row += d)
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) S[i * d + j]! += (x[row + i]! * x[row + j]!) / n;
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) S[j * d + i] = S[i * d + j]!;
  return S;
}
