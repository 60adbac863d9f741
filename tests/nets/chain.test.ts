import { beforeAll, describe, expect, test } from 'vitest';
import { densities } from '../../src/data/densities.ts';
import { between, type Potential, potentialOf } from '../../src/data/energy.ts';
import { langevin, metropolis, walk } from '../../src/nets/chain.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

const onWasm = (f: () => tf.Tensor | tf.Tensor[]) => valuesOn('wasm', f);
const withEnergy = Object.values(densities).filter(({ energy }) => energy);
const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;

/** Points over the square, and the data's own log-density there. */
const lattice = (logDensity: (x: number, y: number) => number, extent: number) => {
  const points = Array.from(
    { length: 100 },
    (_, i) => [((i % 10) / 4.5 - 1) * extent, (Math.floor(i / 10) / 4.5 - 1) * extent] as [number, number],
  );
  return { points, logs: points.map(([x, y]) => logDensity(x, y)) };
};

describe.each(withEnergy)('the energy of $id', ({ energy, logDensity, extent }) => {
  test('is −log p − log Z', async () => {
    const { points, logs } = lattice(logDensity, extent);
    const [u] = await onWasm(() => potentialOf(energy!).energy(tf.tensor2d(points)));
    expectClose(
      u!,
      logs.map((log) => -log - energy!.logZ),
      { rtol: 1e-4, atol: 2e-3 },
    );
  });

  test('has the force −∇u, between noise and data too, by differences of the density in float64', async () => {
    const { points } = lattice(logDensity, extent);
    const share = 0.7;
    const u = (x: number, y: number) => -share * logDensity(x, y) + ((1 - share) * (x * x + y * y)) / 2;
    const h = 1e-4;
    const slopes = points.flatMap(([x, y]) => [(u(x - h, y) - u(x + h, y)) / (2 * h), (u(x, y - h) - u(x, y + h)) / (2 * h)]);
    const [force, ofTape] = await onWasm(() => {
      const { energy: at, force } = between(potentialOf(energy!), share);
      const y = tf.tensor2d(points);
      return [force(y), tf.neg(tf.grad((y) => tf.sum(at(y as tf.Tensor2D)))(y))];
    });
    expectClose(force!, slopes, { rtol: 1e-3, atol: 5e-3 });
    expectClose(ofTape!, slopes, { rtol: 1e-3, atol: 5e-3 });
  });
});

describe('metropolis', () => {
  const { energy } = densities['double-well'];

  test('is in detailed balance: from cell to cell as many as back, when started from e^−u itself', async () => {
    const n = 40_000;
    const start = densities['double-well'].sample(n, rng(3));
    const [end] = await onWasm(() => metropolis(potentialOf(energy!), tf.tensor2d(start, [n, 2]), { sweeps: 3, sigma: 1 }, rng(4)).y);
    // Twenty cells of x₁: the flow between each two must be equal both ways; its variance is the sum of both counts.
    const cell = (x: number) => Math.max(0, Math.min(19, Math.floor((x + 4) * 2.5)));
    const counts = new Float64Array(400);
    for (let i = 0; i < n; i++) counts[20 * cell(start[2 * i]!) + cell(end![2 * i]!)]! += 1;
    let [chi, pairs, moved] = [0, 0, 0];
    for (let a = 0; a < 20; a++)
      for (let b = 0; b < a; b++) {
        const [to, back] = [counts[20 * a + b]!, counts[20 * b + a]!];
        moved += to + back;
        if (to + back < 20) continue;
        chi += (to - back) ** 2 / (to + back);
        pairs++;
      }
    expect(moved).toBeGreaterThan(n / 4);
    expect(pairs).toBeGreaterThan(10);
    expect(chi).toBeLessThan(pairs + 4 * Math.sqrt(2 * pairs));
  });

  test('follows the rule of Metropolis on one step: the share that is accepted on a slope', async () => {
    // u = x₁: uphill by d is accepted with e^−d, downhill always: on average ½ + e^(σ²/2) Φ(−σ).
    const slope: Potential = { energy: (y) => tf.reshape(tf.slice(y, [0, 0], [-1, 1]), [-1]), force: (y) => tf.zerosLike(y) };
    const n = 100_000;
    const [end] = await onWasm(() => metropolis(slope, tf.zeros([n, 2]), { sweeps: 1, sigma: 1 }, rng(5)).y);
    const moved = Array.from({ length: n }, (_, i) => Number(end![2 * i] !== 0));
    expectClose(mean(moved), 0.5 + Math.exp(0.5) * 0.15865525, { atol: 4 * Math.sqrt(0.25 / n) });
  });

  test('its work is the difference of energies, whose gradient ends at the start of the chain', async () => {
    const [work, difference, slope, expected] = await onWasm(() => {
      const u = potentialOf(energy!);
      const y = tf.tensor2d(densities['double-well'].sample(50, rng(6)), [50, 2]);
      const step = metropolis(u, y, { sweeps: 5, sigma: 0.5 }, rng(7));
      const slope = tf.grad((y) => tf.sum(metropolis(u, y as tf.Tensor2D, { sweeps: 5, sigma: 0.5 }, rng(7)).work))(y);
      return [step.work, tf.sub(u.energy(step.y), u.energy(y)), slope, u.force(y)];
    });
    expect(work!.filter((w) => w === 0).length).toBeLessThan(10);
    expectClose(work!, difference!, { rtol: 1e-5, atol: 1e-5 });
    expectClose(slope!, expected!, { rtol: 1e-3, atol: 1e-3 });
  });
});

