import { describe, expect, it } from 'vitest';
import type { KeptRun, RunCurve } from '../../src/train/record.ts';
import { openRunFile, packRun } from '../../src/train/run-file/index.ts';
import { compareCurves, judge } from '../../src/train/verify.ts';
import { Failed } from '../../src/worker/client.ts';
import type { RunSpec } from '../../src/worker/protocol.ts';
import { verifyRun } from '../../src/worker/verify.ts';
import { sampleRun } from '../run-file/sample.ts';
import { curve, openHarness, small } from './server.ts';

const options = { dataUrl: 'data/', lab: '0.1.0' } as const;

/** Trains twelve steps, changes the learning rate after the fifth, and keeps what a page would keep. */
async function keptRun(spec: Partial<RunSpec> = {}): Promise<KeptRun> {
  const { client, events, start, until } = openHarness();
  await start(spec);
  await client.ask({ type: 'train', until: 5 });
  await until((event) => event.type === 'phase' && event.phase === 'paused');
  const settings = { learningRate: 1e-3 };
  const { step } = await client.ask({ type: 'set', settings });
  for (let i = 0; i < 7; i++) await client.ask({ type: 'step' });
  const rows = curve(events);
  const sample = sampleRun();
  return {
    record: { ...sample.record, spec: small(spec), changes: [{ step, settings }], step: 12, parameters: 4, scores: [] },
    curve: {
      steps: Int32Array.from(rows, (row) => row.step),
      seconds: new Float32Array(rows.length),
      columns: { loss: Float32Array.from(rows, (row) => row.value) },
    },
    checkpoint: null,
  };
}
const edited = (run: KeptRun, row: number, factor: number): KeptRun => {
  const loss = run.curve.columns.loss!.slice();
  loss[row]! *= factor;
  return { ...run, curve: { ...run.curve, columns: { loss } } };
};

