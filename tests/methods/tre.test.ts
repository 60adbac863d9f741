import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { datasets } from '../../src/data/datasets.ts';
import { correlated, gaussianLogDensity, peaked } from '../../src/data/waymarks.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import type { Value } from '../../src/hparams.ts';
import type { Method } from '../../src/methods/method.ts';
import { tre } from '../../src/methods/tre.ts';
import * as tf from '../../src/tf.ts';
import { createSession, type Session } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(loadBackends);

const method = tre as Method;
const start = (settings: Record<string, Value>) =>
  createSession(method, datasets.simulated as Dataset, { seed: 3, settings: { steps: 600, learningRate: 0.05, ...settings } });

async function trained(settings: Record<string, Value>) {
  const session = start(settings);
  for (let i = 0; i < session.settings.steps; i++) await (await session.advance()).metrics;
  const scores = await evaluate(session, 0);
  return { session, scores };
}

/** Weights of session's bridges as they stand, replaced by the closed form: what a perfectly trained run would hold. */
const withWeights = (session: Session, square: number[][][], linear: number[][], bias: number[]) => {
  const m = bias.length;
  const params = {
    body: [],
    square: [tf.tensor3d(square)],
    linear: tf.tensor3d(linear.map((w) => w.map((v) => [v]))),
    bias: tf.tensor2d(bias, [m, 1]),
  };
  return { params, state: session.run.state };
};

describe('on two Gaussians 30 nats apart on a line', () => {
  const far = { problem: 'peaked', nats: 30 };

  it('bridges find the truth, a single ratio misses most of it', async () => {
    const { session, scores } = await trained(far);
    expectClose(scores.trueNats!, 30, { rtol: 1e-5 });
    expect(scores.relativeError!).toBeLessThan(0.1);
    const single = await trained({ ...far, estimator: 'single' });
    expect(single.scores.estimatedNats!).toBeLessThan(15);
    for (const each of [session, single.session]) each.dispose();
  });

  it('one bridge is the single ratio', async () => {
    const sessions = [{ bridges: 1 }, { estimator: 'single' }].map((settings) => start({ ...far, ...settings }));
    const [one, single] = await Promise.all(sessions.map(async (session) => (await session.advance()).metrics));
    expect(one).toEqual(single);
    for (const session of sessions) session.dispose();
  });

  it('InfoNCE cannot pass the logarithm of its batch', async () => {
    const { session, scores } = await trained({ ...far, estimator: 'InfoNCE', batchSize: 32 });
    expect(scores.estimatedNats!).toBeLessThan(Math.log(32));
    expect(scores.estimatedNats!).toBeGreaterThan(0.9 * Math.log(32));
    session.dispose();
  });

  it('the curves of all bridges add up to the log-ratio of the ends', async () => {
    for (const mixing of ['linear', 'dimensions']) {
      const session = start({ ...far, mixing, bridges: 5 });
      const { truth, curve } = await method.ratios!(session.run, session.context('test'));
      const { x, means, deviations } = curve!;
      const [p, q] = [0, 5].map((k) => ({ mean: means[k]!, deviation: deviations[k]! })) as [never, never];
      const sum = Array.from(x, (_, i) => [0, 1, 2, 3, 4].reduce((total, k) => total + curve!.truth[k * x.length + i]!, 0));
      expectClose(
        sum,
        Array.from(x, (v) => gaussianLogDensity(v, p) - gaussianLogDensity(v, q)),
        { rtol: 1e-5, atol: 1e-3 },
      );
      expectClose(
        truth.reduce((a, v) => a + v, 0),
        30,
        { rtol: 1e-5 },
      );
      expectClose(means, mixing === 'linear' ? [0, 1, 2, 3, 4, 5].map((k) => (k / 5) * peaked(30).gaussian!([1]).mean) : means);
      session.dispose();
    }
  });
});

it('of 80 dimensions and 20 nats: a quadratic bridge with the closed form’s weights scores the truth', async () => {
  const [pairs, nats] = [40, 20];
  const session = start({ nats, pairs, bridges: 4, batchSize: 500 });
  const state = session.run.state as { centre: tf.Tensor; scale: tf.Tensor };
  const [centre, scale] = (await Promise.all([state.centre.data(), state.scale.data()])) as [Float32Array, Float32Array];
  const rho = Math.sqrt(1 - Math.exp((-2 * nats) / pairs));
  const d = 2 * pairs;
  const square: number[][][] = [];
  const linear: number[][] = [];
  const bias: number[] = [];
  for (let k = 0; k < 4; k++) {
    // log p_k/p_{k+1} = ½ xᵀ(Σ_{k+1}⁻¹ − Σ_k⁻¹)x + ½ log |Σ_{k+1}|/|Σ_k|, in blocks of a pair each.
    const [here, next] = [k, k + 1].map((at) => rho * (1 - (at / 4) ** 2)) as [number, number];
    const [diagonal, off] = [0.5 * (1 / (1 - next ** 2) - 1 / (1 - here ** 2)), 0.5 * (-next / (1 - next ** 2) + here / (1 - here ** 2))];
    const of = (i: number, j: number) => (i === j ? diagonal : Math.abs(i - j) === pairs ? off : 0);
    // The bridge sees z = (x − c) s, so x = z / s + c.
    const [c, s] = [(i: number) => centre[k * d + i]!, (i: number) => scale[k * d + i]!];
    const all = Array.from({ length: d }, (_, i) => i);
    square.push(all.map((i) => all.map((j) => of(i, j) / (s(i) * s(j)))));
    linear.push(all.map((i) => (2 * all.reduce((sum, j) => sum + of(i, j) * c(j), 0)) / s(i)));
    const constant = all.reduce((sum, i) => sum + all.reduce((row, j) => row + of(i, j) * c(i) * c(j), 0), 0);
    bias.push(constant + 0.5 * pairs * Math.log((1 - next ** 2) / (1 - here ** 2)));
  }
  const run = withWeights(session, square, linear, bias);
  const { truth, estimate } = await method.ratios!(run as never, session.context('test'));
  // The log-ratio of a pair has variance ρ²: 10,000 points leave √(40 ρ² / 10,000) = 0.05 nats.
  expectClose(
    estimate.reduce((a, v) => a + v, 0),
    20,
    { atol: 0.2 },
  );
  expectClose(estimate, truth, { atol: 0.1 });
  expect(correlated(nats, pairs).dimensions).toBe(80);
  tf.dispose(run.params as never);
  session.dispose();
});
