import { describe, expect, it } from 'vitest';
import * as tf from '../../src/tf.ts';
import type { Checkpoint, Ready } from '../../src/worker/protocol.ts';
import { curve, failure, openHarness, phase, type small } from './server.ts';

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

  it('sends the first loss before it takes another step', async () => {
    const { client, events, until, start } = openHarness();
    await start({});
    await client.ask({ type: 'train' });
    await until((event) => event.type === 'metrics');
    expect(curve(events).map(({ step }) => step)).toEqual([1]);
    client.close();
  });

  it('sends several steps in one message', async () => {
    const { client, events, until, start } = openHarness();
    await start({ settings: { steps: 200, couplings: 1, width: 8 } });
    await client.ask({ type: 'train' });
    await until(phase('done'));
    const messages = events.filter(({ type }) => type === 'metrics').length;
    expect(curve(events)).toHaveLength(200);
    expect(messages).toBeLessThan(100);
  });

  it('answers Pause within a step, with all numbers sent before, and goes on where it was', async () => {
    const { client, events, until, start } = openHarness();
    await start({ settings: { steps: 100_000 } });
    await client.ask({ type: 'train' });
    await until((event) => event.type === 'metrics');
    const asked = client.ask({ type: 'pause' });
    const seen = curve(events).length;
    const { step } = await asked;
    expect(curve(events).at(-1)?.step).toBe(step);
    expect(step).toBeGreaterThanOrEqual(seen);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await client.ask({ type: 'pause' })).step).toBe(step);
    expect(await client.ask({ type: 'step' })).toEqual({ step: step + 1 });
    expect(curve(events).at(-1)?.step).toBe(step + 1);
    client.close();
  });

  it('answers Step with one step and its numbers', async () => {
    const { client, events, start } = openHarness();
    await start({ settings: { steps: 2 } });
    expect(await client.ask({ type: 'step' })).toEqual({ step: 1 });
    expect(curve(events)).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'phase', phase: 'paused', step: 1 });
    expect(await client.ask({ type: 'step' })).toEqual({ step: 2 });
    expect(events.at(-1)).toEqual({ type: 'phase', phase: 'done', step: 2 });
    expect(await client.ask({ type: 'step' })).toEqual({ step: 2 });
    expect(curve(events)).toHaveLength(2);
  });

  it('takes live settings at once and refuses those that need a restart', async () => {
    const { client, events, start } = openHarness();
    await start({ settings: { schedule: 'constant' } });
    const reference = openHarness();
    await reference.start({ settings: { schedule: 'constant' } });
    for (let step = 0; step < 4; step++) {
      if (step === 2) await client.ask({ type: 'set', settings: { learningRate: 0.05 } });
      await client.ask({ type: 'step' });
      await reference.client.ask({ type: 'step' });
    }
    const [changed, unchanged] = [curve(events), curve(reference.events)].map((rows) => rows.map(({ value }) => value));
    // The rate of the third step shows in the fourth loss.
    expect(changed!.slice(0, 3)).toEqual(unchanged!.slice(0, 3));
    expect(changed![3]).not.toBe(unchanged![3]);
    expect(await failure(client.ask({ type: 'set', settings: { width: 32 } }))).toMatch(/width cannot change during a run/);
    expect(await failure(client.ask({ type: 'set', settings: { learningRate: 7 } }))).toMatch(/learningRate must lie from/);
    expect((await client.ask({ type: 'checkpoint' })).spec.settings).toMatchObject({ learningRate: 0.05, width: 64 });
  });

  it('serves requests in their order while it trains', async () => {
    const { client, until, start } = openHarness();
    await start({ settings: { steps: 100_000 } });
    const order: string[] = [];
    await client.ask({ type: 'train' });
    await until((event) => event.type === 'metrics');
    const note = (name: string) => () => order.push(name);
    await Promise.all([
      client.ask({ type: 'artifact', kind: 'density' }).then(note('artifact')),
      client.ask({ type: 'checkpoint' }).then(note('checkpoint')),
      client.ask({ type: 'set', settings: { learningRate: 0.002 } }).then(note('set')),
      client.ask({ type: 'pause' }).then(note('pause')),
    ]);
    expect(order).toEqual(['artifact', 'checkpoint', 'set', 'pause']);
  });

  it('is ended by the next start', async () => {
    const { client, events, until, start } = openHarness();
    await start({ settings: { steps: 100_000 } });
    await client.ask({ type: 'train' });
    await until((event) => event.type === 'metrics');
    const ready = (await start({ settings: { steps: 5 } })) as Ready;
    expect(ready).toMatchObject({ step: 0, steps: 5 });
    const before = events.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(events.length).toBe(before);
    expect((await client.ask({ type: 'pause' })).step).toBe(0);
  });
});

describe('a checkpoint', () => {
  it.each([
    ['realnvp', 'two-moons', {}],
    ['simclr', 'mnist', { projection: 8 }],
    ['deepcluster', 'mnist', { clusters: 5, components: 8 }],
  ])('continues the very curve of %s elsewhere', async (method, data, settings) => {
    // Images: four steps an epoch, so that the cut lies within one and the rest reaches into the next.
    const spec = { method, data, settings: { steps: 6, ...settings } };
    const whole = openHarness();
    await whole.start(spec);
    await whole.client.ask({ type: 'train' });
    await whole.until(phase('done'));

    const first = openHarness();
    await first.start(spec);
    for (let step = 0; step < 3; step++) await first.client.ask({ type: 'step' });
    const from: Checkpoint = await first.client.ask({ type: 'checkpoint' });
    expect(from.step).toBe(3);
    first.client.close();

    const second = openHarness();
    const ready = (await second.start(spec, { spec: from.spec, from })) as Ready;
    expect(ready.step).toBe(3);
    expect(second.events).toContainEqual({ type: 'phase', phase: 'paused', step: 3 });
    await second.client.ask({ type: 'train' });
    await second.until(phase('done'));
    expect([...curve(first.events), ...curve(second.events)]).toEqual(curve(whole.events));
  });

  it('of other settings is refused by name', async () => {
    const { client, start } = openHarness();
    await start({});
    const from = await client.ask({ type: 'checkpoint' });
    expect(await failure(start({ settings: { width: 16 } }, { from }))).toMatch(/has shape .* these settings need/);
  });
});

