import type { ImageDataset } from '../data/dataset.ts';
import { augment } from '../data/views.ts';
import type { Value } from '../hparams.ts';
import { type Breathe, inPieces } from '../ops/breathe.ts';
import { ami, ari, clusterAccuracy, nmi } from '../ops/clustering.ts';
import { kMeans } from '../ops/kmeans.ts';
import { type Features, normalizeRows } from '../ops/linear-algebra.ts';
import { rng } from '../ops/random.ts';
import { mapRows, toImages, toUnit } from '../train/batches.ts';
import { createSession, type Still } from '../train/session.ts';
import { fewLabels } from './few-labels.ts';
import { alignmentUniformity } from './hypersphere.ts';
import { knn } from './knn.ts';
import { probeStandardized, standardizer } from './linear-probe.ts';
import type { Scores } from './scores.ts';
import { rankMe } from './spectrum.ts';

/** Images that pass through a network at a time. */
const batch = 50;
/** Held-out rows that RankMe, alignment and uniformity see at most. */
const ranked = 2000;
const aligned = 1000;

type Split = ImageDataset['train'];
/** Training and held-out rows. */
type Both = readonly [Features, Features];

/** Representations of a split, in batches. */
export function embedSplit(session: Still, { shape }: ImageDataset, { pixels, size }: Split, breathe: Breathe): Promise<Features> {
  const { method, run } = session;
  const c = session.context('embed');
  return mapRows(size, (from, count) => method.embed!(run, toImages(pixels, shape, from, count), c), { batch, breathe });
}

const embedBoth = async (session: Still, data: ImageDataset, breathe: Breathe): Promise<Both> => [
  await embedSplit(session, data, data.train, breathe),
  await embedSplit(session, data, data.test, breathe),
];

/** Probes, few labels, RankMe and clusters of the representation; those of labels only where there are at least two classes. */
export async function representationScores(session: Still, data: ImageDataset, seed: number, breathe: Breathe): Promise<Scores> {
  const own = await embedBoth(session, data, breathe);
  const scores = await scoresOfFeatures(own, data, breathe);
  if (data.classes.length < 2) return scores;
  const random = await untrainedBaseline(session, data, seed, breathe);
  const pixels = await pixelBaseline(data, breathe);
  return {
    ...scores,
    linearProbeRandom: random.linearProbe,
    knnRandom: random.knn,
    linearProbePixels: pixels.linearProbe,
    knnPixels: pixels.knn,
  };
}

/** Everything that features of both splits and their labels tell. */
async function scoresOfFeatures(both: Both, data: Pick<ImageDataset, 'train' | 'test' | 'classes'>, breathe: Breathe): Promise<Scores> {
  const held = both[1];
  const rank = await rankMe({ ...held, values: held.values.subarray(0, ranked * held.columns) }, breathe);
  if (data.classes.length < 2) return { rankMe: rank };
  const assignment = await clustersOf(held, data.classes.length, breathe);
  const { labels } = data.test;
  return {
    ...(await probe(both, data, breathe, [1, 10, 100])),
    rankMe: rank,
    clusterAccuracy: clusterAccuracy(labels, assignment),
    nmi: nmi(labels, assignment),
    ami: ami(labels, assignment),
    ari: ari(labels, assignment),
  };
}

/** k-means of normalized rows into k clusters, the best of five starts, the same for every run. */
export const clustersOf = async (x: Features, k: number, breathe: Breathe): Promise<Int32Array> =>
  (await kMeans(normalizeRows(x), k, rng(0), { restarts: 5, breathe })).assignment;

type Probed = { readonly linearProbe: number; readonly knn: number };

/** Linear probe, kNN and, for each number in `perClass`, few-label accuracy. */
async function probe(
  [seen, held]: Both,
  { train, test, classes }: Pick<ImageDataset, 'train' | 'test' | 'classes'>,
  breathe: Breathe,
  perClass: readonly (1 | 10 | 100)[] = [],
): Promise<Probed & Scores> {
  const k = Math.min(20, train.size);
  const neighbours = await knn(seen, train.labels, held, test.labels, classes.length, { k, breathe });
  const standardize = await standardizer(seen, breathe);
  const [a, b] = [await standardize(seen), await standardize(held)];
  const few: Record<string, number> = {};
  for (const count of perClass) {
    const accuracy = await fewLabels(a, train.labels, b, test.labels, classes.length, count, breathe);
    if (accuracy !== null) few[`fewLabels${count}`] = accuracy;
  }
  return { linearProbe: await probeStandardized(a, train.labels, b, test.labels, classes.length, breathe), knn: neighbours, ...few };
}

/** The method before training, probed once for a run that is scored again and again. */
const untrainedScores = new WeakMap<ImageDataset, { readonly key: string; readonly scores: Probed }>();
async function untrainedBaseline({ method, settings }: Still, data: ImageDataset, seed: number, breathe: Breathe): Promise<Probed> {
  const key = JSON.stringify([method.id, seed, settings]);
  const known = untrainedScores.get(data);
  if (known?.key === key) return known.scores;
  const untrained = createSession(method, data, { seed, settings });
  const scores = await probe(await embedBoth(untrained, data, breathe).finally(untrained.dispose), data, breathe);
  untrainedScores.set(data, { key, scores });
  return scores;
}

/** Raw pixels know nothing of the method: probed once for each data set. */
const pixelScores = new WeakMap<ImageDataset, Probed>();
async function pixelBaseline(data: ImageDataset, breathe: Breathe): Promise<Probed> {
  const known = pixelScores.get(data);
  if (known) return known;
  const columns = data.shape[0] * data.shape[1] * data.shape[2];
  const features = async ({ pixels, size }: Split): Promise<Features> => {
    const values = new Float32Array(pixels.length);
    await inPieces(size, columns, breathe, (from, to) => values.set(toUnit(pixels.subarray(from * columns, to * columns)), from * columns));
    return { values, columns };
  };
  const scores = await probe([await features(data.train), await features(data.test)], data, breathe);
  pixelScores.set(data, scores);
  return scores;
}

/**
 * What the loss compares: RankMe of the projections of up to 2,000 held-out images and, for methods trained on views, alignment and
 * uniformity of those of two fresh views of 1,000. Batches of 256, since a projector may use batch statistics.
 */
export async function projectionScores(session: Still, data: ImageDataset, breathe: Breathe): Promise<Scores> {
  const { method, run, settings } = session;
  const { test, shape } = data;
  const c = session.context('project');
  const options = { batch: 256, breathe };
  const n = Math.min(ranked, test.size);
  const z = await mapRows(n, (from, count) => method.project!(run, toImages(test.pixels, shape, from, count), c), options);
  const rank = { rankMeProjection: await rankMe(z, breathe) };
  if (method.data !== 'views') return rank;
  const view = (which: number) =>
    mapRows(
      Math.min(aligned, n),
      (from, count) => {
        const x = toImages(test.pixels, shape, from, count);
        return method.project!(run, augment(x, settings as Readonly<Record<string, Value>>, c.rng.split('view', which, from)), c);
      },
      options,
    );
  return { ...rank, ...(await alignmentUniformity(await view(0), await view(1), { breathe })) };
}
