import type { Dataset, ImageDataset } from '../data/dataset.ts';
import { bitsPerDim } from '../losses/likelihood.ts';
import type { Method } from '../methods/method.ts';
import { type Breathe, holdBreath, inPieces } from '../ops/breathe.ts';
import { ari, clusterAccuracy, nmi } from '../ops/clustering.ts';
import { kMeans } from '../ops/kmeans.ts';
import { type Features, normalizeRows } from '../ops/linear-algebra.ts';
import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages, toUnit } from '../train/batches.ts';
import { createSession, type Still } from '../train/session.ts';
import { knn } from './knn.ts';
import { linearProbe } from './linear-probe.ts';

type Probed = { readonly linearProbe: number; readonly knn: number };

/** The scores of a run on held-out data; those that apply. Accuracies and NMI, ARI in [0, 1]. */
export type Scores = {
  readonly linearProbe?: number;
  readonly knn?: number;
  /** The same probes on raw pixels and on the method's own encoder before training. */
  readonly baselines?: { readonly pixels: Probed; readonly random: Probed };
  /** √d × the mean over dimensions of the standard deviation of normalized projections: 1 spread, 0 collapsed. */
  readonly embeddingStd?: number;
  /** Nats an image. */
  readonly negativeElbo?: number;
  /** Nats a point, and the data's own entropy, which no model can beat. */
  readonly nll?: number;
  readonly entropy?: number;
  readonly bitsPerDim?: number;
  /** Largest |inverse(forward(x)) − x|. */
  readonly roundTripError?: number;
  /** Of k-means with as many clusters as classes on the representations, against the labels. */
  readonly nmi?: number;
  readonly ari?: number;
  readonly clusterAccuracy?: number;
};

/** Whether `evaluate` has anything to say about a method on this data. */
export const isScored = (method: Method, data: Dataset): boolean =>
  data.kind === 'points' ? !!method.logProb : !!(method.embed ?? method.project ?? method.elboTerms ?? method.logProb ?? method.inverse);

/**
 * Scores a run by its capabilities, on the held-out split; each part only if the method can. The session is left as it was, and
 * must stand still meanwhile. Takes up to a minute, in pieces with a `breathe` between them: where that throws, so does this.
 */
export async function evaluate(session: Still, seed: number, breathe: Breathe = holdBreath): Promise<Scores> {
  const { method, data } = session;
  if (data.kind === 'points') return method.logProb ? pointScores(session, breathe) : {};
  return {
    ...(method.embed ? await representationScores(session, data, seed, breathe) : {}),
    ...(method.project ? { embeddingStd: await embeddingStd(session, data) } : {}),
    ...(method.elboTerms || method.logProb ? await likelihoodScores(session, data, breathe) : {}),
    ...(method.inverse ? { roundTripError: await roundTripError(session, data, breathe) } : {}),
  };
}

/** Images that pass through a network at a time. */
const batch = 50;

/** Representations of all rows of both splits, in batches. */
async function embedAll(session: Still, { train, test, shape }: ImageDataset, breathe: Breathe): Promise<Features[]> {
  const { method, run } = session;
  const c = session.context('embed');
  const embed = ({ pixels, size }: ImageDataset['train']) =>
    mapRows(size, (from, count) => method.embed!(run, toImages(pixels, shape, from, count), c), { batch, breathe });
  return [await embed(train), await embed(test)];
}

async function representationScores(session: Still, data: ImageDataset, seed: number, breathe: Breathe): Promise<Scores> {
  const untrained = createSession(session.method, data, { seed, settings: session.settings });
  const random = await embedAll(untrained, data, breathe).finally(untrained.dispose);
  const trained = await embedAll(session, data, breathe);
  const { assignment } = await kMeans(normalizeRows(trained[1]!), data.classes.length, rng(0), { restarts: 5, breathe });
  const labels = data.test.labels;
  return {
    ...(await probe(data, trained, breathe)),
    baselines: { pixels: await pixelBaseline(data, breathe), random: await probe(data, random, breathe) },
    nmi: nmi(labels, assignment),
    ari: ari(labels, assignment),
    clusterAccuracy: clusterAccuracy(labels, assignment),
  };
}

