import { fewLabels } from '../../src/evaluate/few-labels.ts';
import { knn } from '../../src/evaluate/knn.ts';
import { linearProbe } from '../../src/evaluate/linear-probe.ts';
import { clustersOf } from '../../src/evaluate/representation.ts';
import { rankMe } from '../../src/evaluate/spectrum.ts';
import type { Features } from '../../src/ops/linear-algebra.ts';
import { rng } from '../../src/ops/random.ts';

const classes = 10;

/** Overlapping classes in 128 correlated dimensions: noise of one seed, about as hard to tell apart as images after some training. */
function embeddings(n: number, columns: number, name: string): { x: Features; labels: Uint8Array } {
  const [shared, own] = [rng(1).split('means'), rng(1).split(name)];
  const means = Float32Array.from({ length: classes * columns }, shared.normal);
  const labels = Uint8Array.from({ length: n }, () => own.integer(classes));
  const values = new Float32Array(n * columns);
  for (let i = 0; i < n; i++) {
    const common = own.normal();
    for (let j = 0; j < columns; j++)
      values[i * columns + j] = Math.max(0, means[labels[i]! * columns + j]! + 2 * common + 2 * own.normal()) / (1 + j / 16);
  }
  return { x: { values, columns }, labels };
}

/**
 * Milliseconds of each part of an evaluation of 10,000 × 128 embeddings, with 2,000 held-out ones for probe and kNN, and the longest
 * piece between two breaths: how long training waits at a time.
 */
export async function measureEvaluation() {
  const [train, test] = [embeddings(10_000, 128, 'train'), embeddings(2000, 128, 'test')];
  let since = performance.now();
  let longest = 0;
  const breathe = async () => {
    longest = Math.max(longest, performance.now() - since);
    since = performance.now();
  };
  const parts = {
    probe: () => linearProbe(train.x, train.labels, test.x, test.labels, classes, breathe),
    knn: () => knn(train.x, train.labels, test.x, test.labels, classes, { breathe }),
    rankMe: () => rankMe(train.x, breathe),
    clusters: () => clustersOf(train.x, classes, breathe),
    fewLabels: () => fewLabels(train.x, train.labels, test.x, test.labels, classes, 10, breathe),
  };
  const ms: Record<string, number> = {};
  const values: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    const started = performance.now();
    since = started;
    const value = await part();
    await breathe();
    ms[name] = performance.now() - started;
    if (typeof value === 'number') values[name] = value;
  }
  return { ms, values, longestMs: longest };
}
