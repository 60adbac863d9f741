import type { Dataset, ImageDataset, SceneDataset, VolumeDataset } from '../data/dataset.ts';
import { objectSize, packObjects } from '../data/objects.ts';
import { mostObjects } from '../data/scenes.ts';
import { augment } from '../data/views.ts';
import type { Value } from '../hparams.ts';
import type { Batches, BatchKind, EpochData, Method } from '../methods/method.ts';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';

/** Bytes as float32 images in [0, 1], rows `from` … `from + count − 1`. */
export const toImages = (pixels: Uint8Array, [h, w, c]: readonly [number, number, number], from = 0, count?: number): tf.Tensor4D => {
  const row = h * w * c;
  const n = count ?? pixels.length / row - from;
  return tf.tensor4d(toUnit(pixels.subarray(from * row, (from + n) * row)), [n, h, w, c]);
};

/** Bytes as numbers in [0, 1]. A plain loop: `Float32Array.from` with a function takes ten times as long. */
export function toUnit(pixels: Uint8Array): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) out[i] = pixels[i]! / 255;
  return out;
}

/** Hands out batches of a data set that lies on the device: images are uploaded once, points and sets of them are drawn afresh. */
export type Batcher = {
  /** Rows a full pass visits, in whole batches. */
  readonly stepsPerEpoch: number;
  /** The batch of a step. Call inside `tf.tidy`. */
  batch(step: number, order: Int32Array | null, settings: Readonly<Record<string, Value>>, rng: Rng): Batches[BatchKind];
  /** The training set for `epoch`. Throws where there is none: points and sets have no end, and what is simulated belongs to the method. */
  readonly epochData: EpochData;
  dispose(): void;
};

export function createBatcher(data: Dataset, kind: BatchKind, batchSize: number): Batcher {
  if (data.kind === 'images' || data.kind === 'scenes') return imageBatcher(data, kind, batchSize);
  if (data.kind === 'volumes') return sliceBatcher(data, batchSize);
  return {
    stepsPerEpoch: 100,
    batch: (step, _order, _settings, rng) => {
      if (data.kind === 'simulated') return { rows: batchSize };
      const drawn = data.sample(batchSize, rng.split('points', step), 'train');
      return { x: tf.tensor(drawn, [batchSize, ...data.shape]) as tf.Tensor3D | tf.Tensor2D };
    },
    epochData: {
      size: 0,
      map: () => Promise.reject(new Error(`${data.name} is drawn without end: it has no training set to pass over`)),
    },
    dispose: () => {},
  };
}

function imageBatcher(data: ImageDataset | SceneDataset, kind: BatchKind, batchSize: number): Batcher {
  const { size } = data.train;
  if (size < batchSize)
    throw new Error(`batchSize is ${batchSize}, but ${data.name} has only ${size} training images: take a smaller batch`);
  // Uploaded when first asked for: a run that only stands for comparison never is.
  let uploaded: tf.Tensor4D | null = null;
  const all = () => {
    uploaded ??= tf.keep(toImages(data.train.pixels, data.shape));
    return uploaded;
  };
  const stepsPerEpoch = Math.floor(size / batchSize);
  let shuffled: { epoch: number; order: Int32Array } = { epoch: -1, order: new Int32Array() };
  const rows = (step: number, order: Int32Array | null, rng: Rng): Int32Array => {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (!order && shuffled.epoch !== epoch) shuffled = { epoch, order: rng.split('epoch', epoch).permutation(size) };
    const at = (step % stepsPerEpoch) * batchSize;
    return (order ?? shuffled.order).subarray(at, at + batchSize);
  };
  return {
    stepsPerEpoch,
    batch: (step, order, settings, rng) => {
      const chosen = rows(step, order, rng);
      const index = tf.tensor1d(chosen, 'int32');
      const x = tf.gather(all(), index);
      const view = (which: number) => augment(x, settings, rng.split('view', step, which));
      const further = () => Array.from({ length: Number(settings.views ?? 2) - 2 }, (_, i) => view(2 + i));
      if (kind === 'views') return { views: [view(0), view(1), ...further()], index };
      if (kind === 'view') return { view: view(0), index };
      if (kind === 'labelled')
        return {
          x,
          y: tf.tensor1d(
            chosen.map((row) => data.train.labels[row]!),
            'int32',
          ),
        };
      if (kind === 'scenes' && data.kind === 'scenes') {
        const objects = packObjects(
          Array.from(chosen, (row) => data.train.objects[row]!),
          data.shape[0],
        );
        return { x, objects: tf.tensor3d(objects, [chosen.length, mostObjects, objectSize]) };
      }
      return { x };
    },
    epochData: {
      size,
      map: (f) => mapRows(size, (from, count) => f(tf.slice(all(), [from, 0, 0, 0], [count, -1, -1, -1]))),
    },
    dispose: () => uploaded?.dispose(),
  };
}

