import type { KeptRun, RunRecord } from '../../src/train/record.ts';

let count = 0;

/** A small whole run: three steps, two metrics, six weights. */
export function keptRun(change: Partial<RunRecord>): KeptRun {
  const spec = { method: 'simclr', data: 'mnist', seed: 3, backend: 'auto', settings: { steps: 10, temperature: 0.2 } } as const;
  const id = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
  return {
    record: {
      id,
      spec,
      changes: [],
      versions: { lab: '0.1.0', tfjs: '4.22.0' },
      backend: { name: 'wasm', threads: 1 },
      created: '2026-01-01T00:00:00.000Z',
      updated: '2026-01-01T00:00:10.000Z',
      status: 'paused',
      step: 3,
      seconds: 1.5,
      parameters: 6,
      name: null,
      note: '',
      color: null,
      starred: false,
      experiment: null,
      scores: [{ step: 3, scores: { knn: 0.9 } }],
      ...change,
    },
    curve: {
      steps: Int32Array.of(1, 2, 3),
      seconds: Float32Array.of(0.5, 1, 1.5),
      columns: { loss: Float32Array.of(3, 2, 1), embeddingStd: Float32Array.of(Number.NaN, 0.5, Number.NaN) },
    },
    checkpoint: {
      spec,
      seconds: 1.5,
      step: 3,
      order: null,
      tensors: { 'params.w': { shape: [2, 3], dtype: 'float32', values: Float32Array.of(1, 2, 3, 4, 5, 6) } },
    },
  };
}
