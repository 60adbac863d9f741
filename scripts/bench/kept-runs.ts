/** Runs that nobody trained, kept in the lab's own library: what ./compare.mjs puts into a tab to have something to compare. */
import { openLibrary } from '../../demos/app/library/library.ts';
import { numbers } from '../../src/ops/numbers.ts';
import type { KeptRun, RunRecord } from '../../src/train/record.ts';

const library = openLibrary();

/** Run `i` after `points` steps: two seeds of each temperature, five metrics, of which two lack most steps. */
function run(i: number, points: number, status: RunRecord['status']): KeptRun {
  const random = numbers(i);
  const column = (of: (step: number) => number) => Float32Array.from({ length: points }, (_, k) => of(k + 1));
  const now = new Date().toISOString();
  return {
    record: {
      id: `run-${i}`,
      spec: {
        method: 'simclr',
        data: 'mnist',
        seed: i % 2,
        backend: 'wasm',
        settings: { steps: 20_000, batchSize: 128, temperature: 0.1 * (1 + (i >> 1)) },
      },
      changes: [],
      versions: { lab: '0.1.0', tfjs: '4.22.0' },
      backend: { name: 'wasm', threads: 1 },
      created: now,
      updated: now,
      status,
      step: points,
      seconds: points / 10,
      parameters: 1000,
      name: null,
      note: '',
      color: null,
      starred: false,
      experiment: null,
      scores: [{ step: points, scores: { linearProbe: 0.9, knn: 0.8 } }],
    },
    curve: {
      steps: Int32Array.from({ length: points }, (_, k) => k + 1),
      seconds: column((step) => step / 10),
      columns: {
        loss: column((step) => 5 / Math.sqrt(step) + 0.2 * random.uniform()),
        accuracy: column(() => random.uniform()),
        gradient: column(() => random.uniform()),
        embeddingStd: column((step) => (step % 25 === 0 ? random.uniform() : Number.NaN)),
        nmi: column((step) => (step % 62 === 0 ? random.uniform() : Number.NaN)),
      },
    },
    checkpoint: null,
  };
}

Object.assign(globalThis, {
  /** Keeps `count` runs; resolves to their ids. */
  keep: async (count: number, points: number) => {
    for (let i = 0; i < count; i++) await library.save(run(i, points, i === 0 ? 'running' : 'done'));
    return Array.from({ length: count }, (_, i) => `run-${i}`);
  },
  /** Saves the first run as it is some steps later. */
  grow: (points: number) => library.save(run(0, points, 'running')),
});
