import { describe, expect, test } from 'vitest';
import { covarianceOf, drawGraph, drawSem, type SemSettings } from '../../src/data/linear-sem.ts';
import { breakCycles, compareGraphs, edgesFromText, edgesOf, edgesToText, isAcyclic, reachable, thresholded } from '../../src/ops/dag.ts';
import { dagProblem, dagScore, searchDag, settle } from '../../src/ops/dag-search.ts';
import { lasso } from '../../src/ops/lasso.ts';
import { rng } from '../../src/ops/random.ts';
import { expectClose } from '../close.ts';

/** Every directed graph on d nodes without loops, as 0 and 1. */
function* everyGraph(d: number): Generator<Float64Array> {
  const places = Array.from({ length: d * d }, (_, at) => at).filter((at) => at % (d + 1));
  for (let bits = 0; bits < 2 ** places.length; bits++) {
    const w = new Float64Array(d * d);
    for (const [k, at] of places.entries()) w[at] = (bits >> k) & 1;
    yield w;
  }
}
const settings: SemSettings = { graph: 'ER', nodes: 4, edgesPerNode: 1, samples: 300, noise: 'gaussian', edges: '' };
const problemOf = (seed: number, more: Partial<SemSettings> = {}, sparsity = 0.1) => {
  const { w, x } = drawSem({ ...settings, ...more }, rng(seed));
  return { truth: w, problem: dagProblem(covarianceOf(x, Math.sqrt(w.length)), sparsity) };
};
const matrix = (d: number, text: string) => {
  const w = new Float64Array(d * d);
  for (const edge of text.split(' ')) w[Number(edge[0]) * d + Number(edge[2])] = 1;
  return w;
};

describe('graphs', () => {
  test('of 1, 2, 3 and 4 nodes: 1, 3, 25 and 543 have no cycle (OEIS A003024)', () => {
    expect([1, 2, 3, 4].map((d) => [...everyGraph(d)].filter(isAcyclic).length)).toEqual([1, 3, 25, 543]);
  });
  test('no node of an acyclic one reaches itself, some node of any other does', () => {
    for (const w of everyGraph(3)) expect([0, 1, 2].some((node) => reachable(w, node)[node])).toBe(!isAcyclic(w));
  });
  test('breaking cycles takes the weakest edge of each, and keeps what is to be kept', () => {
    const w = matrix(3, '0>1 1>2 2>0').map((v, at) => v * (at + 1));
    expect(edgesToText(edgesOf(breakCycles(w.slice())))).toBe('1>2 2>0');
    expect(edgesToText(edgesOf(breakCycles(w.slice(), 1)))).toBe('0>1 2>0');
    for (const graph of everyGraph(3)) expect(isAcyclic(breakCycles(graph))).toBe(true);
  });
  test('travel as text; nodes that are not there and cycles are named', () => {
    for (const text of ['none', '0>1 1>2', '0>2']) expect(edgesToText(edgesOf(edgesFromText(text, 3)))).toBe(text);
    expect(() => edgesFromText('0>3', 3)).toThrow('0>3, but the 3 nodes are 0 to 2');
    expect(() => edgesFromText('0>1 1>2 2>1', 4)).toThrow('cycle through the nodes 1, 2');
  });
  test('against the truth: a missing, an extra and a reversed edge cost one each', () => {
    const found = compareGraphs(matrix(4, '0>1 1>2 2>3'), matrix(4, '0>1 2>1 0>3'));
    expect(found).toMatchObject({ missing: 1, extra: 1, reversed: 1, shd: 3, truePositiveRate: 1 / 3, falseDiscoveryRate: 2 / 3 });
    expect(found.pairs).toEqual([
      { from: 0, to: 1, verdict: 'right' },
      { from: 2, to: 1, verdict: 'reversed' },
      { from: 0, to: 3, verdict: 'extra' },
      { from: 2, to: 3, verdict: 'missing' },
    ]);
    expect(compareGraphs(matrix(2, '0>1'), matrix(2, '0>1 1>0')).reversed).toBe(1);
  });
  test('the distance is a metric on all graphs of three nodes', () => {
    const all = [...everyGraph(3)];
    const shd = all.map((a) => all.map((b) => compareGraphs(a, b).shd));
    for (const [a] of all.entries())
      for (const [b] of all.entries()) {
        expect(shd[a]![b] === 0).toBe(a === b);
        expect(shd[a]![b]).toBe(shd[b]![a]);
      }
    for (let c = 0; c < all.length; c++) for (let a = 0; a < 8; a++) expect(shd[a]![9]!).toBeLessThanOrEqual(shd[a]![c]! + shd[c]![9]!);
  });
});

