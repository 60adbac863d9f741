import type { Dataset } from '../data/dataset.ts';
import type { Specs } from '../hparams.ts';
import type { Context, Method } from '../methods/method.ts';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { pca, project } from '../ops/linear-algebra.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages, toUnit } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactKind, ArtifactOptions } from './artifact.ts';
import { clusters, confusionOfClusters, memorization, neighboursOf, spectrum } from './closer-looks.ts';
import { projectionSpread } from './collapse.ts';
import { density } from './density.ts';
import { segmentation } from './dice.ts';
import { isComparable } from './generation.ts';
import { gradients } from './gradient-errors.ts';
import { graph } from './graph.ts';
import { clamp, contextOf, gridOf, imagesOf, readImages, readNumbers, upTo } from './grids.ts';
import { isWeighted, weightedArtifact } from './importance.ts';
import { isDescribed, objects } from './objects.ts';
import { passage } from './passage.ts';
import { plane } from './projection/plane.ts';
import { ratios } from './ratios.ts';
import { relations } from './relations.ts';
import { judge } from './rule.ts';
import { isSegmented, parts } from './segmentation.ts';
import { drawsSets, sets } from './sets.ts';
import { annealing } from './telescope.ts';
import { things } from './things.ts';

type Of<K extends ArtifactKind> = Extract<Artifact, { kind: K }>;
type Maker<K extends ArtifactKind> = {
  readonly can: (method: Method, data: Dataset, session: Still) => boolean;
  readonly make: (session: Still, options: ArtifactOptions, breathe: Breathe) => Promise<Of<K>>;
  /** Takes seconds: it breathes, so make it of a frozen run while the run itself goes on. */
  readonly slow?: true;
};

/** The artifacts that a run's method can make on its data, in the order in which a page shows them. */
export const artifactsOf = (session: Still): ArtifactKind[] =>
  (Object.keys(makers) as ArtifactKind[]).filter((kind) => makers[kind].can(session.method, session.data, session));

/**
 * Makes one picture of a run as it stands: always of the same images and the same noise, so that only learning changes it.
 * All arrays are fresh copies. Throws if the method cannot make this kind on its data.
 */
export async function makeArtifact(
  session: Still,
  kind: ArtifactKind,
  options: ArtifactOptions = {},
  breathe: Breathe = holdBreath,
): Promise<Artifact> {
  if (!makers[kind]?.can(session.method, session.data, session))
    throw new Error(
      `${session.method.name} on ${session.data.name} has no "${kind}" to show; it has ${artifactsOf(session).join(', ') || 'none'}`,
    );
  return makers[kind].make(session, options, breathe);
}

/** Whether a picture of this kind takes seconds, in breaths: better made of a frozen run. */
export const isSlow = (kind: ArtifactKind): boolean => makers[kind]?.slow ?? false;

/** The buffers of all arrays in a value, each once: what a message can hand over instead of copying. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (node: unknown): void => {
    if (ArrayBuffer.isView(node)) found.add(node.buffer as ArrayBuffer);
    else if (typeof node === 'object' && node) Object.values(node).forEach(visit);
  };
  visit(value);
  return [...found];
}

/** Image → latent → image, by a decoder or by an exact inverse. */
const latentOf = ({ method, run }: Still, x: tf.Tensor4D, c: Context<Specs>): tf.Tensor2D =>
  method.encode ? method.encode(run, x, c).mu : method.forward!(run, x, c);
const imageOf = ({ method, run }: Still, z: tf.Tensor2D, c: Context<Specs>): tf.Tensor4D =>
  method.decode ? method.decode(run, z, c) : (method.inverse!(run, z, c) as tf.Tensor4D);

async function views(session: Still, { count = 24 }: ArtifactOptions): Promise<Of<'views'>> {
  const { train, shape } = imagesOf(session);
  const batch = tf.tidy(() => {
    const next = session.peek();
    const all = 'views' in next ? next.views.slice(0, 2) : 'view' in next ? [next.view] : [];
    const n = clamp(count, Math.min(64, all[0]!.shape[0]));
    const head = (x: tf.Tensor4D) => tf.slice(x, [0, 0, 0, 0], [n, -1, -1, -1]);
    return { views: all.map(head), index: tf.slice((next as { index: tf.Tensor1D }).index, 0, n) };
  });
  const rows = await readNumbers(batch.index);
  const [first, second = null] = await Promise.all(batch.views.map(readImages));
  return { kind: 'views', originals: gridOf(train.pixels, shape, rows), first: first!, second };
}

