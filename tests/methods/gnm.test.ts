import { beforeAll, describe, expect, test } from 'vitest';
import type { Specs } from '../../src/hparams.ts';
import { methods } from '../../src/methods/index.ts';
import type { Context, Method } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { toImages } from '../../src/train/batches.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { smallData } from '../contract/small.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});
const read = async (t: tf.Tensor) => Array.from(await t.data());
const data = smallData.find(({ id }) => id === 'digit-scenes')!;
if (data.kind !== 'scenes') throw new Error('not scenes');
const { pixels } = data.test;
const gnm = methods.gnm as Method;
const session = () => createSession(gnm, data, { seed: 1, settings: { steps: 100, batchSize: 16 } });

describe('gnm', () => {
  test('its loss at the end of a run is −ELBO, term by term', async () => {
    const made = session();
    const c: Context<Specs> = { ...made.context('x'), progress: 1, rng: rng(5) };
    const x = toImages(pixels, [32, 32, 1], 0, 8);
    const { loss, metrics } = gnm.loss(made.run.params, {}, { x }, c);
    const { reconstruction, kl } = gnm.elboTerms!(made.run, x, c);
    const [nll] = await read(tf.mean(reconstruction));
    const [rate] = await read(tf.mean(tf.sum(kl, 1)));
    expectClose(await read(metrics!.reconstruction!), [nll!], { rtol: 1e-5 });
    expectClose([(await read(metrics!.klGlobal!))[0]! + (await read(metrics!.klCells!))[0]!], [rate!], { rtol: 1e-4 });
    expectClose(await read(loss), [nll! + rate!], { rtol: 1e-5 });
    // Each of them is a divergence.
    expect(Math.min(...(await read(kl)))).toBeGreaterThan(-1e-5);
    made.dispose();
  });

  test('until the handover the eye does not follow the learned prior, but that prior follows the eye', async () => {
    const made = session();
    const x = toImages(pixels, [32, 32, 1], 0, 8);
    const slope = async (progress: number, part: 'eye' | 'global') => {
      const c: Context<Specs> = { ...made.context('x'), progress, rng: rng(5) };
      const params = made.run.params as Record<'eye' | 'global', { presence: { w: tf.Tensor }; belief: readonly { w: tf.Tensor }[] }>;
      const weights = part === 'eye' ? params.eye.presence.w : params.global.belief[0]!.w;
      const f = tf.valueAndGrads((w: tf.Tensor) => {
        const changed =
          part === 'eye'
            ? { ...params, eye: { ...params.eye, presence: { ...params.eye.presence, w } } }
            : { ...params, global: { ...params.global, belief: [{ ...params.global.belief[0]!, w }, ...params.global.belief.slice(1)] } };
        return gnm.loss(changed as never, {}, { x }, c).metrics!.klCells!;
      });
      const { grads } = f([weights]);
      return (await read(grads[0]!)).reduce((sum, v) => sum + Math.abs(v), 0);
    };
    expect(await slope(0, 'eye')).toBe(0);
    expect(await slope(1, 'eye')).toBeGreaterThan(0);
    expect(await slope(0, 'global')).toBeGreaterThan(0);
    made.dispose();
  });

  test('a thing that is moved by whole pixels moves its ink by as many', async () => {
    const made = session();
    const c = made.context('x');
    const x = toImages(pixels, [32, 32, 1], 0, 1);
    const found = gnm.perceive!(made.run, x, c);
    const only = { ...found, presence: tf.oneHot(tf.tensor1d([5], 'int32'), 16) as tf.Tensor2D };
    const shifted = {
      ...only,
      boxes: { ...only.boxes, y: tf.add(only.boxes.y, 4) as tf.Tensor3D, x: tf.sub(only.boxes.x, 2) as tf.Tensor3D },
    };
    const [before, after] = await Promise.all([only, shifted].map((things) => read(gnm.compose!(made.run, things, c).image)));
    // Cell 5 is the second of the second row: its box, 13 pixels wide at first, stays inside either way.
    for (let r = 4; r < 32; r++)
      for (let col = 0; col < 30; col++) expect(after![r * 32 + col]).toBeCloseTo(before![(r - 4) * 32 + col + 2]!, 4);
    expect(Math.max(...after!) - Math.min(...after!)).toBeGreaterThan(0.1);
    made.dispose();
  });
});