describe('simulation', () => {
  test('draws about the edges asked for, and never a cycle', () => {
    for (const graph of ['ER', 'SF'] as const) {
      const counts = Array.from({ length: 20 }, (_, seed) => {
        const w = drawGraph({ ...settings, graph, nodes: 30, edgesPerNode: 2 }, rng(seed));
        expect(isAcyclic(w)).toBe(true);
        return edgesOf(w).length;
      });
      expect(Math.abs(counts.reduce((sum, n) => sum + n, 0) / 20 - 60)).toBeLessThan(4);
    }
  });
  test.each(['gaussian', 'exponential', 'gumbel'] as const)('with %s noise the covariance is (I − W)⁻ᵀ Σ (I − W)⁻¹', (noise) => {
    const { w, x } = drawSem({ ...settings, nodes: 3, samples: 5000, noise, edges: '0>1 1>2 0>2' }, rng(1));
    const variance = noise === 'gumbel' ? Math.PI ** 2 / 6 : 1;
    const [a, b, c] = [w[1]!, w[5]!, w[2]!];
    expect([a, b, c].every((v) => Math.abs(v) >= 0.5 && Math.abs(v) <= 2)).toBe(true);
    const total = c + a * b;
    const wanted = [1, a, total, a, a * a + 1, a * total + b, total, a * total + b, total * total + b * b + 1];
    const found = covarianceOf(x, 3);
    for (const [at, v] of found.entries())
      expect(Math.abs(v - variance * wanted[at]!)).toBeLessThan(0.08 * variance * (1 + Math.abs(wanted[at]!)));
  });
  test('an edited graph keeps the weights of its other edges, and its noise', () => {
    const [before, after] = ['0>1 1>2', '1>2'].map((edges) => drawSem({ ...settings, nodes: 3, edges }, rng(4)));
    expect(after!.w[5]).toBe(before!.w[5]);
    expect(after!.x.filter((_, at) => at % 3 === 0)).toEqual(before!.x.filter((_, at) => at % 3 === 0));
  });
});

/** How far a column is from the conditions of the lasso, as a share of the largest variance: |slope − λ sign w| where w ≠ 0, |slope| − λ above 0 elsewhere. */
function lassoError(w: Float64Array, S: Float64Array, sparsity: number, j: number, allowed: (i: number) => boolean): number {
  const d = w.length;
  let worst = 0;
  for (let i = 0; i < d; i++) {
    if (i === j || !allowed(i)) {
      worst = Math.max(worst, Math.abs(w[i]!));
      continue;
    }
    let slope = S[j * d + i]!;
    for (let k = 0; k < d; k++) slope -= S[i * d + k]! * w[k]!;
    worst = Math.max(worst, w[i] ? Math.abs(slope - sparsity * Math.sign(w[i]!)) : Math.abs(slope) - sparsity);
  }
  return worst / Math.max(...S);
}

