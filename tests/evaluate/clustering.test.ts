import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ami, ari, clusterAccuracy, confusion, matchClusters, nmi } from '../../src/ops/clustering.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/evaluation.json';

const { labels, clusters, ...scores } = golden.clustering_scores;

describe('clustering scores', () => {
  it('match scikit-learn and SciPy', () => {
    expectClose(nmi(labels, clusters), scores.nmi, { rtol: 1e-8 });
    expectClose(ami(labels, clusters), scores.ami, { rtol: 1e-8 });
    expectClose(ari(labels, clusters), scores.ari, { rtol: 1e-8 });
    expectClose(clusterAccuracy(labels, clusters), scores.accuracy, { rtol: 1e-8 });
  });

  it('closed forms: a halved class, one cluster, independence', () => {
    // Classes {0, 1} of four rows each; one of them is split in two: H(A) = log 2, H(B) = 1.5 log 2, I = log 2.
    const a = [0, 0, 0, 0, 1, 1, 1, 1];
    const split = [0, 0, 0, 0, 1, 1, 2, 2];
    expectClose(nmi(a, split), 1 / 1.25, { rtol: 1e-12 });
    expectClose(clusterAccuracy(a, split), 6 / 8, { rtol: 1e-12 });
    const one = Array(8).fill(5);
    expect([nmi(a, one), ami(a, one), ari(a, one), clusterAccuracy(a, one)]).toEqual([0, 0, 0, 0.5]);
    expect([nmi(one, one), ami(one, one), ari(one, one), clusterAccuracy(one, one)]).toEqual([1, 1, 1, 1]);
    const crossed = [0, 0, 1, 1, 0, 0, 1, 1];
    expect(nmi(a, crossed)).toBe(0);
    // 4 pairs together, chance 12·12/28, maximum 12.
    expectClose(ari(a, crossed), (4 - 144 / 28) / (12 - 144 / 28), { rtol: 1e-12 });
    expect(ami(a, crossed)).toBeLessThan(0);
  });

  it('names each cluster by a class of its own, or by none', () => {
    expect(matchClusters([0, 0, 1, 1, 1], [2, 2, 0, 0, 1])).toEqual([1, -1, 0]);
    expect(matchClusters([0, 0, 1, 2, 2, 2], [0, 0, 0, 1, 1, 0])).toEqual([0, 2]);
  });

  it('counts', () => {
    expect(confusion([0, 1, 1, 1], [2, 0, 0, 2])).toEqual([
      [0, 0, 1],
      [2, 0, 1],
    ]);
    expect(() => confusion([0], [0, 1])).toThrow('1 labels and 2 cluster numbers');
    expect(() => nmi([], [])).toThrow('at least one');
  });

  const ids = (n: number, most: number) => fc.array(fc.integer({ min: 0, max: most - 1 }), { minLength: n, maxLength: n });
  const pair = fc.integer({ min: 2, max: 40 }).chain((n) => fc.tuple(ids(n, 4), ids(n, 6)));
  const rename = (xs: number[]) => xs.map((x) => [3, 0, 5, 1, 4, 2][x]!);

  it('ignore the names of clusters, are symmetric, and score 1 on the same partition', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        for (const score of [nmi, ami, ari]) {
          expectClose(score(a, rename(b)), score(a, b), { rtol: 1e-9, atol: 1e-12 });
          expectClose(score(b, a), score(a, b), { rtol: 1e-9, atol: 1e-12 });
          expectClose(score(a, rename(a)), 1, { atol: 1e-9 });
        }
        expectClose(clusterAccuracy(a, rename(b)), clusterAccuracy(a, b), { rtol: 1e-12 });
        expect(clusterAccuracy(a, rename(a))).toBe(1);
      }),
    );
  });

  it('accuracy is the best of all matchings, tried one by one', () => {
    const best = (counts: number[][], row = 0, used: readonly number[] = []): number =>
      row === counts.length
        ? 0
        : Math.max(
            best(counts, row + 1, used),
            ...counts[row]!.map((c, j) => (used.includes(j) ? 0 : c + best(counts, row + 1, [...used, j]))),
          );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expectClose(clusterAccuracy(a, b), best(confusion(a, b)) / a.length, { rtol: 1e-12 });
        expectClose(clusterAccuracy(b, a), best(confusion(a, b)) / a.length, { rtol: 1e-12 });
      }),
    );
  });

  it('ami and ari average 0 over random partitions, where nmi does not', () => {
    const a = Array.from({ length: 60 }, (_, i) => i % 3);
    const shuffled = fc.sample(
      fc.shuffledSubarray(
        Array.from({ length: 60 }, (_, i) => i % 10),
        { minLength: 60 },
      ),
      { numRuns: 300, seed: 1 },
    );
    const mean = (f: typeof ami) => shuffled.reduce((s, b) => s + f(a, b), 0) / shuffled.length;
    expectClose(mean(ami), 0, { atol: 0.01 });
    expectClose(mean(ari), 0, { atol: 0.01 });
    expect(mean(nmi)).toBeGreaterThan(0.05);
  });
});
