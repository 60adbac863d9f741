/** Pictures behind the scores: neighbours, clusters by class, spectra, and the training images nearest to samples. */
import type { ImageDataset } from '../data/dataset.ts';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { ami, ari, clusterAccuracy, confusion, matchClusters, nmi } from '../ops/clustering.ts';
import { type Features, normalizeRows } from '../ops/linear-algebra.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactKind, ArtifactOptions, Nearest } from './artifact.ts';
import { nearestRows } from './distances.ts';
import { featuresOf } from './features/net.ts';
import { median, withFeatures } from './generation.ts';
import { clamp, contextOf, gridOf, imagesOf, upTo } from './grids.ts';
import { neighbours } from './knn.ts';
import { clustersOf } from './representation.ts';
import { effectiveRank, spectrumOf } from './spectrum.ts';

type Of<K extends ArtifactKind> = Extract<Artifact, { kind: K }>;

/** Rows that a picture looks at: few enough to be made while a run trains. */
const looked = 2000;
const inSpectrum = 512;
const drawn = 100;

/** Representations of the first rows of a split. */
function embed(session: Still, { pixels, size }: ImageDataset['train'], most: number, kind: ArtifactKind): Promise<Features> {
  const c = contextOf(session, kind);
  const { shape } = imagesOf(session);
  const rows = (from: number, count: number) => session.method.embed!(session.run, toImages(pixels, shape, from, count), c);
  return mapRows(Math.min(size, most), rows);
}

export async function neighboursOf(session: Still, { count = 24 }: ArtifactOptions): Promise<Of<'neighbours'>> {
  const { train, test, shape } = imagesOf(session);
  const n = clamp(count, Math.min(48, test.size));
  const [seen, held] = [await embed(session, train, looked, 'neighbours'), await embed(session, test, n, 'neighbours')];
  const among = seen.values.length / seen.columns;
  const each = Math.min(8, among);
  const { rows, cosines } = await neighbours(seen, held, each);
  return {
    kind: 'neighbours',
    among,
    queries: gridOf(test.pixels, shape, upTo(n)),
    queryLabels: test.labels.slice(0, n),
    each,
    images: gridOf(train.pixels, shape, rows),
    labels: Uint8Array.from(rows, (row) => train.labels[row]!),
    cosines: Float32Array.from(cosines),
  };
}

export async function confusionOfClusters(session: Still): Promise<Of<'confusion'>> {
  const { test, shape, classes } = imagesOf(session);
  const held = await embed(session, test, looked, 'confusion');
  const labels = test.labels.subarray(0, held.values.length / held.columns);
  const clusters = await clustersOf(held, Math.min(classes.length, labels.length), holdBreath);
  const counts = confusion(labels, clusters);
  const found = matchClusters(labels, clusters).map((match, cluster) => ({
    match,
    counts: classes.map((_, label) => counts[label]?.[cluster] ?? 0),
    images: gridOf(
      test.pixels,
      shape,
      upTo(labels.length)
        .filter((row) => clusters[row] === cluster)
        .slice(0, 8),
    ),
  }));
  return {
    kind: 'confusion',
    accuracy: clusterAccuracy(labels, clusters),
    nmi: nmi(labels, clusters),
    ami: ami(labels, clusters),
    ari: ari(labels, clusters),
    // Those that no class is left for come last.
    clusters: found.sort((a, b) => (a.match < 0 ? classes.length : a.match) - (b.match < 0 ? classes.length : b.match)),
  };
}

export async function spectrum(session: Still): Promise<Of<'spectrum'>> {
  const { method, run } = session;
  const { test, shape } = imagesOf(session);
  const n = Math.min(inSpectrum, test.size);
  const c = contextOf(session, 'spectrum');
  const parts: Of<'spectrum'>['parts'][number][] = [];
  for (const [name, f] of [
    ['h', method.embed],
    ['z', method.project],
  ] as const) {
    if (!f) continue;
    const features = await mapRows(n, (from, count) => f.call(method, run, toImages(test.pixels, shape, from, count), c), { batch: 256 });
    const { std, singular } = await spectrumOf(normalizeRows(features));
    const even = Math.sqrt(features.columns);
    parts.push({
      name,
      columns: features.columns,
      std: std
        .map((v) => even * v)
        .sort()
        .reverse(),
      // Of n centred rows the last axis is none.
      singular: singular.slice(0, Math.max(1, Math.min(singular.length, n - 1))).map((v) => even * v),
      rank: effectiveRank(Float64Array.from(singular)),
    });
  }
  return { kind: 'spectrum', images: n, parts };
}

export const memorization = (session: Still, { count = 12 }: ArtifactOptions, breathe: Breathe): Promise<Of<'memorization'>> =>
  withFeatures(imagesOf(session), breathe, async (net, { train: seen, nearest }) => {
    const { method, run } = session;
    const { train, test, shape } = imagesOf(session);
    const [n, shown] = [Math.min(drawn, test.size), clamp(count, 24)];
    const c = contextOf(session, 'memorization');
    // A few at a time: a flow takes a tenth of a second for thirty.
    const draw = (from: number, size: number) =>
      tf.reshape(tf.clipByValue(method.sample!(run, size, 1, { ...c, rng: c.rng.split(from) }) as tf.Tensor4D, 0, 1), [
        size,
        -1,
      ]) as tf.Tensor2D;
    const { values, columns } = await mapRows(n, draw, { batch: 20, breathe });
    const images = (from: number, size: number) => tf.tensor4d(values.subarray(from * columns, (from + size) * columns), [size, ...shape]);
    const features = await mapRows(n, (from, size) => featuresOf(net, images(from, size)), { batch: 50, breathe });
    const pixels = Uint8Array.from(values, (v) => Math.round(255 * v));
    const closest = ({ row, distance }: typeof nearest, of: Uint8Array): Nearest => {
      const order = upTo(n)
        .sort((a, b) => distance[a]! - distance[b]!)
        .slice(0, shown);
      return {
        images: gridOf(of, shape, order),
        training: gridOf(
          train.pixels,
          shape,
          order.map((i) => row[i]!),
        ),
        distances: Float32Array.from(order, (i) => distance[i]!),
        median: median(distance.subarray(0, n)),
      };
    };
    return {
      kind: 'memorization',
      of: n,
      samples: closest(await nearestRows(features, seen, breathe), pixels),
      heldOut: closest(nearest, test.pixels),
    };
  });

/** The largest pseudo-labels of training images, each with its first members. */
export async function clusters(session: Still, { count = 20 }: ArtifactOptions): Promise<Of<'clusters'>> {
  const { train, shape, classes } = imagesOf(session);
  // The method's own tensor: read, not freed.
  const assigned = Int32Array.from(await session.method.assignments!(session.run).data());
  const members = new Map<number, number[]>();
  assigned.forEach((label, row) => {
    const rows = members.get(label);
    if (rows) rows.push(row);
    else members.set(label, [row]);
  });
  const largest = [...members].sort(([a, x], [b, y]) => y.length - x.length || a - b).slice(0, clamp(count, 20));
  return {
    kind: 'clusters',
    total: members.size,
    nmi: nmi(train.labels, assigned),
    clusters: largest.map(([label, rows]) => {
      const counts = classes.map(() => 0);
      for (const row of rows) counts[train.labels[row]!]!++;
      const majority = counts.indexOf(Math.max(...counts));
      return {
        label,
        size: rows.length,
        purity: counts[majority]! / rows.length,
        majority,
        images: gridOf(train.pixels, shape, rows.slice(0, 10)),
      };
    }),
  };
}
