import { describe, expect, it } from 'vitest';
import type { Event, Ready } from '../../src/worker/protocol.ts';
import { curve, openHarness } from './server.ts';

const phase = (name: string) => (event: Event) => event.type === 'phase' && event.phase === name;

describe('a run', () => {
  it('starts, trains to the end and sends every step once', async () => {
    const { client, events, until, start } = openHarness();
    const ready = (await start({})) as Ready;
    expect(ready).toMatchObject({
      backend: { name: 'wasm' },
      steps: 20,
      step: 0,
      stepsPerEpoch: 100,
      artifacts: ['density'],
      scored: true,
    });
    expect(ready.parameters).toBeGreaterThan(100);
    await client.ask({ type: 'train' });
    await until(phase('done'));
    expect(curve(events).map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(curve(events).every(({ value }) => Number.isFinite(value))).toBe(true);
    const speeds = events.flatMap((event) => (event.type === 'metrics' ? [event.stepsPerSecond] : []));
    expect(speeds.every((speed) => speed > 0 && speed < 1e5)).toBe(true);
  });
});
