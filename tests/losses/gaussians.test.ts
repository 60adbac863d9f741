import { beforeAll, describe, expect, test } from 'vitest';
import { bernoulliKl, bernoulliMeanNll, bernoulliNll, gaussianKl, gaussiansKl } from '../../src/losses/variational.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});
const read = async (t: tf.Tensor) => Array.from(await t.data());
const row = (...values: number[]) => tf.tensor2d(values, [1, values.length]);

describe('KL between Gaussians', () => {
  test('is 0 between equals, and the known one against N(0, 1)', async () => {
    const [mu, logVar] = [row(0.3, -1.2, 2), row(-0.5, 0.8, 0.1)];
    expectClose(await read(gaussiansKl(mu, logVar, mu, logVar)), [0, 0, 0], { atol: 1e-6 });
    expectClose(await read(gaussiansKl(mu, logVar, tf.zeros([1, 3]), tf.zeros([1, 3]))), await read(gaussianKl(mu, logVar)), {
      rtol: 1e-5,
    });
  });

  test('is ∫ q log q/p, by quadrature', async () => {
    const [mu, logVar, m, logS] = [0.4, -1.1, -0.7, 0.3];
    const log = (x: number, a: number, v: number) => -0.5 * ((x - a) ** 2 * Math.exp(-v) + v + Math.log(2 * Math.PI));
    let sum = 0;
    const step = 1e-3;
    for (let x = -12; x < 12; x += step) sum += step * Math.exp(log(x, mu, logVar)) * (log(x, mu, logVar) - log(x, m, logS));
    expectClose(await read(gaussiansKl(row(mu), row(logVar), row(m), row(logS))), [sum], { rtol: 1e-5 });
  });
});

describe('KL between coins', () => {
  test('is the sum over both sides', async () => {
    const [a, b] = [
      [-3, 0, 1.7, 4],
      [0, 0, -2, 3.5],
    ];
    const share = (l: number) => 1 / (1 + Math.exp(-l));
    const exact = a.map((v, k) => {
      const [q, p] = [share(v), share(b[k]!)];
      return q * Math.log(q / p) + (1 - q) * Math.log((1 - q) / (1 - p));
    });
    expectClose(await read(bernoulliKl(row(...a), row(...b))), exact, { rtol: 1e-4, atol: 1e-6 });
    const [sure] = await read(bernoulliKl(row(20), 0));
    expect(sure).toBeCloseTo(Math.log(2), 5);
  });
});

test('Bernoulli pixels by their means are those by their logits, but for the margin of 1e-3', async () => {
  const stream = rng(2);
  const [logits, x] = [stream.normals<tf.Rank.R2>([3, 50]), tf.step(stream.normals<tf.Rank.R2>([3, 50]))];
  expectClose(await read(bernoulliMeanNll(tf.sigmoid(logits), x)), await read(bernoulliNll(logits, x)), { rtol: 5e-3 });
  const [half] = await read(bernoulliMeanNll(tf.fill([1, 10], 0.5), tf.zeros([1, 10])));
  expect(half).toBeCloseTo(10 * Math.log(2), 5);
});
