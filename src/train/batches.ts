import type { Dataset, ImageDataset } from '../data/dataset.ts';
import { augment } from '../data/views.ts';
import type { Value } from '../hparams.ts';
import type { Batches, BatchKind, EpochData } from '../methods/method.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';

/** Bytes as float32 images in [0, 1], rows `from` … `from + count − 1`. */
export const toImages = (pixels: Uint8Array, [h, w, c]: readonly [number, number, number], from = 0, count?: number): tf.Tensor4D => {
  const row = h * w * c;
  const n = count ?? pixels.length / row - from;
  const values = Float32Array.from(pixels.subarray(from * row, (from + n) * row), (v) => v / 255);
  return tf.tensor4d(values, [n, h, w, c]);
};

/** Hands out batches of a data set that lies on the device: images are uploaded once, points are drawn afresh. */
export type Batcher = {
  /** Rows a full pass visits, in whole batches. */
  readonly stepsPerEpoch: number;
  /** The batch of a step. Call inside `tf.tidy`. */
  batch(step: number, order: Int32Array | null, settings: Readonly<Record<string, Value>>, rng: Rng): Batches[BatchKind];
  /** The training set for `epoch`. Throws on points, which have no end. */
  readonly epochData: EpochData;
  dispose(): void;
};

export function createBatcher(data: Dataset, kind: BatchKind, batchSize: number): Batcher {
  return data.kind === 'points' ? pointBatcher(data, batchSize) : imageBatcher(data, kind, batchSize);
}

const pointBatcher = (data: Extract<Dataset, { kind: 'points' }>, batchSize: number): Batcher => ({
  stepsPerEpoch: 100,
  batch: (step, _order, _settings, rng) => ({ x: tf.tensor2d(data.sample(batchSize, rng.split('points', step)), [batchSize, 2]) }),
  epochData: {
    size: 0,
    map: () => Promise.reject(new Error(`${data.name} is sampled without end: it has no training set to pass over`)),
  },
  dispose: () => {},
});

function imageBatcher(data: ImageDataset, kind: BatchKind, batchSize: number): Batcher {
  const { size } = data.train;
  if (size < batchSize)
    throw new Error(`batchSize is ${batchSize}, but ${data.name} has only ${size} training images: take a smaller batch`);
  const all = tf.keep(toImages(data.train.pixels, data.shape));
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
      const index = tf.tensor1d(rows(step, order, rng), 'int32');
      const x = tf.gather(all, index);
      const view = (which: number) => augment(x, settings, rng.split('view', step, which));
      if (kind === 'views') return { views: [view(0), view(1)], index };
      if (kind === 'view') return { view: view(0), index };
      return { x };
    },
    epochData: {
      size,
      map: (f) => mapRows(all, f),
    },
    dispose: () => all.dispose(),
  };
}

/** Rows of `f(x)` computed in batches and read back one after another. */
export async function mapRows(
  x: tf.Tensor4D,
  f: (x: tf.Tensor4D) => tf.Tensor2D,
  batch = 250,
): Promise<{ values: Float32Array; columns: number }> {
  const n = x.shape[0];
  let values = new Float32Array();
  let columns = 0;
  for (let from = 0; from < n; from += batch) {
    const y = tf.tidy(() => f(tf.slice(x, [from, 0, 0, 0], [Math.min(batch, n - from), -1, -1, -1])));
    const part = await y.data<'float32'>();
    columns = y.shape[1];
    if (from === 0) values = new Float32Array(n * columns);
    values.set(part, from * columns);
    y.dispose();
  }
  return { values, columns };
}
