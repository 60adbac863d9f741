/** A measurement as the bench page stores it. */
import type { BenchResult } from '../../demos/app/bench-result.ts';

export const sampleBench: BenchResult = {
  format: 'unlabeled-bench-1',
  date: '2026-01-02T03:04:05.000Z',
  lab: '0.1.0',
  tfjs: '4.22.0',
  userAgent: 'a browser',
  cores: 8,
  crossOriginIsolated: true,
  chosen: { name: 'webgpu', reason: 'because' },
  backends: [
    { name: 'webgpu', state: 'done', reason: 'a card', threads: 1, rounds: 7, stepMs: 12.3, gflops: 1257, matmulGflops: 3200 },
    {
      name: 'webgl',
      state: 'failed',
      reason: 'the driver fell over',
      threads: null,
      rounds: 0,
      stepMs: null,
      gflops: null,
      matmulGflops: null,
    },
    { name: 'wasm', state: 'stopped', reason: 'the processor', threads: 4, rounds: 3, stepMs: 200, gflops: 77.3, matmulGflops: 80 },
  ],
  methods: [{ method: 'simclr', data: 'mnist', backend: 'webgpu', batchSize: 128, steps: 1000, msPerStep: 12.5 }],
};
