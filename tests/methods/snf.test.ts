import { describe, expect, test } from 'vitest';
import type { Energy } from '../../src/data/dataset.ts';
import { densities } from '../../src/data/densities.ts';
import { isWeighted, summarize } from '../../src/evaluate/importance.ts';
import type { Values } from '../../src/hparams.ts';
import type { Method } from '../../src/methods/method.ts';
import { realnvp } from '../../src/methods/realnvp.ts';
import { snf } from '../../src/methods/snf.ts';
import type { Coupling } from '../../src/nets/coupling.ts';
import { rng } from '../../src/ops/random.ts';
import { map } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { randomized } from '../randomized.ts';
import { context, onWasm } from './context.ts';

type Settings = Partial<Values<typeof snf.hparams>>;
/** A coupling that also stretches the noise, so that no part of the density is out of reach. */
const stretched =
  (by: number) =>
  ({ net, bound }: Coupling): Coupling => ({
    net: net.map((layer, i) => (i === 2 ? { ...layer, b: tf.add(layer.b, tf.tensor1d([-by, -by, 0, 0])) } : layer)) as Coupling['net'],
    bound,
  });
/** A small flow, no coupling of which is the identity. */
const run = (id: 'double-well' | 'eight-gaussians' | 'smiley', hp: Settings = {}, stretch = 0.45) => {
  const c = {
    ...context(snf.hparams, [2] as const, { couplings: 4, width: 8, blocks: 2, sweeps: 5, ...hp }),
    energy: densities[id].energy!,
  };
  const { params, state } = snf.init(c);
  const { couplings, plain } = randomized(params, 0.05, 5);
  return { c, params: { couplings: couplings.map(stretched(stretch)), plain: plain.map(stretched(stretch)) }, state };
};
/** Two broad modes: no path to or from them is so rare that few draws would not do. */
const broad: Energy = {
  form: {
    kind: 'mixture',
    nodes: [
      [-1.2, 0, 0.6],
      [1.2, 0.6, 0.4],
    ],
    sigma: 0.9,
  },
  logZ: 0,
  freeEnergy: 0,
};
const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
const kinds = ['metropolis', 'langevin', 'both'] as const;

describe('paths', () => {
  test.each([
    ['double-well', 'metropolis', 0.5],
    ['double-well', 'langevin', 0.3],
    ['eight-gaussians', 'both', 0.4],
  ] as const)('weights on %s with %s are Z on average, of the plain flow as well', async (id, chain, stepSize) => {
    const n = 20_000;
    const samplers = await onWasm(() => {
      const { c, params, state } = run(id, { chain, stepSize });
      return snf.weighted!({ params, state }, n, c).map(({ logWeights }) => tf.exp(logWeights));
    });
    const exact = Math.exp(densities[id].energy!.logZ);
    for (const w of samplers) {
      const error = Math.sqrt((mean(w.map((v) => v * v)) - mean(w) ** 2) / n);
      expect(error).toBeLessThan(0.1 * exact);
      expectClose(mean(w), exact, { atol: 4 * error });
    }
  });

  test.each(kinds)('with %s, the density by paths back to noise integrates to 1 and is that of the samples', async (chain) => {
    const [side, extent, n] = [48, 6, 20_000];
    const at = (k: number) => -extent + (2 * extent * (k + 0.5)) / side;
    const cells = Array.from({ length: side * side }, (_, i) => [at(i % side), at(Math.floor(i / side))]);
    const [density, samples] = await onWasm(() => {
      const { c, params, state } = run('eight-gaussians', { chain, stepSize: 0.6 }, 0.1);
      const soft = { ...c, energy: broad };
      return [
        tf.exp(snf.logProb!({ params, state }, tf.tensor2d(cells), { ...soft, rng: rng(1) })),
        snf.sample!({ params, state }, n, 1, { ...soft, rng: rng(2) }),
      ];
    });
    const p = density!.map((v) => v * ((2 * extent) / side) ** 2);
    expectClose(
      p.reduce((a, b) => a + b, 0),
      1,
      { atol: 0.02 },
    );
    for (const f of [(x: number) => x, (_: number, y: number) => y, (x: number) => x * x, (x: number, y: number) => x * y]) {
      const seen = Array.from({ length: n }, (_, i) => f(samples![2 * i]!, samples![2 * i + 1]!));
      const error = Math.sqrt((mean(seen.map((v) => v * v)) - mean(seen) ** 2) / n);
      expectClose(
        p.reduce((sum, v, i) => sum + v * f(cells[i]![0]!, cells[i]![1]!), 0),
        mean(seen),
        { atol: 4 * error + 0.03 },
      );
    }
  });

  test('without blocks it is Real NVP, its couplings in reverse order', async () => {
    const [own, other] = await onWasm(() => {
      const { c, params, state } = run('double-well', { blocks: 0 });
      const x = tf.tensor2d(densities['double-well'].sample(30, rng(3)), [30, 2]);
      const reversed = { params: { couplings: params.couplings.toReversed() }, state: { masks: state.masks.toReversed() } };
      const ofOther = { ...context(realnvp.hparams, [2] as const, { couplings: 4, width: 8 }) };
      return [snf.logProb!({ params, state }, x, c), realnvp.logProb!(reversed, x, ofOther)];
    });
    expectClose(own!, other!, { rtol: 1e-5, atol: 1e-5 });
  });
});