describe('langevin', () => {
  const pace = { sweeps: 1, sigma: 0.4 };

  test.each(withEnergy)('its work on $id is log q(y′ → y) / q(y → y′), both Gaussian densities', async ({ energy, sample }) => {
    const [from, to, pull, back, work] = await onWasm(() => {
      const u = potentialOf(energy!);
      const y = tf.tensor2d(sample(50, rng(8)), [50, 2]);
      const step = langevin(u, y, pace, rng(9));
      return [y, step.y, u.force(y), u.force(step.y), step.work];
    });
    const [s, e] = [pace.sigma, pace.sigma ** 2 / 2];
    // The normalizing constants of the two are the same.
    const logDensity = (a: number[], b: number[], f: number[], i: number) =>
      -[0, 1].reduce((sum, d) => sum + (b[2 * i + d]! - a[2 * i + d]! - e * f[2 * i + d]!) ** 2, 0) / (2 * s * s);
    const expected = work!.map((_, i) => logDensity(to!, from!, back!, i) - logDensity(from!, to!, pull!, i));
    expectClose(work!, expected, { rtol: 1e-3, atol: 2e-3 });
    expect(Math.max(...work!.map(Math.abs))).toBeGreaterThan(0.1);
  });

  test('works nothing but the difference of energies as its steps become small', async () => {
    const [work, difference] = await onWasm(() => {
      const u = potentialOf(densities['double-well'].energy!);
      const y = tf.tensor2d(densities['double-well'].sample(50, rng(8)), [50, 2]);
      const step = langevin(u, y, { sweeps: 5, sigma: 0.02 }, rng(9));
      return [step.work, tf.sub(u.energy(step.y), u.energy(y))];
    });
    expectClose(work!, difference!, { rtol: 0.02, atol: 1e-3 });
  });

  test('is differentiated along the whole path: the slope of its work by central differences', async () => {
    const run = (shift: number) => () => {
      const u = potentialOf(densities['eight-gaussians'].energy!);
      const y = tf.tensor2d(densities['eight-gaussians'].sample(20, rng(8)), [20, 2]);
      return langevin(u, tf.add(y, shift), { sweeps: 3, sigma: 0.4 }, rng(9)).work;
    };
    const h = 1e-2;
    const [ahead, behind] = [await onWasm(run(h)), await onWasm(run(-h))];
    const [slope] = await onWasm(() => {
      const u = potentialOf(densities['eight-gaussians'].energy!);
      const y = tf.tensor2d(densities['eight-gaussians'].sample(20, rng(8)), [20, 2]);
      return tf.sum(tf.grad((y) => tf.sum(langevin(u, y as tf.Tensor2D, { sweeps: 3, sigma: 0.4 }, rng(9)).work))(y), 1);
    });
    expectClose(
      slope!,
      ahead[0]!.map((a, i) => (a - behind[0]![i]!) / (2 * h)),
      { rtol: 5e-3, atol: 5e-3 },
    );
  });
});

test.each([
  ['metropolis', metropolis],
  ['langevin', langevin],
] as const)('%s keeps importance weights unbiased, from a start that is not its own law', async (_, chain) => {
  // From N(0, 1.44 I) under u = ½‖y‖²: the weight e^−u(y′) / q(y) · e^work has the mean ∫ e^−u = 2π, whatever the chain.
  const n = 100_000;
  const flat: Potential = { energy: (y) => tf.mul(0.5, tf.sum(tf.square(y), 1)), force: (y) => tf.neg(y) };
  const [weights] = await onWasm(() => {
    const y: tf.Tensor2D = tf.mul(1.2, rng(1).normals<tf.Rank.R2>([n, 2]));
    const step = walk([{ name: '', walk: (y, _, rng) => chain(flat, y, { sweeps: 4, sigma: 0.7 }, rng) }], y, 'toData', rng(2));
    const logQ = tf.sub(tf.div(tf.sum(tf.square(y), 1), -2 * 1.44), Math.log(2 * Math.PI * 1.44));
    return tf.exp(tf.sub(tf.sub(step.work, flat.energy(step.y)), logQ));
  });
  const error = Math.sqrt(mean(weights!.map((w) => w * w)) - mean(weights!) ** 2) / Math.sqrt(n);
  expect(error).toBeLessThan(0.05);
  expectClose(mean(weights!), 2 * Math.PI, { atol: 4 * error });
});
