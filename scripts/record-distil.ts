/** The second stage of a recording: what pages need of the cached runs, in one small file for each method and data set. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../src/data/dataset.ts';
import type { Artifact, ArtifactKind, ArtifactOptions, ImageGrid } from '../src/evaluate/artifact.ts';
import { artifactsOf, makeArtifact } from '../src/evaluate/artifacts.ts';
import { evaluate } from '../src/evaluate/evaluate.ts';
import type { Method } from '../src/methods/method.ts';
import type { RecordedPicture } from '../src/train/recorded-pictures.ts';
import { type RecordedRun, type Recording, recordingFormat, recordingVersion } from '../src/train/recording.ts';
import { createSession, type Session } from '../src/train/session.ts';
import type { Snapshot } from '../src/train/snapshot.ts';
import type { Cached } from './record-train.ts';

/** Of 256 levels the nearest of 16. */
const level = (v: number): number => 17 * Math.round(v / 17);
/** The images with as few levels as hardly show, since those compress far better. */
const leveled = ({ n, shape, pixels }: ImageGrid): ImageGrid => ({ n, shape, pixels: pixels.map(level) });

/** The same of a round of slots. */
const levels = ({ whole, images, masks, attention, ...rest }: Extract<Artifact, { kind: 'parts' }>['rounds'][number]) => ({
  whole: leveled(whole),
  images: leveled(images),
  masks: masks.map(level),
  attention: { side: attention.side, shares: attention.shares.map(level) },
  ...rest,
});

/** The first `most` of the images. */
const first = (most: number, { n, shape, pixels }: ImageGrid): ImageGrid => {
  const kept = Math.min(n, most);
  return { n: kept, shape, pixels: pixels.subarray(0, (kept * pixels.length) / Math.max(1, n)) };
};

/** Images in half the detail: each 2 × 2 pixels become their mean. */
function blocky({ n, shape: [h, w, c], pixels }: ImageGrid): ImageGrid {
  const out = pixels.slice();
  const row = w * c;
  for (let at = 0; at < pixels.length; at += 2 * row)
    for (let x = at; x < at + row; x += 2 * c)
      for (let i = x; i < x + c; i++) {
        const four = [i, i + c, i + row, i + row + c];
        const mean = four.reduce((sum, j) => sum + pixels[j]!, 0) / 4;
        for (const j of four) out[j] = mean;
      }
  return { n, shape: [h, w, c], pixels: out };
}

/** Every third line and every second point of it, and the mean of each 2 × 2 cells: half the pixels a side at the same places. */
function coarser(artifact: Extract<Artifact, { kind: 'density' }>): RecordedPicture {
  const { side, density, frames, lines, perLine } = artifact;
  // Half of the lines go one way and half the other; the outermost stay.
  const [kept, points] = [2 * Math.ceil(lines / 6), Math.ceil(perLine / 2)];
  const lineAt = (k: number) => (k < kept / 2 ? 3 * k : lines / 2 + 3 * (k - kept / 2));
  const thin = (frame: Float32Array) =>
    Float32Array.from({ length: 2 * kept * points }, (_, i) => {
      const [line, point, axis] = [lineAt(Math.floor(i / (2 * points))), (i >> 1) % points, i & 1];
      return frame[2 * (line * perLine + 2 * point) + axis]!;
    });
  const half = side / 2;
  const cell = (_: unknown, i: number) => {
    const from = 2 * Math.floor(i / half) * side + 2 * (i % half);
    return (density[from]! + density[from + 1]! + density[from + side]! + density[from + side + 1]!) / 4;
  };
  return {
    ...artifact,
    side: half,
    density: Float32Array.from({ length: half ** 2 }, cell),
    frames: frames.map(thin),
    lines: kept,
    perLine: points,
  };
}

