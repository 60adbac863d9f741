import { describe, expect, it, vi } from 'vitest';
import * as tf from '../../src/tf.ts';
import { curve, failure, openHarness, phase } from './server.ts';

describe('a slow picture', () => {
  it('is made of the run as it was when it was asked for, while it trains and answers', async () => {
    const spec = { method: 'vae', data: 'mnist', settings: { steps: 60, latents: 2 } };
    const open = async () => {
      const harness = openHarness();
      await harness.start(spec);
      await harness.client.ask({ type: 'step' });
      return { ...harness, tensors: tf.memory().numTensors };
    };
    const still = await open();
    const expected = await still.client.ask({ type: 'artifact', kind: 'memorization' });

    const { client, start, tensors } = await open();
    const order: string[] = [];
    const picture = client.ask({ type: 'artifact', kind: 'memorization' }).then((value) => {
      order.push('picture');
      return value;
    });
    const steps = [2, 3].map(() => client.ask({ type: 'step' }).then(({ step }) => order.push(`step ${step}`)));
    expect(await picture).toEqual(expected);
    await Promise.all(steps);
    expect(order).toEqual(['step 2', 'step 3', 'picture']);
    expect(tf.memory().numTensors).toBe(tensors);

    const last = failure(client.ask({ type: 'artifact', kind: 'memorization' }));
    await start(spec);
    expect(await last).toMatch(/picture were given up/);
    await client.ask({ type: 'step' });
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe('an evaluation', () => {
  const spec = { method: 'simclr', data: 'mnist', settings: { steps: 60, projection: 8 } };
  /** A run of one step, and the tensors it holds; then the numbers of scores that are asked for. */
  const open = async () => {
    const harness = openHarness();
    await harness.start(spec);
    await harness.client.ask({ type: 'step' });
    const order: string[] = [];
    const note =
      (name: string) =>
      <T>(value: T): T => {
        order.push(name);
        return value;
      };
    return { ...harness, order, note, tensors: tf.memory().numTensors };
  };

  it('lets everything else be answered before it, and leaves no tensors behind', async () => {
    const { client, order, note, tensors } = await open();
    await Promise.all([
      client.ask({ type: 'evaluate' }).then(note('evaluate')),
      client.ask({ type: 'artifact', kind: 'embedding' }).then(note('artifact')),
      client.ask({ type: 'checkpoint' }).then(note('checkpoint')),
      client.ask({ type: 'pause' }).then(note('pause')),
    ]);
    expect(order).toEqual(['artifact', 'checkpoint', 'pause', 'evaluate']);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('scores the run as it was when it was asked for, though training goes on', async () => {
    const still = await open();
    const expected = await still.client.ask({ type: 'evaluate' });
    expect(expected).toMatchObject({ step: 1, scores: { knn: expect.any(Number) }, seconds: expect.any(Number) });
    expect(expected.seconds!).toBeGreaterThan(0);

    const { client, events, order, note, tensors } = await open();
    const scores = client.ask({ type: 'evaluate' }).then(note('evaluate'));
    await client.ask({ type: 'set', settings: { learningRate: 0.02 } });
    for (let step = 2; step < 5; step++) expect((await client.ask({ type: 'step' }).then(note('step'))).step).toBe(step);
    await client.ask({ type: 'train' });
    expect(await scores).toMatchObject({ scores: expected.scores, step: 1 });
    expect(order).toEqual(['step', 'step', 'step', 'evaluate']);
    const { step } = await client.ask({ type: 'pause' });
    expect(step).toBeGreaterThan(4);
    expect(curve(events).map(({ step }) => step)).toEqual(Array.from({ length: step }, (_, i) => i + 1));
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('is given up when a newer one is asked for, and when its run ends', async () => {
    const { client, start, tensors } = await open();
    const older = failure(client.ask({ type: 'evaluate' }));
    const newer = client.ask({ type: 'evaluate' });
    expect(await older).toMatch(/were given up/);
    expect((await newer).step).toBe(1);

    const last = failure(client.ask({ type: 'evaluate' }));
    await start(spec);
    expect(await last).toMatch(/were given up/);
    await client.ask({ type: 'step' });
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('stops the run when the device is lost meanwhile', async () => {
    const { tensors } = await open();
    const backend = tf.backend() as { device?: unknown };
    let lose = (_: { message: string }) => {};
    backend.device = {
      lost: new Promise((resolve) => {
        lose = resolve;
      }),
    };
    try {
      const { client, until } = await open();
      await client.ask({ type: 'train' });
      const scores = failure(client.ask({ type: 'evaluate' }));
      const { step } = await client.ask({ type: 'pause' });
      lose({ message: 'driver reset' });
      expect(await scores).toMatch(/device was lost: driver reset/);
      const stopped = await until(({ type }) => type === 'stopped');
      expect(stopped).toMatchObject({ failure: { advice: expect.stringMatching(/last good weights/) }, checkpoint: { step } });
      // Here, where the device is not really gone, all that lay on it is freed.
      await vi.waitFor(() => expect(tf.memory().numTensors).toBe(tensors));
    } finally {
      delete backend.device;
    }
  });

  it('takes scores by itself every so many steps, with the options that were asked for', async () => {
    const { client, events, until, start } = openHarness();
    await start({ method: 'vae', data: 'mnist', settings: { steps: 12, latents: 2 } });
    await client.ask({ type: 'watch', every: 4, options: { boundDraws: 3 } });
    await client.ask({ type: 'train' });
    await until(phase('done'));
    // Asked for at the end, as a page does: what is under way is not lost by that.
    const last = await client.ask({ type: 'evaluate' });
    const first = await until(({ type }) => type === 'scores');
    expect(first).toMatchObject({ step: 4, scores: { boundDraws: 3, latentUnits: 2, frechet: expect.any(Number) } });
    expect(last).toMatchObject({ step: 12, scores: { boundDraws: 50 } });
    // Those of the last step are asked for by the page, once the run is done.
    const steps = events.flatMap((event) => (event.type === 'scores' ? [event.step] : []));
    expect(steps.every((step) => step % 4 === 0 && step < 12)).toBe(true);
  });
});
