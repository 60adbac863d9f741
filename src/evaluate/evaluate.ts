import type { Dataset, ImageDataset } from '../data/dataset.ts';
import { bitsPerDim } from '../losses/likelihood.ts';
import type { Method } from '../methods/method.ts';
import { ari, clusterAccuracy, nmi } from '../ops/clustering.ts';
import { kMeans } from '../ops/kmeans.ts';
import { type Features, normalizeRows } from '../ops/linear-algebra.ts';
import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import { createSession, type Session } from '../train/session.ts';
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

/** Scores a run by its capabilities, on the held-out split; each part only if the method can. The session is left as it was. */
export async function evaluate(session: Session, seed: number): Promise<Scores> {
  const { method, data } = session;
  if (data.kind === 'points') return method.logProb ? pointScores(session) : {};
  return {
    ...(method.embed ? await representationScores(session, data, seed) : {}),
    ...(method.project ? { embeddingStd: await embeddingStd(session, data) } : {}),
    ...(method.elboTerms || method.logProb ? await likelihoodScores(session, data) : {}),
    ...(method.inverse ? { roundTripError: await roundTripError(session, data) } : {}),
  };
}

/** Representations of all rows of a split, in batches. */
export async function embedAll(session: Session, pixels: Uint8Array, shape: ImageDataset['shape']): Promise<Features> {
  const x = toImages(pixels, shape);
  const features = await mapRows(x, (rows) => session.method.embed!(session.run, rows, session.context('embed')));
  x.dispose();
  return features;
}

async function representationScores(session: Session, data: ImageDataset, seed: number): Promise<Scores> {
  const [train, test] = [await embedAll(session, data.train.pixels, data.shape), await embedAll(session, data.test.pixels, data.shape)];
  const untrained = createSession(session.method, data, { seed, settings: session.settings });
  const random = await probe(
    data,
    await embedAll(untrained, data.train.pixels, data.shape),
    await embedAll(untrained, data.test.pixels, data.shape),
  );
  untrained.dispose();
  const { assignment } = await kMeans(normalizeRows(test), data.classes.length, rng(0), { restarts: 5 });
  const labels = data.test.labels;
  return {
    ...(await probe(data, train, test)),
    baselines: { pixels: await pixelBaseline(data), random },
    nmi: nmi(labels, assignment),
    ari: ari(labels, assignment),
    clusterAccuracy: clusterAccuracy(labels, assignment),
  };
}

const probe = async (data: ImageDataset, train: Features, test: Features): Promise<Probed> => ({
  linearProbe: await linearProbe(train, data.train.labels, test, data.test.labels, data.classes.length),
  knn: await knn(train, data.train.labels, test, data.test.labels, data.classes.length),
});

/** Raw pixels know nothing of the method: probed once for each data set. */
const pixelScores = new WeakMap<ImageDataset, Promise<Probed>>();
function pixelBaseline(data: ImageDataset): Promise<Probed> {
  const known = pixelScores.get(data);
  if (known) return known;
  const columns = data.shape[0] * data.shape[1] * data.shape[2];
  const features = (pixels: Uint8Array): Features => ({ values: Float32Array.from(pixels, (v) => v / 255), columns });
  const scores = probe(data, features(data.train.pixels), features(data.test.pixels));
  pixelScores.set(data, scores);
  return scores;
}

/** √d × mean standard deviation of the L2-normalized projections of up to 512 held-out images, passed as one batch. */
export async function embeddingStd(session: Session, data: ImageDataset): Promise<number> {
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

async function likelihoodScores(session: Session, data: ImageDataset): Promise<Scores> {
  const { method, run } = session;
  const x = toImages(data.test.pixels, data.shape);
  const c = session.context('likelihood');
  let batch = 0;
  const { values } = await mapRows(x, (rows) => {
    const fresh = { ...c, rng: c.rng.split(batch++) };
    if (!method.elboTerms) return tf.reshape(tf.neg(method.logProb!(run, rows, fresh)), [-1, 1]);
    const { reconstruction, kl } = method.elboTerms(run, rows, fresh);
    return tf.reshape(tf.add(reconstruction, tf.sum(kl, 1)), [-1, 1]);
  });
  x.dispose();
  const nats = values.reduce((a, v) => a + v, 0) / values.length;
  const bits = bitsPerDim(nats, data.shape[0] * data.shape[1] * data.shape[2]);
  return method.elboTerms ? { negativeElbo: nats, bitsPerDim: bits } : { bitsPerDim: bits };
}

async function roundTripError(session: Session, data: ImageDataset): Promise<number> {
  const { method, run } = session;
  const c = session.context('round trip');
  const error = tf.tidy(() => {
    const x = toImages(data.test.pixels, data.shape, 0, Math.min(100, data.test.size));
    return tf.max(tf.abs(tf.sub(method.inverse!(run, method.forward!(run, x, c), c), x)));
  });
  const value = (await error.data())[0]!;
  error.dispose();
  return value;
}

async function pointScores(session: Session): Promise<Scores> {
  const { method, run, data } = session;
  if (data.kind !== 'points') return {};
  const count = 20_000;
  // A seed of its own: the same held-out points for every run.
  const points = data.sample(count, rng(20_000).split(data.id));
  const c = session.context('points');
  const logProb = tf.tidy(() => method.logProb!(run, tf.tensor2d(points, [count, 2]), c));
  const values = await logProb.data<'float32'>();
  logProb.dispose();
  return { nll: -values.reduce((a, v) => a + v, 0) / count, entropy: data.entropy.nats };
}