type IntegralPicture = Extract<Artifact, { kind: 'integral' }>;
/** A third of the places of each continuous variable, the means of what was there; of a discrete one every value is kept. */
function thinned({ variables, pairs, ...rest }: IntegralPicture): IntegralPicture {
  const pairOf = ({ rows, columns, density, ...pair }: IntegralPicture['pairs'][number]) => {
    const [down, across] = [pair.second, pair.first].map((v) => (variables[v]!.values ? 1 : 3)) as [number, number];
    const [kept, wide] = [rows / down, columns / across];
    const mean = (_: unknown, i: number) => {
      const from = down * Math.floor(i / wide) * columns + across * (i % wide);
      let sum = 0;
      for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) sum += density[from + y * columns + x]!;
      return sum / (down * across);
    };
    return { ...pair, rows: kept, columns: wide, density: Float32Array.from({ length: kept * wide }, mean) };
  };
  return { ...rest, variables, pairs: pairs.map(pairOf) };
}

type Keeper = { readonly options: ArtifactOptions; readonly keep: (artifact: never) => RecordedPicture };
const keeper = <K extends ArtifactKind>(
  kind: K,
  options: ArtifactOptions,
  keep: (artifact: Extract<Artifact, { kind: K }>) => RecordedPicture,
): readonly [K, Keeper] => [kind, { options, keep }];

/** How much is kept of a picture, for images of `pixels` numbers; kinds that are not here are left to live runs. */
const keepers = (pixels: number): Partial<Record<ArtifactKind, Keeper>> => {
  const few = pixels > 1000;
  return Object.fromEntries([
    keeper('embedding', { count: few ? 500 : 300 }, ({ kind, points, labels, images, explained, spread }) => ({
      kind,
      points,
      labels,
      explained,
      spread,
      // Colour photographs weigh more than all the rest.
      images: few ? { n: 0, shape: images.shape, pixels: new Uint8Array() } : leveled(blocky(images)),
    })),
    keeper('clusters', { count: few ? 6 : 10 }, ({ clusters, ...rest }) => ({
      ...rest,
      clusters: clusters.map(({ images, ...cluster }) => ({ ...cluster, images: leveled(blocky(few ? first(5, images) : images)) })),
    })),
    keeper('reconstructions', { count: few ? 5 : 8 }, ({ kind, originals, reconstructions }) => ({
      kind,
      originals: leveled(originals),
      reconstructions: leveled(reconstructions),
    })),
    keeper('samples', { count: few ? 6 : 16 }, ({ images, ...rest }) => ({ ...rest, images: leveled(images) })),
    keeper('latents', {}, (artifact) => artifact),
    keeper('density', { count: 300 }, coarser),
    keeper('weighted', { count: 300 }, ({ samplers, ...rest }) => ({ ...rest, samplers: samplers.map((one) => ({ ...one, stages: [] })) })),
    keeper('ratios', {}, (artifact) => artifact),
    keeper('graph', {}, (artifact) => artifact),
    keeper('gradients', {}, (artifact) => artifact),
    keeper('integral', {}, thinned),
    keeper('sets', { count: 12 }, (artifact) => artifact),
    keeper('annealing', { count: 4 }, ({ frames, ...rest }) => ({ ...rest, frames: frames.map(leveled) })),
    keeper('relations', {}, ({ first, second, ...rest }) => ({ ...rest, first: leveled(first), second: leveled(second) })),
    // Slots at the end of their competition; a live run shows every round.
    keeper('parts', { count: 4 }, ({ rounds, ...rest }) => ({ ...rest, rounds: [levels(rounds.at(-1)!)] })),
    keeper('objects', { count: 6 }, ({ attention, ...rest }) => ({
      ...rest,
      attention: { ...attention, shares: attention.shares.map(level) },
    })),
    keeper('segmentation', {}, ({ images, ...rest }) => ({ ...rest, images: leveled(images) })),
    keeper('things', { count: 4 }, ({ originals, painted, ...rest }) => ({
      ...rest,
      originals: leveled(originals),
      painted: leveled(painted),
    })),
  ]);
};

