import { describe, expect, test } from 'vitest';
import type { ImageShape } from '../../src/data/dataset.ts';
import type { Values } from '../../src/hparams.ts';
import { realnvp } from '../../src/methods/realnvp.ts';
import { vae } from '../../src/methods/vae.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { randomized } from '../randomized.ts';
import { context, image, onWasm } from './context.ts';

/** What generative methods promise beyond the contract. */

describe('vae', () => {
  const run = (hp: Partial<Values<typeof vae.hparams>>, shape: ImageShape = image) => {
    const c = context(vae.hparams, shape, { latents: 3, ...hp });
    return { c, ...vae.init(c) };
  };
  const x = (shape: ImageShape) => tf.div(tf.round(tf.mul(rng(3).uniforms<tf.Rank.R4>([4, ...shape]), 255)), 255) as tf.Tensor4D;

  test.each([[[16, 16, 1] as ImageShape], [[16, 16, 3] as ImageShape]])(
    'the loss is reconstruction + β · KL, as elboTerms gives them, on %s',
    async (shape) => {
      const [loss, reconstruction, kl, ofRows, ofLatents] = (
        await onWasm(() => {
          const { c, params, state } = run({ beta: 3, warmup: 0 }, shape);
          const larger = randomized(params, 0.05, 4);
          const { loss, metrics } = vae.loss(larger, state, { x: x(shape) }, { ...c, rng: rng(9) });
          const terms = vae.elboTerms!({ params: larger, state }, x(shape), { ...c, rng: rng(9) });
          return [loss, metrics!.reconstruction!, metrics!.kl!, tf.mean(terms.reconstruction), tf.mean(tf.sum(terms.kl, 1))];
        })
      ).flat() as [number, number, number, number, number];
      expect(kl).toBeGreaterThan(0.01);
      expectClose([loss, ofRows, ofLatents], [reconstruction + 3 * kl, reconstruction, kl]);
    },
  );

  test('draws of the posterior differ; the noise of a stream is the same each time', async () => {
    const terms = (seed: number) => {
      const { c, params, state } = run({});
      return vae.elboTerms!({ params: randomized(params, 0.05, 4), state }, x(image), { ...c, rng: rng(seed) }).reconstruction;
    };
    const [a, b, other] = await onWasm(() => [terms(1), terms(1), terms(2)]);
    expect(b).toEqual(a);
    expect(other).not.toEqual(a);
  });

  test('images and samples lie in [0, 1]; at temperature 0 all samples are the image of the origin', async () => {
    for (const shape of [image, [16, 16, 3] as ImageShape]) {
      const [samples, cold, origin] = await onWasm(() => {
        const { c, params, state } = run({}, shape);
        const larger = { params: randomized(params, 0.1, 4), state };
        return [vae.sample!(larger, 3, 2, c), vae.sample!(larger, 1, 0, c), vae.decode!(larger, tf.zeros([1, 3]), c)];
      });
      expect(Math.min(...samples!)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...samples!)).toBeLessThanOrEqual(1);
      expectClose(cold!, origin!, { rtol: 1e-5, atol: 1e-6 });
    }
  });
});

describe('realnvp', () => {
  const hp = { couplings: 2, width: 8 };

  test('the density of points with random weights integrates to 1', async () => {
    const [side, span] = [301, 36];
    const [density] = await onWasm(() => {
      const c = context(realnvp.hparams, [2] as const, { couplings: 3, width: 8 });
      const { params, state } = realnvp.init(c);
      const axis = tf.linspace(-span / 2, span / 2, side);
      const [xs, ys] = tf.meshgrid(axis, axis) as [tf.Tensor, tf.Tensor];
      const grid = tf.stack([tf.reshape(xs, [-1]), tf.reshape(ys, [-1])], 1) as tf.Tensor2D;
      return tf.exp(realnvp.logProb!({ params: randomized(params, 0.2, 3), state }, grid, c));
    });
    const cell = (span / (side - 1)) ** 2;
    expectClose(density!.reduce((a, v) => a + v, 0) * cell, 1, { rtol: 1e-3 });
    // Not the standard normal that it would be without couplings.
    const centre = density![(side * side - 1) / 2]!;
    expect(Math.abs(centre - 1 / (2 * Math.PI))).toBeGreaterThan(5e-3);
  });

  test('of an identity flow, log p of pixels is that of their logits, in closed form', async () => {
    const shape = [4, 4, 1] as const;
    const pixels = Array.from({ length: 32 }, (_, i) => (i * 37) % 256);
    const [logProb, u] = await onWasm(() => {
      const c = context(realnvp.hparams, shape, hp, { seed: 4 });
      const { params, state } = realnvp.init(c);
      const x = tf.tensor4d(
        pixels.map((k) => k / 255),
        [2, ...shape],
      );
      return [realnvp.logProb!({ params, state }, x, { ...c, rng: rng(11) }), rng(11).uniforms([2, ...shape])];
    });
    const expected = [0, 1].map((row) =>
      pixels.slice(16 * row, 16 * row + 16).reduce((sum, k, i) => {
        const p = 0.05 + (0.9 * (k + u![16 * row + i]!)) / 256;
        const y = Math.log(p / (1 - p));
        return sum - 0.5 * y * y - 0.5 * Math.log(2 * Math.PI) + Math.log(0.9 / 256 / (p * (1 - p)));
      }, 0),
    );
    expectClose(logProb!, expected, { rtol: 1e-5 });
  });

  test('pixels survive the way to noise and back, black and white too', async () => {
    const shape = [8, 8, 1] as const;
    const [x, back, z] = await onWasm(() => {
      const c = context(realnvp.hparams, shape, hp);
      const { params, state } = realnvp.init(c);
      const run = { params: randomized(params, 0.05, 3), state };
      const x = tf.tensor4d(
        Array.from({ length: 128 }, (_, i) => ((i * 85) % 256) / 255),
        [2, ...shape],
      );
      const z = realnvp.forward!(run, x, c);
      return [x, realnvp.inverse!(run, z, c), z];
    });
    expectClose(back!, x!, { atol: 1e-3 });
    expect(Math.max(...z!.map(Math.abs))).toBeLessThan(100);
  });

  test('at temperature 0 all samples are the image of the origin, and temperature spreads them', async () => {
    const [cold, origin, warm] = await onWasm(() => {
      const c = context(realnvp.hparams, [2] as const, hp);
      const { params, state } = realnvp.init(c);
      const run = { params: randomized(params, 0.2, 3), state };
      return [realnvp.sample!(run, 1, 0, c), realnvp.inverse!(run, tf.zeros([1, 2]), c), realnvp.sample!(run, 1, 1, c)];
    });
    expectClose(cold!, origin!, { rtol: 1e-5, atol: 1e-6 });
    expect(warm).not.toEqual(cold);
  });
});
