import { beforeAll, describe, expect, test } from 'vitest';
import type { ImageDataset, ImageSplit } from '../../src/data/dataset.ts';
import { densities } from '../../src/data/densities.ts';
import { type EvaluationOptions, evaluate, isScored } from '../../src/evaluate/evaluate.ts';
import { defineMethod, type Method } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

/** Scores of made-up methods whose right answers are known. */
beforeAll(loadBackends);

/** Images of 2 × 2 pixels: three of noise, and a first whose level is that of its class. */
function split(size: number): ImageSplit {
  const labels = Uint8Array.from({ length: size }, (_, i) => i % 4);
  const pixels = Uint8Array.from({ length: size * 4 }, (_, i) => (i % 4 === 0 ? 85 * labels[i / 4]! : rng(1).split(i).integer(256)));
  return { size, pixels, labels };
}
const data: ImageDataset = {
  kind: 'images',
  id: 'tiny',
  name: 'Tiny',
  shape: [2, 2, 1],
  classes: ['0', '1', '2', '3'],
  train: split(80),
  test: split(520),
};

const nothing = defineMethod({
  id: 'nothing',
  name: '',
  family: 'contrastive',
  paper: { authors: '', year: 2020, title: '', arxiv: '' },
  summary: '',
  equation: '',
  data: 'any',
  hparams: {},
  init: () => ({ params: { w: tf.zeros([1]) }, state: {} }),
  loss: ({ w }) => ({ loss: tf.sum(w) as tf.Scalar }),
}) as unknown as Method;

/** The scores of a method that can just this; whatever it does, the session stays as it was. */
async function scoresOf(can: Partial<Method>, on: Parameters<typeof createSession>[1] = data, options: EvaluationOptions = {}) {
  const session = createSession({ ...nothing, ...can }, on, { seed: 0, settings: { batchSize: 8 } });
  const before = tf.memory().numTensors;
  const scores = await evaluate(session, 0, undefined, options);
  expect(tf.memory().numTensors).toBe(before);
  expect(session.step).toBe(0);
  session.dispose();
  return scores;
}

/** The class of each image as one hot number. */
const oneHot = (x: tf.Tensor4D) => {
  const level = tf.reshape(tf.slice(x, [0, 0, 0, 0], [-1, 1, 1, 1]), [-1]);
  return tf.cast(tf.oneHot(tf.cast(tf.round(tf.mul(3, level)), 'int32') as tf.Tensor1D, 4), 'float32') as tf.Tensor2D;
};

test('a method that can nothing has no scores', async () => {
  expect(await scoresOf({})).toEqual({});
  expect(isScored(nothing, data)).toBe(false);
});

test('representations that are the classes score 1 everywhere; raw pixels and the untrained method stand beside', async () => {
  const scores = await scoresOf({ embed: (_, x) => oneHot(x) });
  const { rankMe, linearProbePixels, knnPixels, ...ones } = scores;
  // The untrained method is the same method here. Of 80 training rows no class has 100.
  const perfect = ['linearProbe', 'linearProbeRandom', 'knn', 'knnRandom', 'fewLabels1', 'fewLabels10'];
  expect(Object.keys(ones).sort()).toEqual([...perfect, 'clusterAccuracy', 'nmi', 'ami', 'ari'].sort());
  for (const score of Object.values(ones)) expectClose(score, 1, { rtol: 1e-9 });
  // Four orthogonal directions, equally often.
  expectClose(rankMe!, 4, { rtol: 1e-4 });
  // Of four pixels three are noise.
  expect(linearProbePixels!).toBeGreaterThan(0.5);
  expect(knnPixels!).toBeGreaterThan(0.25);
  expect(knnPixels!).toBeLessThan(1);
});

test('representations that know nothing of the classes score as chance', async () => {
  const { linearProbe, nmi } = await scoresOf({ embed: (_, x) => tf.reshape(tf.slice(x, [0, 0, 1, 0], [-1, 1, 1, 1]), [-1, 1]) });
  expect(linearProbe!).toBeLessThan(0.4);
  expect(nmi!).toBeLessThan(0.1);
});