/** Slices of all volumes, and of the first `labelled` ones in an order that the seed draws. Epochs have no order. */
function sliceBatcher({ name, shape, slices, classes, train }: VolumeDataset, batchSize: number): Batcher {
  const row = shape[0] * shape[1];
  /** The rows of bytes, one after another. */
  const gathered = (bytes: Uint8Array, rows: Int32Array) => {
    const out = new Uint8Array(rows.length * row);
    for (const [i, at] of rows.entries()) out.set(bytes.subarray(at * row, (at + 1) * row), i * row);
    return out;
  };
  const pixelsOf = (rows: Int32Array) => toImages(gathered(train.pixels, rows), shape);
  const labelsOf = (rows: Int32Array) => {
    const labels = tf.tensor1d(Int32Array.from(gathered(train.labels, rows)), 'int32');
    return tf.reshape(tf.oneHot(labels, classes.length), [rows.length, shape[0], shape[1], classes.length]) as tf.Tensor4D;
  };
  return {
    stepsPerEpoch: Math.max(1, Math.floor(train.size / batchSize)),
    batch: (step, _order, { labelled }, rng) => {
      const volumes = rng.split('labelled volumes').permutation(train.volumes).subarray(0, Number(labelled));
      const draws = rng.split('slices', step);
      const rows = Int32Array.from({ length: batchSize }, () => draws.integer(train.size));
      const twins = rows.map((at) => (at + slices * (1 + draws.integer(train.volumes - 1))) % train.size);
      const known = rows.map(() => volumes[draws.integer(volumes.length)]! * slices + draws.integer(slices));
      return {
        x: pixelsOf(rows),
        twins: pixelsOf(twins),
        height: tf.tensor1d(Array.from(rows, (at) => ((at % slices) + 0.5) / slices)),
        labelled: { x: pixelsOf(known), y: labelsOf(known) },
      };
    },
    epochData: { size: 0, map: () => Promise.reject(new Error(`${name} is drawn slice by slice: it has no order to pass over`)) },
    dispose: () => {},
  };
}

/** Throws an Error if `order`, the rows of an epoch in a snapshot, was not chosen by this method for these data and batches. */
export function checkOrder(order: Int32Array, { name, epoch }: Pick<Method, 'name' | 'epoch'>, data: Dataset, batchSize: number): void {
  const wrong = (what: string) =>
    new Error(`The snapshot's "order" ${what}: it belongs to another run or is damaged; go on from another snapshot of this run`);
  if (!epoch || !('train' in data)) throw wrong(`chooses rows, which ${name} on ${data.name} never does`);
  const { size } = data.train;
  const visited = size - (size % batchSize);
  if (order.length < visited)
    throw wrong(`has ${order.length} rows, but an epoch of ${data.name} in batches of ${batchSize} visits ${visited} images`);
  const bad = order.findIndex((row) => row < 0 || row >= size);
  if (bad >= 0) throw wrong(`is ${order[bad]} at place ${bad}, but the training images of ${data.name} are rows 0 to ${size - 1}`);
}

/** Rows 0 … n − 1 of what `f` makes of `count` rows at a time, computed one batch after another and read back. */
export async function mapRows(
  n: number,
  f: (from: number, count: number) => tf.Tensor2D,
  { batch = 250, breathe = holdBreath }: { batch?: number; breathe?: Breathe } = {},
): Promise<{ values: Float32Array; columns: number }> {
  let values = new Float32Array();
  let columns = 0;
  for (let from = 0; from < n; from += batch) {
    await breathe();
    const y = tf.tidy(() => f(from, Math.min(batch, n - from)));
    const part = await y.data<'float32'>();
    columns = y.shape[1];
    if (from === 0) values = new Float32Array(n * columns);
    values.set(part, from * columns);
    y.dispose();
  }
  return { values, columns };
}
