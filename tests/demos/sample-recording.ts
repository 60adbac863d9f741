import { type Recording, recordingFormat, recordingVersion } from '../../src/train/recording.ts';

/** A recording of a flow on points with three seeds, whose loss falls from about 4 to 1 and is a tenth apart; small enough to check by eye. */
export function sampleRecording(settings: Recording['settings'] = { steps: 40, batchSize: 8, schedule: 'cosine' }): Recording {
  const { steps } = settings;
  const loss = (seed: number) => Float32Array.from({ length: steps }, (_, i) => 1 + 3 / (i + 1) + seed / 10);
  const sparse = Float32Array.from({ length: steps }, (_, i) => (i % 10 === 9 ? i : Number.NaN));
  const line = (shift: number) => Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + shift));
  return {
    format: recordingFormat,
    version: recordingVersion,
    method: 'realnvp',
    data: 'two-moons',
    settings,
    versions: { lab: '0.1.0', tfjs: '4.22.0' },
    backend: 'wasm',
    created: '2026-01-02T03:04:05.000Z',
    runs: [0, 1, 2].map((seed) => ({
      seed,
      seconds: 60 + seed,
      columns: { loss: loss(seed), sparse },
      scores: { nll: 1.1 + seed / 10, entropy: 0.9 },
    })),
    moments: [0, steps / 4, steps].map((step, k) => ({
      step,
      pictures: [
        {
          kind: 'density',
          side: 4,
          extent: 3,
          density: Float32Array.from({ length: 16 }, (_, i) => Math.sqrt(i) * (k + 1)),
          data: line(0),
          samples: line(k),
          frames: [line(k), line(k + 1)],
          lines: 2,
          perLine: 3,
          nll: 3 - k,
          entropy: 0.9,
        },
        {
          kind: 'samples',
          temperature: 1,
          images: { n: 2, shape: [3, 2, 1], pixels: Uint8Array.from({ length: 12 }, (_, i) => 20 * i + k) },
        },
      ],
    })),
  };
}