describe('training', () => {
  const x = () => tf.tensor2d(densities['eight-gaussians'].sample(64, rng(4)), [64, 2]);

  test('the loss mixes both divergences; the plain flow beside it learns, and adds nothing', async () => {
    const [mixed, forward, reverse, plain, onlyData, onlyEnergy] = (
      await onWasm(() => {
        const losses = (energyWeight: number) => {
          const { c, params, state } = run('eight-gaussians', { energyWeight });
          return snf.loss(params, state, { x: x() }, c);
        };
        const { loss, metrics } = losses(0.3);
        return [loss, metrics!.forward!, metrics!.reverse!, metrics!.plain!, losses(0).loss, losses(1).loss];
      })
    ).flat() as [number, number, number, number, number, number];
    expectClose(mixed, 0.7 * forward + 0.3 * reverse, { rtol: 1e-5 });
    expectClose([onlyData, onlyEnergy], [forward, reverse], { rtol: 1e-5 });
    expect(Math.abs(plain - mixed)).toBeGreaterThan(0.01);
  });

  test.each([0, 1])('its gradient with Langevin blocks, at energy weight %d, is the slope of the loss', async (energyWeight) => {
    const h = 2e-3;
    const at = (shift: number) => () => {
      const { c, params, state } = run('eight-gaussians', { chain: 'langevin', stepSize: 0.15, energyWeight });
      return snf.loss({ ...params, couplings: randomized(params.couplings, shift, 9) }, state, { x: x() }, c).loss;
    };
    const [ahead, behind] = [(await onWasm(at(h)))[0]![0]!, (await onWasm(at(-h)))[0]![0]!];
    const [slope] = await onWasm(() => {
      const { c, params, state } = run('eight-gaussians', { chain: 'langevin', stepSize: 0.15, energyWeight });
      const along = tf.grad((s) => {
        const moved = map(
          (p, direction) => tf.add(p, tf.mul(s, tf.sub(direction, p))),
          params.couplings,
          randomized(params.couplings, 1, 9),
        );
        return snf.loss({ ...params, couplings: moved }, state, { x: x() }, c).loss;
      });
      return along(tf.scalar(0));
    });
    expect(Math.abs(slope![0]!)).toBeGreaterThan(0.5);
    expectClose((ahead - behind) / (2 * h), slope![0]!, { rtol: 0.02, atol: 0.02 });
  });
});

describe('what weights tell', () => {
  const points = Float32Array.of(-1, 0, 2, 0, 3, 0, -4, 0);

  test('effective sample size, log Z, reverse KL and free energy of weights 1, 2, 3, 4', () => {
    const { ess, logZ, reverseKl, freeEnergy } = summarize(points, Float32Array.of(0, Math.log(2), Math.log(3), Math.log(4)), { logZ: 2 });
    expectClose([ess, logZ, reverseKl, freeEnergy], [100 / (4 * 30), Math.log(2.5), 2 - Math.log(24) / 4, 0], { rtol: 1e-6, atol: 1e-6 });
  });

  test('weights of a narrow Gaussian for a wide one: closed forms of ESS and reverse KL', () => {
    // q = N(0, 1), p = N(0, s²) in one dimension, s² < 2: 1/ESS = ∫ p²/q = 1/(s √(2 − s²)), KL(q‖p) = log s + 1/(2s²) − ½.
    const [n, s] = [200_000, 0.8];
    const stream = rng(6);
    const draws = Float32Array.from({ length: 2 * n }, () => stream.normal());
    const logs = Float32Array.from({ length: n }, (_, i) => -(draws[2 * i]! ** 2) / (2 * s * s) - Math.log(s) + draws[2 * i]! ** 2 / 2);
    const { ess, logZ, reverseKl } = summarize(draws, logs, { logZ: 0 });
    expectClose(ess, s * Math.sqrt(2 - s * s), { rtol: 0.01 });
    expectClose([logZ, reverseKl], [0, Math.log(s) + 1 / (2 * s * s) - 0.5], { atol: 0.01 });
  });

  test('does not depend on the scale of the weights', () => {
    const logs = Float32Array.of(0, 1, -1, 0.5);
    const [a, b] = [0, 200].map((shift) =>
      summarize(
        points,
        logs.map((v) => v + shift),
        { logZ: 0 },
      ),
    ) as [ReturnType<typeof summarize>, ReturnType<typeof summarize>];
    expectClose([b.ess, b.freeEnergy, b.logZ], [a.ess, a.freeEnergy, a.logZ + 200], { rtol: 1e-4 });
  });

  test('needs an energy, and a sampler whose density is exact', () => {
    const [well, moons] = [densities['double-well'], densities['two-moons']];
    expect(isWeighted(snf as Method, well)).toBe(true);
    expect(isWeighted(realnvp as Method, well)).toBe(true);
    expect(isWeighted(realnvp as Method, moons)).toBe(false);
    const { inverse: _, ...bound } = realnvp as Method;
    expect(isWeighted(bound, well)).toBe(false);
  });
});
