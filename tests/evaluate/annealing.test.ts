import { beforeAll, describe, expect, it } from 'vitest';
import { backward, forward, logMeanExp, slopeOf, stagesOf } from '../../src/evaluate/annealing.ts';
import { hamiltonian } from '../../src/nets/chain.ts';
import { sharesOf, type Telescope } from '../../src/nets/telescope.ts';
import { holdBreath } from '../../src/ops/breathe.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});

const mean = (xs: ArrayLike<number>) => Array.from(xs).reduce((a, b) => a + b, 0) / xs.length;
const deviation = (xs: ArrayLike<number>) => {
  const middle = mean(xs);
  return Math.sqrt(mean(Array.from(xs, (x) => (x - middle) ** 2)));
};

const D = 3;
/** log r_k = −½ s_k ‖z − c_k‖² + b_k: on N(0, I) they make a Gaussian of precision 1 + Σ s and a constant Z, both in closed form. */
const bridges = [
  { s: 1.5, c: 0.8, b: 0.7 },
  { s: 1, c: -0.4, b: 2 },
  { s: -0.3, c: 0.3, b: -1.5 },
];
const telescope: Telescope = {
  bridges: bridges.length,
  dimensions: D,
  stages: 24,
  logRatios: (z, shares) =>
    bridges.reduce<tf.Tensor>(
      (sum, { s, c, b }, k) => tf.add(sum, tf.mul(shares[k]!, tf.add(tf.mul(-0.5 * s, tf.sum(tf.square(tf.sub(z, c)), 1)), b))),
      tf.zeros([z.shape[0]]),
    ) as tf.Tensor1D,
};
const precision = 1 + bridges.reduce((sum, { s }) => sum + s, 0);
const centre = bridges.reduce((sum, { s, c }) => sum + s * c, 0) / precision;
const logZ =
  bridges.reduce((sum, { s, c, b }) => sum + b - 0.5 * D * s * c * c, 0) + 0.5 * D * (precision * centre ** 2 - Math.log(precision));
const logP = (z: ArrayLike<number>) =>
  Array.from(z).reduce((sum, v) => sum - 0.5 * precision * (v - centre) ** 2 + 0.5 * Math.log(precision / (2 * Math.PI)), 0);
const drawn = (n: number, seed: number) => {
  const { normal } = rng(seed);
  return Float32Array.from({ length: n * D }, () => centre + normal() / Math.sqrt(precision));
};
const options = (seed: number) => ({ rng: rng(seed), breathe: holdBreath });

it('shares let in one bridge after another, the one next to the noise first', () => {
  expect(sharesOf({ bridges: 2, stages: 3 })).toEqual([
    [0, 0.5],
    [0, 1],
    [0.5, 1],
    [1, 1],
  ]);
});

it('the force is that of the closed form', async () => {
  const points = drawn(5, 1);
  const [u, force] = await valuesOn('wasm', () => {
    const { u, force } = slopeOf(telescope, [1, 1, 1])(tf.tensor2d(points, [5, D]));
    return [u, force];
  });
  expectClose(
    u!,
    [0, 1, 2, 3, 4].map((i) => -logP(points.subarray(i * D, (i + 1) * D)) - logZ),
    { rtol: 1e-4, atol: 1e-4 },
  );
  expectClose(
    force!,
    Array.from(points, (z) => -precision * (z - centre)),
    { rtol: 1e-4, atol: 1e-4 },
  );
});

it('Hamiltonian steps of any length keep a Gaussian’s mean and variance, and are refused now and then', async () => {
  const n = 20_000;
  const [y, accepted] = await valuesOn('wasm', () => {
    const slope = slopeOf(telescope, [1, 1, 1]);
    const step = hamiltonian(slope, tf.tensor2d(drawn(n, 2), [n, D]), { sweeps: 3, sigma: 0.9 }, rng(3));
    return [step.y, step.accepted];
  });
  expect(mean(accepted!)).toBeGreaterThan(0.3);
  expect(mean(accepted!)).toBeLessThan(0.9);
  expectClose(mean(y!), centre, { atol: 4 / Math.sqrt(precision * n * D) });
  expectClose(deviation(y!) ** 2, 1 / precision, { rtol: 4 * Math.sqrt(2 / (n * D)) });
});

describe('annealing', () => {
  it('forward: the mean weight is Z', async () => {
    const stages = await stagesOf(telescope, options(4));
    const { logWeights, accepted, z } = await forward(telescope, stages, 400, options(5));
    expect(accepted).toBeGreaterThan(0.5);
    expect(accepted).toBeLessThan(0.99);
    const weights = logWeights.map((log) => Math.exp(log - logZ));
    expect(deviation(weights)).toBeGreaterThan(0.1);
    expect(deviation(weights)).toBeLessThan(2);
    expectClose(mean(weights), 1, { atol: (4 * deviation(weights)) / Math.sqrt(400) });
    expectClose(logMeanExp(logWeights), logZ + Math.log(mean(weights)), { rtol: 1e-5 });
    // What it ends with is about the model.
    expectClose(mean(z), centre, { atol: 0.2 });
  });

  it('backward from the model itself: the mean of 1 / w is 1 / Z', async () => {
    const stages = await stagesOf(telescope, options(4));
    const { logWeights } = await backward(telescope, stages, drawn(400, 6), options(7));
    const inverse = logWeights.map((log) => Math.exp(logZ - log));
    expect(deviation(inverse)).toBeGreaterThan(0.1);
    expect(deviation(inverse)).toBeLessThan(2);
    expectClose(mean(inverse), 1, { atol: (4 * deviation(inverse)) / Math.sqrt(400) });
    // Jensen: its logarithm is above log Z, that of the walk forward below.
    expect(mean(logWeights)).toBeGreaterThan(logZ);
    expect(mean((await forward(telescope, stages, 400, options(5))).logWeights)).toBeLessThan(logZ);
  });

  it('backward from any point: p̃(x) / w is on average the density of the forward walks’ ends there', async () => {
    // Without any stage for the last bridge the sampler ends far from the model: its density is still the one that is bounded.
    const poor = [
      { shares: [0, 1, 1], sigma: 0.5 },
      { shares: [1, 1, 1], sigma: 0.1 },
    ];
    const one: Telescope = { ...telescope, dimensions: 1, logRatios: (z, shares) => telescope.logRatios(z, shares) };
    const n = 4000;
    const { z } = await forward(one, poor, n, options(8));
    const [at, width] = [0.6, 0.1];
    const share = z.filter((v) => Math.abs(v - at) < width / 2).length / (n * width);
    const x = Float32Array.from({ length: n }, (_, i) => at + width * ((i + 0.5) / n - 0.5));
    const { logWeights } = await backward(one, poor, x, options(9));
    const z1 = bridges.reduce((sum, { s, c, b }) => sum + b - 0.5 * s * c * c, 0) + 0.5 * precision * centre ** 2;
    const density = mean(
      Array.from(logWeights, (log, i) => Math.exp(z1 - 0.5 * precision * (x[i]! - centre) ** 2 - log) / Math.sqrt(2 * Math.PI)),
    );
    const model = Math.sqrt(precision / (2 * Math.PI)) * Math.exp(-0.5 * precision * (at - centre) ** 2);
    expectClose(density, share, { rtol: 0.15 });
    // And not the model's.
    expect(Math.abs(density / model - 1)).toBeGreaterThan(0.3);
  });
});