describe('embeddingStd: √d · mean standard deviation of the normalized projections', () => {
  test('0 where all coincide up to length', async () => {
    const { embeddingStd } = await scoresOf({ project: (_, x) => tf.mul(tf.add(tf.mean(x, [1, 2]), 1), tf.ones([1, 8])) as tf.Tensor2D });
    expectClose(embeddingStd!, 0, { atol: 1e-3 });
  });
  test('about 1 for directions spread over the sphere', async () => {
    const { embeddingStd } = await scoresOf({ project: (_, x) => rng(5).normals<tf.Rank.R2>([x.shape[0], 64]) });
    expectClose(embeddingStd!, 1, { rtol: 0.02 });
  });
  test('√4 · √(¼ · ¾) for four corners, equally often', async () => {
    const { embeddingStd } = await scoresOf({ project: (_, x) => tf.mul(7, oneHot(x)) });
    expectClose(embeddingStd!, 2 * Math.sqrt(3 / 16), { rtol: 1e-4 });
  });
});

test('−ELBO is reconstruction plus KL in nats; bits per dimension divide by D log 2', async () => {
  const elboTerms: Method['elboTerms'] = (_, x) => ({
    reconstruction: tf.add(tf.mul(0, tf.sum(x, [1, 2, 3])), 5) as tf.Tensor1D,
    kl: tf.tile(tf.tensor2d([[1, 2]]), [x.shape[0], 1]),
  });
  expect(await scoresOf({ elboTerms: elboTerms! })).toEqual({ negativeElbo: 8, reconstruction: 5, kl: 3, bitsPerDim: 8 / (4 * Math.LN2) });
});

test('the bound is the −ELBO less what log-mean-exp gains over the mean of the log-weights', async () => {
  const can: Partial<Method> = {
    elboTerms: (_, x) => ({ reconstruction: tf.fill([x.shape[0]], 8), kl: tf.zeros([x.shape[0], 1]) }),
    // Of k draws half weigh e² as much as the other half.
    logWeights: (_, x, k) => tf.concat([tf.fill([x.shape[0], k / 2], -9), tf.fill([x.shape[0], k / 2], -7)], 1) as tf.Tensor2D,
  };
  const gain = Math.log((Math.exp(1) + Math.exp(-1)) / 2);
  expectClose((await scoresOf(can)).bound!, 8 - gain, { rtol: 1e-6 });
  expect((await scoresOf(can)).boundDraws).toBe(50);
  const { bound, boundDraws } = await scoresOf(can, data, { boundDraws: 2 });
  expectClose(bound!, 8 - gain, { rtol: 1e-6 });
  expect(boundDraws).toBe(2);
});

test('a uniform density on 256 levels is 8 bits per dimension', async () => {
  const { bitsPerDim, ...rest } = await scoresOf({ logProb: (_, x) => tf.fill([x.shape[0]], -4 * Math.log(256)) });
  expectClose(bitsPerDim!, 8, { rtol: 1e-5 });
  expect(rest).toEqual({});
});

test('the round trip’s error is the largest over all pixels', async () => {
  const { roundTripError } = await scoresOf({
    forward: (_, x) => tf.reshape(x, [x.shape[0], -1]),
    inverse: (_, z) => tf.reshape(tf.add(z, tf.tensor2d([[0, 0.01, -0.03, 0]])), [-1, 2, 2, 1]) as tf.Tensor4D,
  });
  expectClose(roundTripError!, 0.03, { rtol: 1e-4 });
});

test('the true density of points has an NLL of their entropy', async () => {
  const board = densities['eight-gaussians'];
  const { nll, entropy } = await scoresOf(
    {
      logProb: (_, x) => {
        const values = x.dataSync();
        return tf.tensor1d(Array.from({ length: x.shape[0] }, (_, i) => board.logDensity!(values[2 * i]!, values[2 * i + 1]!)));
      },
    },
    board,
  );
  expect(entropy).toBe(board.entropy.nats);
  // 20,000 points: the standard error is below 0.01 nats.
  expectClose(nll!, entropy!, { atol: 0.03 });
});
