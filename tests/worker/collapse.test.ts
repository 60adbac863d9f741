import { expect, it } from 'vitest';
import { append, emptyCurve } from '../../demos/app/series.ts';
import { collapseOfCurve } from '../../demos/components/run/verdict.ts';
import { watchEvery } from '../../src/evaluate/collapse.ts';
import type { RunSpec } from '../../src/worker/protocol.ts';
import { curve, openHarness, phase } from './server.ts';

/** Real training, of small images that are none; on real ones the page's own test does the same. */
async function train(spec: Partial<RunSpec>) {
  const { client, events, until, start } = openHarness();
  await start({ data: 'mnist', ...spec, settings: { steps: 100, batchSize: 32, ...spec.settings } });
  await client.ask({ type: 'train' });
  await until(phase('done'));
  const found = emptyCurve();
  for (const event of events) if (event.type === 'metrics') append(found, event);
  return { events, verdict: collapseOfCurve(found) };
}

it('BYOL without predictor and stop-gradient is said to collapse; BYOL and SimCLR as they are never', async () => {
  const collapsed = await train({ method: 'byol', settings: { predictor: false, stopGradient: false } });
  expect(collapsed.verdict).toEqual({ kind: 'complete', since: expect.any(Number) });
  expect((await train({ method: 'byol' })).verdict).toBe(null);
  expect((await train({ method: 'simclr' })).verdict).toBe(null);
});

it('is looked for every 25 steps, and leaves the curve as it is', async () => {
  const { events } = await train({ method: 'simclr' });
  const looked = curve(events, 'embeddingStd').filter(({ value }) => !Number.isNaN(value));
  expect(looked.map(({ step }) => step)).toEqual([1, 2, 3, 4].map((k) => k * watchEvery));
  // Step by step, with pictures and checkpoints in between, the losses are the same.
  const { client, events: others, start } = openHarness();
  await start({ method: 'simclr', data: 'mnist', settings: { steps: 100, batchSize: 32 } });
  for (let step = 0; step < 27; step++) {
    await client.ask({ type: 'step' });
    if (step > 24) await client.ask({ type: 'artifact', kind: 'spectrum' });
  }
  expect(curve(others)).toEqual(curve(events).slice(0, 27));
});