describe('lasso', () => {
  test('of uncorrelated columns is the soft threshold', () => {
    const S = Float64Array.of(4, 0, 2, 0, 1, -0.05, 2, -0.05, 3);
    expectClose(lasso(S, 0.1, 2, new Uint8Array(3), new Float64Array(3)), [(2 - 0.1) / 4, 0, 0], { rtol: 1e-8 });
  });
  test.each([0, 0.01, 0.1, 1])('meets its optimality conditions for λ = %s, from any start', (sparsity) => {
    for (let seed = 0; seed < 20; seed++) {
      const { covariance: S } = problemOf(seed, { nodes: 12, edgesPerNode: 3 }).problem;
      const stream = rng(seed).split('start');
      const barred = Uint8Array.from({ length: 12 }, () => (stream.uniform() < 0.2 ? 1 : 0));
      for (const start of [new Float64Array(12), Float64Array.from({ length: 12 }, stream.normal)]) {
        const w = lasso(S, sparsity, seed % 12, barred, start);
        expect(lassoError(w, S, sparsity, seed % 12, (i) => !barred[i])).toBeLessThan(1e-9);
      }
    }
  });
  test('stands columns that repeat', () => {
    const S = Float64Array.of(1, 1, 0.8, 1, 1, 0.8, 0.8, 0.8, 1);
    const w = lasso(S, 0.1, 2, new Uint8Array(3), new Float64Array(3));
    expectClose(w[0]! + w[1]!, 0.7, { rtol: 1e-6 });
  });
});

describe('local search', () => {
  test('settles where the KKT conditions hold, from any start, and never goes up', () => {
    for (let seed = 0; seed < 20; seed++) {
      const d = 8;
      const { problem } = problemOf(seed, { nodes: d, edgesPerNode: 2 });
      const stream = rng(seed).split('start');
      const start = breakCycles(
        Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) && stream.uniform() < 0.3 ? stream.normal() : 0)),
      );
      const before = dagScore(start, problem);
      const w = settle(start, problem);
      expect(isAcyclic(w)).toBe(true);
      expect(dagScore(w, problem)).toBeLessThanOrEqual(before);
      for (let j = 0; j < d; j++) {
        const behind = reachable(w, j);
        const column = w.filter((_, at) => at % d === j);
        // Where no path j ⇝ i forbids it, the weight is optimal; where one does, it is zero.
        expect(lassoError(column, problem.covariance, problem.sparsity, j, (i) => !behind[i])).toBeLessThan(1e-9);
      }
    }
  });
  test('the score is that of the data themselves', () => {
    const { w, x } = drawSem(settings, rng(5));
    let direct = 0;
    for (let row = 0; row < x.length; row += 4)
      for (let j = 0; j < 4; j++) {
        let rest = x[row + j]!;
        for (let i = 0; i < 4; i++) rest -= x[row + i]! * w[i * 4 + j]!;
        direct += (rest * rest) / (2 * 300);
      }
    const norm = w.reduce((sum, v) => sum + Math.abs(v), 0);
    expectClose(dagScore(w, dagProblem(covarianceOf(x, 4), 0.1)), direct + 0.1 * norm, { rtol: 1e-9 });
  });
  test('finds the best of all 543 graphs of four nodes, by enumeration', () => {
    for (let seed = 0; seed < 12; seed++) {
      const { problem } = problemOf(seed, { edgesPerNode: 2 });
      let best = Number.POSITIVE_INFINITY;
      for (const graph of everyGraph(4)) {
        if (!isAcyclic(graph)) continue;
        const w = new Float64Array(16);
        for (let j = 0; j < 4; j++) {
          const barred = Uint8Array.from({ length: 4 }, (_, i) => (graph[i * 4 + j] ? 0 : 1));
          for (const [i, v] of problem.fit(j, barred, w).entries()) w[i * 4 + j] = v;
        }
        best = Math.min(best, dagScore(w, problem));
      }
      expectClose(dagScore(searchDag(new Float64Array(16), problem), problem), best, { rtol: 1e-6 });
    }
  });
  test('finds a chain of ten that it starts out with turned round', () => {
    const { truth, problem } = problemOf(2, { nodes: 10, samples: 2000, edges: '0>1 1>2 2>3 3>4 4>5 5>6 6>7 7>8 8>9' });
    const reversed = truth.map((_, at) => truth[(at % 10) * 10 + Math.floor(at / 10)]!);
    expect(compareGraphs(truth, reversed).shd).toBe(9);
    expect(compareGraphs(truth, thresholded(searchDag(reversed, problem), 0.3)).shd).toBe(0);
  });
});
