import { beforeAll, expect, it } from 'vitest';
import { standardNormalLogProb } from '../../src/losses/likelihood.ts';
import { fitGaussian, fromStandard, toStandard } from '../../src/nets/gaussian.ts';
import { atBridges, features, initImageBridges, sumOfBridges } from '../../src/nets/image-bridges.ts';
import { rng } from '../../src/ops/random.ts';
import { map } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});

it('the Gaussian of rows has their mean and shrunk covariance, and the density of the closed form', async () => {
  // Around (1, −1): two corners at (±4, ±4), two at (±2, ∓2).
  const values = Float32Array.from([5, 3, -3, -5, 3, -3, -1, 1]);
  const shrinkage = 0.25;
  const fit = await fitGaussian({ values, columns: 2 }, shrinkage);
  const variance = (2 * 16 + 2 * 4) / 3;
  const off = ((1 - shrinkage) * (2 * 16 - 2 * 4)) / 3;
  const det = variance ** 2 - off ** 2;
  const [mean, covariance, back, log] = await valuesOn('wasm', () => {
    const x = tf.tensor2d([3, 0.5, -2, 1], [2, 2]);
    const z = toStandard(fit, x);
    return [
      tf.clone(fit.mean),
      tf.matMul(fit.factor, fit.factor, true),
      fromStandard(fit, z),
      tf.sub(standardNormalLogProb(z), fit.logDet),
    ];
  });
  expectClose(mean!, [1, -1], { atol: 1e-6 });
  expectClose(covariance!, [variance, off, off, variance], { rtol: 1e-5 });
  expectClose(back!, [3, 0.5, -2, 1], { rtol: 1e-5 });
  const exact = (x: number, y: number) => {
    const [a, b] = [x - 1, y + 1];
    return -Math.log(2 * Math.PI) - 0.5 * Math.log(det) - (0.5 * (variance * (a * a + b * b) - 2 * off * a * b)) / det;
  };
  expectClose(log!, [exact(3, 0.5), exact(-2, 1)], { rtol: 1e-5 });
  tf.dispose(fit as never);
});

it.each([1, 3, 9])('any sum of %i bridges is the sum of their log-ratios, and knots are where bridges are themselves', async (m) => {
  const shares = Array.from({ length: m }, (_, k) => 0.3 + 0.1 * k);
  const [each, sum, knot, first, last] = await valuesOn('wasm', () => {
    const net = initImageBridges(m, [8, 8, 1], 4, rng(1));
    const random = {
      ...net,
      heads: map(() => rng(2).normals(net.heads.shape as [number, number]), net.heads),
      bias: tf.add(net.bias, 0.5),
    };
    const h = features(net.body, rng(3).normals<tf.Rank.R4>([5, 8, 8, 1]));
    const at = atBridges(random as never, tf.mul(tf.ones([m, 1, 1]), tf.expandDims(h, 0)));
    const knots = tf.add(tf.matMul(h, random.heads as tf.Tensor2D, false, true), 0.5);
    return [
      at,
      sumOfBridges(random as never, h, shares),
      tf.transpose(knots),
      tf.slice(at, [0, 0], [1, 5]),
      tf.slice(at, [m - 1, 0], [1, 5]),
    ];
  });
  const expected = Array.from({ length: 5 }, (_, i) => shares.reduce((total, share, k) => total + share * each![5 * k + i]!, 0));
  expectClose(sum!, expected, { rtol: 1e-4, atol: 1e-4 });
  expectClose(first!, knot!.slice(0, 5), { rtol: 1e-4, atol: 1e-4 });
  expectClose(last!, knot!.slice(-5), { rtol: 1e-4, atol: 1e-4 });
  expect(Math.max(...each!.map(Math.abs))).toBeGreaterThan(0.1);
});