const probe = async ({ train, test, classes }: ImageDataset, [seen, held]: Features[], breathe: Breathe): Promise<Probed> => ({
  linearProbe: await linearProbe(seen!, train.labels, held!, test.labels, classes.length, breathe),
  knn: await knn(seen!, train.labels, held!, test.labels, classes.length, { breathe }),
});

/** Raw pixels know nothing of the method: probed once for each data set. */
const pixelScores = new WeakMap<ImageDataset, Probed>();
async function pixelBaseline(data: ImageDataset, breathe: Breathe): Promise<Probed> {
  const known = pixelScores.get(data);
  if (known) return known;
  const columns = data.shape[0] * data.shape[1] * data.shape[2];
  const features = async ({ pixels, size }: ImageDataset['train']): Promise<Features> => {
    const values = new Float32Array(pixels.length);
    await inPieces(size, columns, breathe, (from, to) => values.set(toUnit(pixels.subarray(from * columns, to * columns)), from * columns));
    return { values, columns };
  };
  const scores = await probe(data, [await features(data.train), await features(data.test)], breathe);
  pixelScores.set(data, scores);
  return scores;
}

const mean = (values: Float32Array): number => values.reduce((a, v) => a + v, 0) / values.length;

/** √d × mean standard deviation of the L2-normalized projections of up to 512 held-out images, passed as one batch. */
export async function embeddingStd(session: Still, data: ImageDataset): Promise<number> {
  const z = tf.tidy(() =>
    session.method.project!(
      session.run,
      toImages(data.test.pixels, data.shape, 0, Math.min(512, data.test.size)),
      session.context('project'),
    ),
  );
  const spread = spreadOf({ values: await z.data<'float32'>(), columns: z.shape[1] });
  z.dispose();
  return spread;
}

/** √d × the mean over dimensions of the standard deviation of L2-normalized rows: 1 spread over the sphere, 0 all the same. */
export function spreadOf(features: Features): number {
  const { values, columns } = normalizeRows(features);
  const n = values.length / columns;
  let total = 0;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      sum += values[i * columns + j]!;
      squares += values[i * columns + j]! ** 2;
    }
    total += Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
  }
  return total / Math.sqrt(columns);
}

async function likelihoodScores(session: Still, { test, shape }: ImageDataset, breathe: Breathe): Promise<Scores> {
  const { method, run } = session;
  const c = session.context('likelihood');
  const costs = (from: number, count: number) => {
    const x = toImages(test.pixels, shape, from, count);
    const fresh = { ...c, rng: c.rng.split(from) };
    if (!method.elboTerms) return tf.neg(method.logProb!(run, x, fresh));
    const { reconstruction, kl } = method.elboTerms(run, x, fresh);
    return tf.add(reconstruction, tf.sum(kl, 1));
  };
  const nats = mean((await mapRows(test.size, (from, count) => tf.reshape(costs(from, count), [-1, 1]), { batch, breathe })).values);
  const bits = bitsPerDim(nats, shape[0] * shape[1] * shape[2]);
  return method.elboTerms ? { negativeElbo: nats, bitsPerDim: bits } : { bitsPerDim: bits };
}

/** Of the first 100 held-out images. */
async function roundTripError(session: Still, { test, shape }: ImageDataset, breathe: Breathe): Promise<number> {
  const { method, run } = session;
  const c = session.context('round trip');
  const errors = (from: number, count: number) => {
    const x = toImages(test.pixels, shape, from, count);
    return tf.reshape(tf.max(tf.abs(tf.sub(method.inverse!(run, method.forward!(run, x, c), c), x)), [1, 2, 3]), [-1, 1]) as tf.Tensor2D;
  };
  return Math.max(...(await mapRows(Math.min(100, test.size), errors, { batch: 20, breathe })).values);
}

async function pointScores(session: Still, breathe: Breathe): Promise<Scores> {
  const { method, run, data } = session;
  if (data.kind !== 'points') return {};
  const count = 20_000;
  // A seed of its own: the same held-out points for every run.
  const points = data.sample(count, rng(20_000).split(data.id));
  const c = session.context('points');
  const logProb = (from: number, n: number) =>
    tf.reshape(method.logProb!(run, tf.tensor2d(points.subarray(2 * from, 2 * (from + n)), [n, 2]), c), [-1, 1]) as tf.Tensor2D;
  return { nll: -mean((await mapRows(count, logProb, { batch: 2000, breathe })).values), entropy: data.entropy.nats };
}
