import type { KeptRun } from '../../src/train/record.ts';
import type { PackedTensor } from '../../src/train/snapshot.ts';

export const floats = (shape: number[], ...values: number[]): PackedTensor => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from(values),
});

/** A run of three steps of a network of four numbers, with something in every corner. */
export const sampleRun = (id = '6f1c2a34-5b67-4c89-8d01-23456789abcd'): KeptRun => {
  const spec = {
    method: 'byol',
    data: 'mnist',
    seed: 3,
    backend: 'auto',
    settings: { steps: 100, learningRate: 0.003, schedule: 'cosine', stopGradient: true },
  } as const;
  return {
    record: {
      id,
      spec,
      changes: [{ step: 2, settings: { learningRate: 0.001 } }],
      versions: { lab: '0.1.0', tfjs: '4.22.0' },
      backend: { name: 'wasm', threads: 1 },
      created: '2026-11-22T05:43:18.000Z',
      updated: '2026-11-22T05:44:18.123Z',
      status: 'paused',
      step: 3,
      seconds: 0.75,
      parameters: 4,
      name: 'Mine “✓”',
      note: 'two\nlines',
      color: 2,
      starred: true,
      experiment: null,
      scores: [
        {
          step: 2,
          seconds: 1.5,
          scores: {
            knn: 0.5,
            linearProbe: Number.NaN,
          },
        },
        { step: 3, scores: { knn: 0.25 } },
      ],
    },
    curve: {
      steps: Int32Array.of(1, 2, 3),
      seconds: Float32Array.of(0.25, 0.5, 0.75),
      columns: { loss: Float32Array.of(3.5, 2.25, 1.125), 'nmi.previous': Float32Array.of(Number.NaN, 0.1, Number.NaN) },
    },
    checkpoint: {
      spec: { ...spec, backend: 'wasm', settings: { ...spec.settings, learningRate: 0.001 } },
      seconds: 0.5,
      step: 2,
      order: Int32Array.of(2, 0, 1),
      tensors: {
        'params.encoder.0.w': floats([1, 3], 0.1, -0.2, 0.3),
        'params.encoder.0.b': floats([1], -0),
        'state.queue': { shape: [2], dtype: 'int32', values: Int32Array.of(-1, 7) },
        'state.empty': floats([0, 4]),
        m: floats([4], 1e-40, 2, 3, 4),
        v: floats([4], 5, 6, 7, 8),
      },
    },
  };
};

export const otherId = '00000000-0000-4000-8000-000000000001';
