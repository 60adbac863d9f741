import { determinant, Matrix } from 'ml-matrix';
import { beforeAll, expect, it } from 'vitest';
import type { ImageDataset, ImageSplit } from '../../src/data/dataset.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import type { Method } from '../../src/methods/method.ts';
import { treImages } from '../../src/methods/tre-images.ts';
import { rng } from '../../src/ops/random.ts';
import { read } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { toImages } from '../../src/train/batches.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});

const method = treImages as unknown as Method;
/** Images of 8 × 8: four squares, each black or white by a fair coin. So 4 bits are all that an image holds. */
function coins(size: number, seed: number): ImageSplit {
  const { integer } = rng(seed);
  const pixels = new Uint8Array(size * 64);
  for (let i = 0; i < size; i++) {
    const sides = [0, 1, 2, 3].map(() => 255 * integer(2));
    for (let p = 0; p < 64; p++) pixels[64 * i + p] = sides[2 * (p >> 5) + ((p & 7) >> 2)]!;
  }
  return { size, pixels, labels: new Uint8Array(size) };
}
const data: ImageDataset = {
  ...{ kind: 'images', id: 'coins', name: 'Coins', shape: [8, 8, 1], classes: ['any'] },
  train: coins(400, 1),
  test: coins(100, 2),
};
const start = (settings: object = {}) =>
  createSession(method, data, { seed: 2, settings: { bridges: 4, width: 4, stages: 8, steps: 300, batchSize: 64, ...settings } });

it('the density of images counts their dequantization and logits, against numbers in float64', async () => {
  const session = start();
  const c = session.context('test');
  const telescope = method.telescope!(session.run, c);
  const n = 3;
  const x = () => toImages(data.test.pixels, data.shape, 0, n);
  const [z, logDet, uniform] = await Promise.all([
    read(() => telescope.toNoise(x(), c.rng.split('u')).z),
    read(() => telescope.toNoise(x(), c.rng.split('u')).logDet),
    read(() => c.rng.split('u').uniforms([n, ...data.shape])),
  ]);
  const alpha = 1e-6;
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let j = 0; j < 64; j++) {
      const p = ((data.test.pixels[64 * i + j]! + uniform[64 * i + j]!) / 256) * (1 - 2 * alpha) + alpha;
      // Before the first step the noise is N(0, I), so z are the logits themselves.
      expect(Math.abs(z[64 * i + j]! - Math.log(p / (1 - p)))).toBeLessThan(2e-2);
      total += Math.log((1 - 2 * alpha) / 256) - Math.log(p * (1 - p));
    }
    // Near white 1 − p has but a few digits in float32.
    expectClose(logDet[i]!, total, { atol: 0.02 });
  }
  const back = await read(() => telescope.toImages(tf.tensor2d(z, [n, 64])));
  expectClose(back, await read(() => tf.add(x(), tf.div(tf.sub(tf.tensor4d(uniform, [n, 8, 8, 1]), 0.5), 255))), { atol: 1e-4 });
  session.dispose();
});

it('the density of fitted noise counts every change of volume: the Jacobian by differences', async () => {
  const pixels = Uint8Array.from({ length: 64 * 4 }, (_, i) => 60 + ((i * 37) % 130) + 2 * (i % 4));
  const grey: ImageDataset = { ...data, shape: [2, 2, 1], train: { size: 64, pixels, labels: new Uint8Array(64) } };
  const session = createSession(method, grey, { seed: 2, settings: { bridges: 2, width: 4, batchSize: 32, steps: 10 } });
  await (await session.advance()).metrics;
  const c = session.context('test');
  const telescope = method.telescope!(session.run, c);
  const at = [0.4, 0.5, 0.6, 0.3];
  const z = (x: number[]) => read(() => telescope.toNoise(tf.tensor4d(x, [1, 2, 2, 1]), c.rng.split('u')).z);
  const h = 0.01;
  const jacobian = new Matrix(4, 4);
  for (let j = 0; j < 4; j++) {
    const [ahead, behind] = [await z(at.map((v, i) => (i === j ? v + h : v))), await z(at.map((v, i) => (i === j ? v - h : v)))];
    // By a level, of which an x of 1 has 255.
    for (let i = 0; i < 4; i++) jacobian.set(i, j, (ahead[i]! - behind[i]!) / (2 * h * 255));
  }
  const [logDet] = await read(() => telescope.toNoise(tf.tensor4d(at, [1, 2, 2, 1]), c.rng.split('u')).logDet);
  expectClose(logDet!, Math.log(Math.abs(determinant(jacobian))), { atol: 0.02 });
  expect(Math.abs((await read(() => (session.run.state as { logDet: tf.Tensor }).logDet.clone()))[0]!)).toBeGreaterThan(0.5);
  session.dispose();
});

it('before it has learned anything the model is the Gaussian: Z is 1, and all bounds say so', async () => {
  const session = start();
  const { bitsPerDim, bitsPerDimAnnealed, bitsPerDimUnnormalized, bitsPerDimNoise } = await evaluate(session, 0);
  expectClose([bitsPerDim!, bitsPerDimAnnealed!, bitsPerDimUnnormalized!], [bitsPerDimNoise!, bitsPerDimNoise!, bitsPerDimNoise!], {
    rtol: 1e-4,
  });
  session.dispose();
});

it('learns what the noise lacks; the bound is above the estimate', async () => {
  const session = start({ stages: 40, learningRate: 0.02 });
  const losses: number[] = [];
  for (let i = 0; i < 300; i++) losses.push((await (await session.advance()).metrics).loss!);
  expect(losses[0]!).toBeCloseTo(2 * Math.log(2), 4);
  const { bitsPerDim, bitsPerDimAnnealed, bitsPerDimNoise } = await evaluate(session, 0);
  expect(bitsPerDim!).toBeLessThan(bitsPerDimNoise! - 0.1);
  expect(bitsPerDim!).toBeGreaterThan(bitsPerDimAnnealed!);
  session.dispose();
});
