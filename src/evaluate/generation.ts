import type { ImageDataset } from '../data/dataset.ts';
import { bitsPerDim } from '../losses/likelihood.ts';
import { importanceWeightedNll } from '../losses/variational.ts';
import type { Method } from '../methods/method.ts';
import type { Breathe } from '../ops/breathe.ts';
import type { Features } from '../ops/linear-algebra.ts';
import { leaves, type Tree } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import { frechetDistance, medianDistance, mmd, nearestRows, precisionRecall } from './distances.ts';
import { type FeatureNet, featuresOf, hasNet, packedNetFor, unpackNet } from './features/net.ts';
import { boundDrawsDefault, type EvaluationOptions, type Scores } from './scores.ts';

/** Images that pass through a network at a time. */
const batch = 50;
/** Held-out images in the importance-weighted bound, and samples that are compared with as many held-out images. */
const bounded = 500;
const compared = 1000;
/** Variance of the posterior means above which a latent counts as active (Burda et al. 2016, sec. 5.2, arXiv 1509.00519). */
const activeAbove = 0.01;

export const mean = (values: Float32Array | readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
const column = ({ values, columns }: Features, j: number): Float32Array =>
  Float32Array.from({ length: values.length / columns }, (_, i) => values[i * columns + j]!);

/** What likelihoods are taken of. */
type Pictures = Pick<ImageDataset, 'test' | 'shape'>;

/** −ELBO and its terms, the importance-weighted bound, bits per dimension and active units: those that the method can. */
export async function likelihoodScores(session: Still, data: Pictures, options: EvaluationOptions, breathe: Breathe): Promise<Scores> {
  const { method, run } = session;
  const { test, shape } = data;
  const c = session.context('likelihood');
  const dimensions = shape[0] * shape[1] * shape[2];
  const terms = (from: number, count: number) => {
    const x = toImages(test.pixels, shape, from, count);
    const fresh = { ...c, rng: c.rng.split(from) };
    if (!method.elboTerms) return tf.reshape(tf.neg(method.logProb!(run, x, fresh)), [-1, 1]) as tf.Tensor2D;
    const { reconstruction, kl } = method.elboTerms(run, x, fresh);
    return tf.stack([reconstruction, tf.sum(kl, 1)], 1) as tf.Tensor2D;
  };
  if (!method.elboTerms && !method.logProb) return method.encode ? await unitScores(session, data, breathe) : {};
  const found = await mapRows(test.size, terms, { batch, breathe });
  if (!method.elboTerms) return { bitsPerDim: bitsPerDim(mean(found.values), dimensions) };
  const [reconstruction, kl] = [mean(column(found, 0)), mean(column(found, 1))];
  const negativeElbo = reconstruction + kl;
  return {
    negativeElbo,
    reconstruction,
    kl,
    ...(method.logWeights ? await boundScores(session, data, negativeElbo, options, breathe) : {}),
    bitsPerDim: bitsPerDim(negativeElbo, dimensions),
    ...(method.encode ? await unitScores(session, data, breathe) : {}),
  };
}

/**
 * The importance-weighted bound: what log-mean-exp gains over the mean of the same K log-weights, on the first 500 held-out images, taken
 * off the −ELBO of them all. The mean of the log-weights is itself an unbiased ELBO, so this estimates the bound of all of them, and far
 * more steadily than 500 images alone would.
 */
async function boundScores(
  { method, run, context }: Still,
  { test, shape }: Pictures,
  negativeElbo: number,
  { boundDraws = boundDrawsDefault }: EvaluationOptions,
  breathe: Breathe,
): Promise<Scores> {
  const c = context('bound');
  const gain = (from: number, count: number) => {
    const x = toImages(test.pixels, shape, from, count);
    const logWeights = method.logWeights!(run, x, boundDraws, { ...c, rng: c.rng.split(from) });
    return tf.reshape(tf.add(importanceWeightedNll(logWeights), tf.mean(logWeights, 1)), [-1, 1]) as tf.Tensor2D;
  };
  const size = Math.max(1, Math.floor((2 * batch) / boundDraws));
  const gains = await mapRows(Math.min(bounded, test.size), gain, { batch: size, breathe });
  return { bound: negativeElbo + mean(gains.values), boundDraws };
}

/** Latents whose posterior mean varies over held-out images by more than 0.01 (variance), and how many there are. */
async function unitScores({ method, run, context }: Still, { test, shape }: Pictures, breathe: Breathe): Promise<Scores> {
  const c = context('units');
  const means = (from: number, count: number) => method.encode!(run, toImages(test.pixels, shape, from, count), c).mu;
  const mu = await mapRows(test.size, means, { batch, breathe });
  return { activeUnits: activeUnits(mu), latentUnits: mu.columns };
}

/** Columns with a variance above 0.01. */
export function activeUnits(mu: Features): number {
  const variance = (values: Float32Array) => {
    const middle = mean(values);
    return mean(values.map((v) => (v - middle) ** 2));
  };
  return Array.from({ length: mu.columns }, (_, j) => variance(column(mu, j))).filter((v) => v > activeAbove).length;
}

/** What held-out and training images look like to the classifier of their shape; the same for every run. */
type Reference = {
  readonly train: Features;
  readonly heldOut: Features;
  /** Median distance between held-out images: the bandwidth of the MMD. */
  readonly bandwidth: number;
  readonly frechetTraining: number;
  /** Distance of each held-out image to its nearest training image, and which that is. */
  readonly nearest: Awaited<ReturnType<typeof nearestRows>>;
};
const references = new WeakMap<ImageDataset, Reference>();

async function referenceOf(data: ImageDataset, net: FeatureNet, breathe: Breathe): Promise<Reference> {
  const known = references.get(data);
  if (known) return known;
  const features = ({ pixels }: ImageDataset['train'], n: number) =>
    mapRows(n, (from, count) => featuresOf(net, toImages(pixels, data.shape, from, count)), { batch, breathe });
  const n = Math.min(compared, data.test.size);
  const [train, heldOut] = [await features(data.train, data.train.size), await features(data.test, n)];
  const first = { ...train, values: train.values.subarray(0, n * train.columns) };
  const reference = {
    train,
    heldOut,
    bandwidth: await medianDistance(heldOut, breathe),
    frechetTraining: await frechetDistance(heldOut, first, breathe),
    nearest: await nearestRows(heldOut, train, breathe),
  };
  references.set(data, reference);
  return reference;
}

/** Whether samples of the method can be compared with these data. */
export const isComparable = (method: Method, data: ImageDataset): boolean => !!method.sample && hasNet(data.shape) && data.test.size >= 8;

/** `f` with the classifier of the data's shape and the reference that goes with it. */
export async function withFeatures<T>(
  data: ImageDataset,
  breathe: Breathe,
  f: (net: FeatureNet, reference: Reference) => Promise<T>,
): Promise<T> {
  const net = unpackNet(await packedNetFor(data.shape));
  try {
    return await f(net, await referenceOf(data, net, breathe));
  } finally {
    tf.dispose(leaves(net as unknown as Tree));
  }
}

/** Samples against held-out images in the features of a classifier: Fréchet distance, MMD, precision and recall, nearest training images. */
export const sampleScores = (session: Still, data: ImageDataset, breathe: Breathe): Promise<Scores> =>
  withFeatures(data, breathe, async (net, { train, heldOut, bandwidth, frechetTraining, nearest }) => {
    const { method, run } = session;
    const c = session.context('compare samples');
    const draw = (from: number, count: number) =>
      featuresOf(net, tf.clipByValue(method.sample!(run, count, 1, { ...c, rng: c.rng.split(from) }) as tf.Tensor4D, 0, 1));
    const samples = await mapRows(Math.min(compared, data.test.size), draw, { batch, breathe });
    await breathe();
    return {
      frechet: await frechetDistance(heldOut, samples, breathe),
      frechetTraining,
      ...(await precisionRecall(heldOut, samples, { breathe })),
      mmd: await mmd(heldOut, samples, bandwidth, breathe),
      nearestTraining: median((await nearestRows(samples, train, breathe)).distance),
      nearestTrainingHeldOut: median(nearest.distance),
    };
  });

export const median = (values: Float32Array): number => values.slice().sort()[values.length >> 1] ?? Number.NaN;