/** Principal axes have no sign: each takes the one that it has in the frame before, so that points do not jump to the other side. */
function steadied(picture: RecordedPicture, before: RecordedPicture | undefined): RecordedPicture {
  if (picture.kind !== 'embedding' || before?.kind !== 'embedding') return picture;
  const signs = [0, 1].map((axis) => {
    let sum = 0;
    for (let i = axis; i < picture.points.length; i += 2) sum += picture.points[i]! * before.points[i]!;
    return sum < 0 ? -1 : 1;
  });
  return { ...picture, points: picture.points.map((value, i) => signs[i % 2]! * value) };
}

/** The pictures of a run as it stands. */
async function picturesOf(session: Session): Promise<RecordedPicture[]> {
  const table = keepers(session.data.shape.reduce((a, b) => a * b, 1));
  const pictures: RecordedPicture[] = [];
  for (const kind of artifactsOf(session)) {
    const found = table[kind];
    if (found) pictures.push(found.keep((await makeArtifact(session, kind, found.options)) as never));
  }
  return pictures;
}

/** Scores of a finished run, remembered in the cache; taken anew with `anew`. */
async function scoresOf(
  cache: string,
  method: Method,
  data: Dataset,
  seed: number,
  run: Cached,
  anew: boolean,
): Promise<RecordedRun['scores']> {
  const path = join(cache, `${method.id}-${data.id}-${seed}.scores.json`);
  const known = anew ? null : await readFile(path, 'utf8').catch(() => null);
  if (known) return JSON.parse(known);
  const session = createSession(method, data, { seed, settings: run.settings, from: run.snapshots.at(-1)! });
  try {
    const scores = Object.fromEntries(Object.entries(await evaluate(session, seed)).filter(([, value]) => Number.isFinite(value)));
    await writeFile(path, JSON.stringify(scores));
    return scores;
  } finally {
    session.dispose();
  }
}

async function momentsOf(method: Method, data: Dataset, seed: number, { settings, snapshots }: Cached): Promise<Recording['moments']> {
  const moments: { step: number; pictures: RecordedPicture[] }[] = [];
  for (const from of snapshots as Snapshot[]) {
    const session = createSession(method, data, { seed, settings, from });
    const before = moments.at(-1)?.pictures;
    const pictures = await picturesOf(session).finally(session.dispose);
    moments.push({
      step: from.step,
      pictures: pictures.map((one) =>
        steadied(
          one,
          before?.find(({ kind }) => kind === one.kind),
        ),
      ),
    });
  }
  return moments;
}

/** Of a long curve so many values are kept, evenly from its end on, and NaN elsewhere: noise does not compress. */
const [long, kept] = [6000, 1250];
function sparse(values: Float32Array): Float32Array {
  if (values.length <= long) return values;
  const every = Math.ceil(values.length / kept);
  return values.map((value, i) => ((values.length - 1 - i) % every === 0 ? value : Number.NaN));
}

/** One recording of the finished runs of a method on a data set, the first of which shows its moments. */
export async function distil(
  cache: string,
  method: Method,
  data: Dataset,
  runs: readonly { readonly seed: number; readonly run: Cached }[],
  rescore: boolean,
): Promise<Recording> {
  const { seed: firstSeed, run: first } = runs[0]!;
  const scored: RecordedRun[] = [];
  for (const { seed, run } of runs)
    scored.push({
      seed,
      seconds: Math.round(run.seconds),
      columns: Object.fromEntries(Object.entries(run.curve.columns).map(([name, values]) => [name, sparse(values)])),
      scores: await scoresOf(cache, method, data, seed, run, rescore),
    });
  return {
    format: recordingFormat,
    version: recordingVersion,
    method: method.id,
    data: data.id,
    settings: first.settings as Recording['settings'],
    versions: first.versions,
    backend: 'wasm',
    created: first.created,
    runs: scored,
    moments: await momentsOf(method, data, firstSeed, first),
  };
}
