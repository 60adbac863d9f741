import { breakCycles, edgesOf, nodesOf, reachable } from './dag.ts';
import { lasso } from './lasso.ts';

/** The weights of node j's parents, [d], that are best without the `barred` ones (1 for each); column j of `near` only saves time. */
export type Fit = (j: number, barred: Uint8Array, near: Float64Array) => Float64Array;

/**
 * The score that NOTEARS minimizes over graphs, F(W) = ‖X − XW‖²/(2n) + λ‖W‖₁, from S = XᵀX/n alone: it falls into one lasso for
 * each node j on its parents, ½(S_jj − 2 S_j·w + wᵀSw) + λ‖w‖₁.
 */
export type Problem = { readonly covariance: Float64Array; readonly sparsity: number; readonly fit: Fit };

/** The problem of a covariance [d × d] and a weight λ ≥ 0. It remembers every lasso that it has solved: a search asks for most of them often. */
export function dagProblem(covariance: Float64Array, sparsity: number): Problem {
  const known = new Map<string, Float64Array>();
  const fit: Fit = (j, barred, near) => {
    const key = String.fromCharCode(j, ...barred);
    let column = known.get(key);
    if (!column) {
      const d = barred.length;
      column = lasso(
        covariance,
        sparsity,
        j,
        barred,
        near.filter((_, at) => at % d === j),
      );
      known.set(key, column);
    }
    return column;
  };
  return { covariance, sparsity, fit };
}

/** F(W). */
export function dagScore(w: Float64Array, { covariance: S, sparsity }: Problem): number {
  const d = nodesOf(w);
  let sum = 0;
  for (let j = 0; j < d; j++) sum += 0.5 * S[j * d + j]!;
  for (const { from: i, to: j, weight } of edgesOf(w)) {
    let half = 0;
    for (let k = 0; k < d; k++) half += S[i * d + k]! * w[k * d + j]!;
    sum += weight * (0.5 * half - S[i * d + j]!) + sparsity * Math.abs(weight);
  }
  return sum;
}

/** Fits node j anew without the barred parents. Changes column j of w. */
function refit(w: Float64Array, j: number, barred: Uint8Array, { fit }: Problem): void {
  const d = nodesOf(w);
  const column = fit(j, barred, w);
  for (let i = 0; i < d; i++) w[i * d + j] = column[i]!;
}

/**
 * Goes from an acyclic W down to a point that meets the KKT conditions, changing w: where no path j ⇝ i forbids the edge i → j its weight
 * is optimal; all others are 0, and each of those constraints is needed. One node after another; F falls, and no step closes a cycle.
 */
export function settle(w: Float64Array, problem: Problem): Float64Array {
  const d = nodesOf(w);
  let before = Number.POSITIVE_INFINITY;
  for (let score = dagScore(w, problem); score < before - 1e-9; score = dagScore(w, problem)) {
    before = score;
    for (let j = 0; j < d; j++) refit(w, j, reachable(w, j), problem);
  }
  return w;
}

/** i → j turned round: j without i, then i with j, without the weakest edges of cycles that this closes; the rest settles. */
function turned(w: Float64Array, i: number, j: number, problem: Problem): Float64Array {
  const d = nodesOf(w);
  const next = w.slice();
  next[i * d + j] = 0;
  const barredOfJ = reachable(next, j);
  barredOfJ[i] = 1;
  refit(next, j, barredOfJ, problem);
  const barredOfI = reachable(next, i);
  barredOfI[j] = 0;
  refit(next, i, barredOfI, problem);
  return settle(breakCycles(next, j * d + i), problem);
}

/**
 * The KKT-informed local search of DAGs with No Fears (Wei, Gao & Yu 2020, arXiv 2010.09133, sec. 4): from any W to a local minimum of
 * F over acyclic graphs, then over to a better one by turning an edge round, as long as that lowers F. Returns a new W.
 * Their theory: with |W| in the place of W∘W, W is a KKT point exactly if it minimizes F among those with its zeros at a set of
 * pairs (i, j), and there is a path j ⇝ i for each of them; with a convex F it is then a local minimum.
 * Differs: fits one node at a time among the parents that close no cycle, so it is feasible all along; theirs fits all nodes under a
 * set of forbidden edges that grows where cycles appear and shrinks where it is not needed. The same points are at rest.
 */
export function searchDag(start: Float64Array, problem: Problem): Float64Array {
  const d = nodesOf(start);
  let best = settle(breakCycles(start.slice()), problem);
  let score = dagScore(best, problem);
  for (let improved = true; improved; ) {
    improved = false;
    for (const { from, to } of edgesOf(best).sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight))) {
      if (!best[from * d + to]) continue;
      const other = turned(best, from, to, problem);
      const found = dagScore(other, problem);
      if (found >= score - 1e-7) continue;
      [best, score, improved] = [other, found, true];
    }
  }
  return best;
}