describe('refusals', () => {
  const refused = (spec: Parameters<typeof small>[0], said: RegExp) => async () => {
    const { client, start } = openHarness();
    expect(await failure(start(spec))).toMatch(said);
    expect(await failure(client.ask({ type: 'train' }))).toMatch(/No run is under way/);
  };
  it('names an unknown method and the nearest', refused({ method: 'simcrl' }, /no method "simcrl"; did you mean simclr\?/));
  it('names unknown data', refused({ data: 'two-moon' }, /no data set "two-moon"; did you mean two-moons\?/));
  it('names data that do not fit', refused({ method: 'simclr' }, /SimCLR does not train on two-moons; it accepts mnist, cifar10/));
  it(
    'names every wrong setting',
    refused({ settings: { widht: 3, couplings: 99 } }, /widht is not a hyperparameter.*\n.*couplings must lie/),
  );
  it('says how to get missing data', refused({ method: 'vae', data: 'cifar10' }, /manifest.json is not there. Run `npm run data`/));
  it('names a batch larger than the data', refused({ method: 'vae', data: 'mnist', settings: { batchSize: 100 } }, /batchSize is 100/));

  it('names an artifact that the method cannot make, and the run goes on', async () => {
    const { client, start } = openHarness();
    await start({});
    expect(await failure(client.ask({ type: 'artifact', kind: 'clusters' }))).toMatch(
      /Real NVP on .* has no "clusters" to show; it has density/,
    );
    expect(await client.ask({ type: 'step' })).toEqual({ step: 1 });
  });
});

describe('a run that diverges', () => {
  it('stops with its last good checkpoint and advice; the next start works', async () => {
    const { client, events, until, start } = openHarness();
    await start({ method: 'vae', data: 'mnist' });
    await client.ask({ type: 'step' });
    // Weights that have blown up, as a far too large learning rate leaves them.
    const checkpoint = await client.ask({ type: 'checkpoint' });
    const tensors = Object.fromEntries(
      Object.entries(checkpoint.tensors).map(([name, tensor]) => [
        name,
        name.startsWith('params.posterior') ? { ...tensor, values: tensor.values.map(() => 1e30) } : tensor,
      ]),
    );
    await start({ method: 'vae', data: 'mnist' }, { spec: checkpoint.spec, from: { ...checkpoint, tensors } });
    await client.ask({ type: 'train' });
    const stopped = await until((event) => event.type === 'stopped');
    expect(stopped).toMatchObject({ checkpoint: { step: checkpoint.step, spec: { method: 'vae' } } });
    if (stopped.type !== 'stopped') throw new Error('unreachable');
    expect(stopped.failure.message).toMatch(/became (NaN|-?Infinity) at step \d+: try a smaller learning rate/);
    expect(stopped.failure.advice).toMatch(/last good weights/);
    const rows = curve(events).length;
    expect(await failure(client.ask({ type: 'train' }))).toMatch(/No run is under way/);
    await start({ method: 'vae', data: 'mnist', settings: { steps: 2 } });
    await client.ask({ type: 'step' });
    expect(curve(events)).toHaveLength(rows + 1);
  });
});

describe('memory', () => {
  it('holds as many tensors after 300 steps, pictures and an ended run as before', async () => {
    const { client, until, start } = openHarness();
    await start({ settings: { steps: 300, couplings: 2, width: 8 } });
    await client.ask({ type: 'step' });
    await client.ask({ type: 'artifact', kind: 'density' });
    const before = tf.memory().numTensors;
    await client.ask({ type: 'train' });
    for (let i = 0; i < 5; i++) await client.ask({ type: 'artifact', kind: 'density' });
    await until(phase('done'));
    await client.ask({ type: 'evaluate' });
    await client.ask({ type: 'checkpoint' });
    expect(tf.memory().numTensors).toBe(before);
    await start({ settings: { steps: 300, couplings: 2, width: 8 } });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the bench', () => {
  it('prepares a backend, times work on it, and leaves no tensor behind', async () => {
    const { client, start } = openHarness();
    expect(await failure(client.ask({ type: 'bench', work: 'step', times: 1 }))).toMatch(/ended/);
    expect(await client.ask({ type: 'prepare', backend: 'wasm' })).toMatchObject({ name: 'wasm', threads: 1 });
    const before = tf.memory().numTensors;
    const product = await client.ask({ type: 'bench', work: 'matMul', times: 2 });
    expect(product.flops).toBe(2 * 1024 ** 3);
    expect(product.ms).toBeGreaterThan(1);
    const step = await client.ask({ type: 'bench', work: 'step', times: 1 });
    expect(step.flops / 1e9).toBeCloseTo(15.46, 2);
    expect(step.ms).toBeGreaterThan(product.ms);
    // The run after it, and the bench after that, each free what was there.
    await start({});
    const during = tf.memory().numTensors;
    await client.ask({ type: 'bench', work: 'matMul', times: 1 });
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(await failure(client.ask({ type: 'train' }))).toMatch(/start one first/);
    await start({});
    expect(tf.memory().numTensors).toBe(during);
  });
});