describe('train until', () => {
  it('pauses by itself after that step, with all its numbers sent', async () => {
    const { client, events, start, until } = openHarness();
    await start({});
    await client.ask({ type: 'train', until: 7 });
    const paused = await until((event) => event.type === 'phase' && event.phase === 'paused');
    expect(paused).toEqual({ type: 'phase', phase: 'paused', step: 7 });
    expect(curve(events).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    // Where it stands already it does not move; without an end it goes to the end.
    await client.ask({ type: 'train', until: 3 });
    expect(events.at(-1)).toEqual(paused);
    await client.ask({ type: 'train' });
    expect(await until((event) => event.type === 'phase' && event.phase === 'done')).toMatchObject({ step: 20 });
  });
});

describe('a kept run', () => {
  it('is trained again from its file and found the same to the bit, the change under way included', async () => {
    const run = await keptRun();
    const kept = openRunFile(packRun(run)).runs[0]!;
    expect(kept.record.changes).toEqual([{ step: 5, settings: { learningRate: 1e-3 } }]);
    const seen: number[] = [];
    const verdict = await verifyRun(openHarness().client, kept, { ...options, onProgress: ({ step }) => seen.push(step) });
    expect(verdict).toMatchObject({ outcome: 'same', steps: 12, first: null, largest: null });
    expect(verdict.words).toMatch(
      /^The run is what it says: 12 of 12 steps .* on wasm, as then, and every value is the same to the bit\.$/,
    );
    expect(seen.at(-1)).toBe(12);
  });

  it('is found the same on images and with an order of its own, whose metrics come between epochs', async () => {
    const run = await keptRun({ method: 'deepcluster', data: 'mnist', settings: { clusters: 6, components: 8, steps: 12 } });
    expect(await verifyRun(openHarness().client, run, options)).toMatchObject({ outcome: 'same', steps: 12 });
  });

  it('is found different where something was planted, and the step is named', async () => {
    const run = await keptRun();
    const { record } = run;
    const verdict = async (forged: KeptRun) => {
      const { outcome, first, steps, words } = await verifyRun(openHarness().client, forged, options);
      expect(words).toContain(`The first difference is at step ${first?.step}: loss was `);
      return { outcome, step: first?.step, steps };
    };
    expect(await verdict({ ...run, record: { ...record, spec: { ...record.spec, seed: 1 } } })).toMatchObject({
      outcome: 'different',
      step: 1,
    });
    const other = { ...record.spec, settings: { ...record.spec.settings, batchSize: 8 } };
    expect(await verdict({ ...run, record: { ...record, spec: other } })).toMatchObject({ outcome: 'different', step: 1 });
    // A changed rate shows in the loss of the step after the one it moves.
    expect(await verdict({ ...run, record: { ...record, changes: [] } })).toMatchObject({ outcome: 'different', step: 7 });
    const moved = [{ step: 6, settings: { learningRate: 1e-3 } }];
    expect(await verdict({ ...run, record: { ...record, changes: moved } })).toMatchObject({ outcome: 'different', step: 7 });
    expect(await verdict(edited(run, 9, 1 + 2 ** -22))).toMatchObject({ outcome: 'different', step: 10 });
  });

  it('is compared as far as was asked, and no further once it was broken off', async () => {
    const run = await keptRun();
    expect(await verifyRun(openHarness().client, edited(run, 9, 2), { ...options, steps: 6 })).toMatchObject({ outcome: 'same', steps: 6 });
    const broken = new AbortController();
    const { outcome, steps } = await verifyRun(openHarness().client, run, {
      ...options,
      signal: broken.signal,
      onProgress: () => broken.abort(),
    });
    expect(outcome).toBe('same');
    expect(steps).toBeLessThan(6);
    expect(await verifyRun(openHarness().client, run, { ...options, signal: AbortSignal.abort() })).toMatchObject({
      outcome: 'open',
      steps: 0,
    });
  });

  it('that cannot be trained here says why', async () => {
    const run = await keptRun();
    const spec = { ...run.record.spec, data: 'cifar10' };
    const asked = verifyRun(openHarness().client, { ...run, record: { ...run.record, spec } }, options);
    await expect(asked).rejects.toBeInstanceOf(Failed);
    await expect(asked).rejects.toThrow('manifest.json is not there');
    const wild = {
      ...run.record,
      spec: { ...run.record.spec, settings: { ...run.record.spec.settings, weightDecay: 0.1, learningRate: 0.1 } },
    };
    expect(await verifyRun(openHarness().client, { ...run, record: wild }, options)).toMatchObject({ outcome: 'different' });
  });
});

describe('the verdict', () => {
  const run = sampleRun();
  const of = (columns: RunCurve['columns'], steps = [1, 2, 3]): RunCurve => ({
    steps: Int32Array.from(steps),
    seconds: new Float32Array(steps.length),
    columns,
  });
  const none = Float32Array.of(Number.NaN, Math.fround(0.1), Number.NaN);
  const verdict = (loss: number[], backend: string, nmi = none) =>
    judge(
      run,
      compareCurves(run.curve, of({ loss: Float32Array.from(loss), 'nmi.previous': nmi, extra: none })),
      { name: backend },
      '0.1.0',
    );

  it('counts rows by their steps, not by their places', () => {
    const found = of({ loss: Float32Array.of(2.25, 1, 9), 'nmi.previous': Float32Array.of(0.1, Number.NaN, 0) }, [2, 3, 4]);
    expect(compareCurves(run.curve, found)).toMatchObject({
      steps: 2,
      first: { step: 3, metric: 'loss', kept: 1.125, found: 1, relative: 0.125 / 1.125 },
    });
  });

  it('wants every bit on the same processor backend, and the first losses alone elsewhere', () => {
    expect(verdict([3.5, 2.25, 1.125], 'wasm').outcome).toBe('same');
    expect(verdict([3.5, 2.25, 1.1250001], 'wasm').outcome).toBe('different');
    expect(verdict([3.5, 2.25, 1.1255], 'webgpu').outcome).toBe('close');
    expect(verdict([3.5, 2.25, 1.1255], 'webgpu').words).toMatch(/webgpu instead of wasm, and the first 3 losses are within 0\.1 %/);
    expect(verdict([3.5, 2.26, 1.125], 'webgpu')).toMatchObject({ outcome: 'different', early: { step: 2 } });
  });

  it('takes a value that is gone for a difference, and says so without a number', () => {
    const gone = verdict([3.5, 2.25, 1.125], 'wasm', new Float32Array(3).fill(Number.NaN));
    expect(gone).toMatchObject({ outcome: 'different', first: { step: 2, metric: 'nmi.previous' } });
    expect(gone.words).toMatch(/nmi\.previous was 0\.1 and is now none\. The largest difference is a whole value of nmi\.previous/);
  });
});
