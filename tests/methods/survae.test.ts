import { describe, expect, test } from 'vitest';
import { densities } from '../../src/data/densities.ts';
import type { Values } from '../../src/hparams.ts';
import { survae } from '../../src/methods/survae.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { randomized } from '../randomized.ts';
import { context, onWasm } from './context.ts';

describe('survae', () => {
  const run = (hp: Partial<Values<typeof survae.hparams>>) => {
    const c = context(survae.hparams, [2] as const, { width: 8, ...hp });
    const { params, state } = survae.init(c);
    return { c, run: { params: randomized(params, 0.2, 3), state } };
  };
  const x = () => rng(4).normals<tf.Rank.R2>([200, 2]);

  test('where every layer is exact, the loss is the mean −log p(x), whatever is drawn', async () => {
    const [loss, ofRows, again] = await onWasm(() => {
      const { c, run: r } = run({ stack: 'fold, affine×2' });
      const { loss } = survae.loss(r.params, r.state, { x: x() }, c);
      return [loss, survae.logProb!(r, x(), c), survae.logProb!(r, x(), { ...c, rng: rng(9) })];
    });
    expectClose(loss!, [-ofRows!.reduce((a, v) => a + v, 0) / 200]);
    expect(again).toEqual(ofRows);
  });

  test('of the empty surjection of signs, log p(x) is that of its closed form', async () => {
    const points = [-1.2, 0.3, 2, -0.01];
    const [logProb] = await onWasm(() => {
      const { c, run: r } = run({ stack: 'abs' });
      return survae.logProb!(r, tf.tensor2d(points, [2, 2]), c);
    });
    // L = log(e^|x| − 1), z = L − 1 or −√(1 − 2L), standard normal, and a fair coin for each sign.
    const of = (v: number) => {
      const line = Math.log(Math.expm1(Math.abs(v)));
      const z = line > 0 ? line - 1 : -Math.sqrt(1 - 2 * line);
      const logSlope = -Math.log(-Math.expm1(-Math.abs(v))) - (line > 0 ? 0 : Math.log(-z));
      return -0.5 * z * z - 0.5 * Math.log(2 * Math.PI) + logSlope - Math.LN2;
    };
    expectClose(logProb!, [of(points[0]!) + of(points[1]!), of(points[2]!) + of(points[3]!)], { rtol: 1e-4 });
  });

  test('where a layer draws, log p(x) is the log-mean likelihood of 16 draws: above the mean of bounds by one', async () => {
    const [loss, ofRows] = await onWasm(() => {
      const { c, run: r } = run({ stack: 'vae, affine' });
      const losses = Array.from(
        { length: 16 },
        (_, k) => survae.loss(r.params, r.state, { x: x() }, { ...c, rng: c.rng.split('draw', k) }).loss,
      );
      return [tf.mean(tf.stack(losses)), survae.logProb!(r, x(), c)];
    });
    expect(ofRows!.reduce((a, v) => a + v, 0) / 200).toBeGreaterThan(-loss![0]! + 0.01);
  });

  test('learns a mirror at once: abs and curve reach the corners’ marginals, a curve alone does not', async () => {
    const nll = async (stack: string) => {
      const session = createSession(survae, densities.corners, {
        seed: 0,
        settings: { stack, steps: 150, batchSize: 256, learningRate: 0.03 },
      });
      for (let i = 0; i < 150; i++) await (await session.advance()).metrics;
      const held = densities.corners.sample(4000, rng(5));
      const [values] = await onWasm(() =>
        survae.logProb!(session.run as never, tf.tensor2d(held, [4000, 2]), session.context('test') as never),
      );
      session.dispose();
      return -values!.reduce((a, v) => a + v, 0) / 4000;
    };
    // The entropies of its marginals, of |x| and of x, add up to 3.12 nats either way: mirrored, a spline finds them at once.
    const [mirrored, plain] = [await nll('abs, curve'), await nll('curve')];
    expect(mirrored).toBeGreaterThan(densities.corners.entropy.nats);
    expect(mirrored).toBeLessThan(plain - 0.05);
  });

  test('names the layer that cannot stand where it stands, before it trains', () => {
    const start = (stack: string) => () => createSession(survae, densities.corners, { seed: 0, settings: { stack } });
    expect(start('max, spline')).toThrow(/Layer 2 of the stack, spline, needs at least 2 numbers, and 1 arrives there/);
    expect(start('fold, splines')).toThrow(/no layer "splines"; did you mean spline\?/);
    expect(start('fold; spline')).toThrow(/stack must be layers separated by commas, such as fold, spline×4/);
  });
});