/** Principal axes that a page gets: more tell pictures of 10,000 points hardly anything, and would make its messages large. */
const axes = 50;

/** Pictures have at most so many points. */
const mostPoints = 10_000;

async function embedding(session: Still, { count = 1000 }: ArtifactOptions): Promise<Of<'embedding'>> {
  const { method, run, step } = session;
  const data = imagesOf(session);
  const { train, test, shape } = data;
  const available = Math.min(mostPoints, test.size + train.size);
  const n = clamp(count, available);
  const heldOut = Math.min(n, test.size);
  const size = shape[0] * shape[1] * shape[2];
  const pixels = new Uint8Array(n * size);
  pixels.set(test.pixels.subarray(0, heldOut * size));
  pixels.set(train.pixels.subarray(0, (n - heldOut) * size), heldOut * size);
  const labels = new Uint8Array(n);
  labels.set(test.labels.subarray(0, heldOut));
  labels.set(train.labels.subarray(0, n - heldOut), heldOut);
  const c = contextOf(session, 'embedding');
  const features = await mapRows(n, (from, count) => method.embed!(run, toImages(pixels, shape, from, count), c));
  // The axes after the first few stand for a space, not each for itself: they need not be exact.
  const fit = await pca(features, Math.min(axes, n, features.columns), 1e-3);
  const { values, columns } = await project(features, fit);
  const share = (variance = 0) => (fit.total > 0 ? variance / fit.total : 0);
  return {
    kind: 'embedding',
    points: plane({ values, columns }),
    labels,
    images: { n, shape, pixels },
    explained: [share(fit.variances[0]), share(fit.variances[1])],
    spread: method.project ? await projectionSpread(session, 512) : null,
    representations: {
      step,
      values: Float32Array.from(values),
      columns,
      kept: share(fit.variances.reduce((a, v) => a + v, 0)),
      dimensions: features.columns,
      heldOut,
      available,
    },
  };
}

async function reconstructions(session: Still, { count = 24 }: ArtifactOptions): Promise<Of<'reconstructions'>> {
  const { test, shape } = imagesOf(session);
  const n = clamp(count, Math.min(64, test.size));
  const c = contextOf(session, 'reconstructions');
  const out = tf.tidy(() => imageOf(session, latentOf(session, toImages(test.pixels, shape, 0, n), c), c));
  return { kind: 'reconstructions', originals: gridOf(test.pixels, shape, upTo(n)), reconstructions: await readImages(out) };
}

async function samples(session: Still, { count = 36, temperature = 1 }: ArtifactOptions): Promise<Of<'samples'>> {
  const { method, run } = session;
  const out = tf.tidy(() => method.sample!(run, clamp(count, 64), temperature, contextOf(session, 'samples')) as tf.Tensor4D);
  const images = await readImages(out);
  const { data } = session;
  if (data.kind !== 'scenes' || !data.rule) return { kind: 'samples', temperature, images };
  const read = judge(data.rule);
  const size = images.pixels.length / images.n;
  const scene = (i: number) => toUnit(images.pixels.subarray(i * size, (i + 1) * size));
  return { kind: 'samples', temperature, images, readings: upTo(images.n).map((i) => read(scene(i))) };
}

async function interpolation(session: Still, { count = 6 }: ArtifactOptions): Promise<Of<'interpolation'>> {
  const { test, shape } = imagesOf(session);
  const columns = 9;
  const n = clamp(count, Math.min(7, Math.floor(test.size / 2)));
  // From each of the first images to the next one after them of another class.
  const ends = upTo(n).map((from) => {
    const other = test.labels.findIndex((label, row) => row >= n + from && label !== test.labels[from]);
    return [from, other < 0 ? n + from : other] as const;
  });
  const c = contextOf(session, 'interpolation');
  const out = tf.tidy(() => {
    const { pixels } = gridOf(test.pixels, shape, ends.flat());
    const z = latentOf(session, toImages(pixels, shape), c);
    const [from, to] = tf.split(tf.reshape(z, [n, 2, z.shape[1]]), 2, 1) as [tf.Tensor3D, tf.Tensor3D];
    const share = tf.div(tf.tensor3d(upTo(columns), [1, columns, 1]), columns - 1);
    const path = tf.add(tf.mul(from, tf.sub(1, share)), tf.mul(to, share));
    return imageOf(session, tf.reshape(path, [n * columns, z.shape[1]]), c);
  });
  return { kind: 'interpolation', rows: n, columns, images: await readImages(out) };
}

async function latents(session: Still): Promise<Of<'latents'>> {
  const { method, run } = session;
  const { test, shape } = imagesOf(session);
  const c = contextOf(session, 'latents');
  const kl = tf.tidy(() => tf.mean(method.elboTerms!(run, toImages(test.pixels, shape, 0, Math.min(256, test.size)), c).kl, 0));
  return { kind: 'latents', kl: await readNumbers(kl) };
}

async function manifold(session: Still): Promise<Of<'manifold'>> {
  const { test, shape } = imagesOf(session);
  const [side, span] = [15, 3];
  const c = contextOf(session, 'manifold');
  const at = (k: number) => -span + (2 * span * k) / (side - 1);
  const plane = upTo(side * side).flatMap((i) => [at(i % side), at(Math.floor(i / side))]);
  const images = await readImages(tf.tidy(() => imageOf(session, tf.tensor2d(plane, [side * side, 2]), c)));
  const n = Math.min(1000, test.size);
  const { values } = await mapRows(n, (from, count) => latentOf(session, toImages(test.pixels, shape, from, count), c));
  return { kind: 'manifold', side, span, images, means: values, labels: test.labels.slice(0, n) };
}

/** Size of the latent of a method with `encode`. */
const latentSize = (session: Still): number =>
  tf.tidy(() => latentOf(session, tf.zeros([1, ...imagesOf(session).shape]), session.context('size')).shape[1]);

const onImages = (needs: (method: Method) => unknown) => (method: Method, data: Dataset) => data.kind === 'images' && !!needs(method);
const onPictures = (needs: (method: Method) => unknown) => (method: Method, data: Dataset) =>
  (data.kind === 'images' || data.kind === 'scenes') && !!needs(method);
const codes = (m: Method) => m.encode && m.decode;

const makers: { readonly [K in ArtifactKind]: Maker<K> } = {
  views: { can: (method) => method.data === 'views' || method.data === 'view', make: views },
  relations: { can: onImages((m) => m.relate), make: relations },
  embedding: { can: onImages((m) => m.embed), make: embedding },
  neighbours: { can: onImages((m) => m.embed), make: neighboursOf },
  confusion: { can: (m, data) => data.kind === 'images' && !!m.embed && data.classes.length > 1, make: confusionOfClusters },
  spectrum: { can: onImages((m) => m.embed ?? m.project), make: spectrum },
  clusters: { can: onImages((m) => m.assignments), make: clusters },
  reconstructions: { can: onPictures(codes), make: reconstructions },
  samples: { can: onPictures((m) => m.sample), make: samples },
  memorization: { can: (m, data) => data.kind === 'images' && isComparable(m, data), make: memorization, slow: true },
  interpolation: { can: onPictures((m) => codes(m) || (m.forward && m.inverse)), make: interpolation },
  manifold: { can: (m, data, session) => onImages(codes)(m, data) && latentSize(session) === 2, make: manifold },
  latents: { can: onPictures((m) => m.elboTerms && m.encode), make: latents },
  // A density that is known by paths alone would take thousands of them for each picture.
  density: { can: (m, data) => data.kind === 'points' && !!(m.logProb && m.sample && !m.weighted), make: density },
  sets: { can: drawsSets, make: sets },
  passage: { can: (m, data) => data.kind === 'points' && !!m.passage, make: passage },
  ratios: { can: (m) => !!m.ratios, make: ratios },
  annealing: { can: onImages((m) => m.telescope), make: annealing, slow: true },
  weighted: { can: isWeighted, make: weightedArtifact },
  segmentation: { can: (m, data) => data.kind === 'volumes' && !!m.pixelClasses, make: segmentation },
  graph: { can: (m) => !!m.graph, make: graph },
  parts: { can: isSegmented, make: parts },
  objects: { can: isDescribed, make: objects },
  things: { can: (m, data) => data.kind === 'scenes' && !!(m.perceive && m.compose), make: things },
  gradients: { can: (m) => !!m.gradientEstimators, make: gradients },
  integral: {
    can: (m) => !!m.integral,
    make: async (s) => ({ kind: 'integral', ...(await s.method.integral!(s.run, contextOf(s, 'integral'))) }),
  },
};
