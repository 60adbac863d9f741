import { ntXent } from '../losses/contrastive.ts';
import { conv2d, initConv, initMlp, mlp } from '../nets/layers.ts';
import { adam } from '../ops/adam.ts';
import { rng as stream } from '../ops/random.ts';
import { leaves, tidy, unflatten } from '../ops/tree.ts';
import * as tf from '../tf.ts';

/** Images a step (each is seen twice), their side in pixels, and the channels after each convolution. */
export type BenchSize = { readonly batch: number; readonly side: number; readonly widths: readonly number[] };
export const benchSize: BenchSize = { batch: 128, side: 32, widths: [32, 64, 128] };

export const benchTemperature = 0.5;
export const benchLearningRate = 1e-3;
const channels = 3;
const strideOf = (layer: number) => (layer === 0 ? 1 : 2);

export type BenchStep = {
  /** One step: forward, backward, Adam. Returns the loss, which the caller reads and disposes; not for use inside `tf.tidy`. */
  step(): tf.Scalar;
  dispose(): void;
};

/** Multiply-adds × 2 of one step: forward, and the gradients by filters and by inputs, of which the images need none. */
export function benchFlops({ batch, side, widths }: BenchSize): number {
  const views = 2 * batch;
  let last = channels;
  let height = side;
  const forward = widths.map((out, i) => {
    height = Math.ceil(height / strideOf(i));
    const each = height * height * 9 * last * out;
    last = out;
    return views * each;
  });
  const head = views * (last * last + (last * last) / 2);
  const similarity = (views * views * last) / 2;
  const products = forward.reduce((sum, n, i) => sum + n * (i === 0 ? 2 : 3), 0) + 3 * (head + similarity);
  return 2 * products;
}

/**
 * What every version of the step starts from, decided by the seed: both views [2·batch, side, side, 3] in [0, 1] and the initial
 * weights. The images are noise, for speed depends on shapes alone; the second view is the first with a fifth of it drawn anew.
 */
export function benchInputs({ batch, side, widths }: BenchSize, seed: number) {
  const root = stream(seed);
  const image = () => [batch, side, side, channels] as [number, number, number, number];
  const first = root.split('images').uniforms<tf.Rank.R4>(image());
  const second = tf.add(tf.mul(first, 0.8), tf.mul(root.split('noise').uniforms<tf.Rank.R4>(image()), 0.2)) as tf.Tensor4D;
  const convolutions = widths.map((out, i) => initConv(3, i === 0 ? channels : widths[i - 1]!, out, root.split('conv', i)));
  const last = widths.at(-1)!;
  return {
    views: tf.concat([first, second]),
    params: { convolutions, projector: initMlp([last, last, last / 2], root.split('projector')) },
  };
}

/**
 * The step by which engines are compared: SimCLR's loss (NT-Xent) on convolutions 3×3 (the first of stride 1, the others of 2) with
 * ReLU, their average over the image, and a projector of two dense layers; Adam. Built of the layers that the methods are built of.
 */
export function createBenchStep(size: BenchSize = benchSize, seed = 0): BenchStep {
  const { views, params: initial } = tidy(() => benchInputs(size, seed));
  const optimizer = adam();
  let params = initial;
  let moments = optimizer.init(leaves(params));

  const loss = (): tf.Scalar => {
    const maps = params.convolutions.reduce(
      (h, { w, b }, i) => conv2d(h, w, b, { stride: strideOf(i), activation: 'relu', input: i === 0 ? 'data' : 'hidden' }),
      views,
    );
    const [n, height, , width] = maps.shape;
    const h = tf.reshape(tf.avgPool(maps, height, height, 'valid'), [n, width]) as tf.Tensor2D;
    const [a, b] = tf.split(mlp(params.projector, h), 2) as [tf.Tensor2D, tf.Tensor2D];
    return ntXent(a, b, benchTemperature);
  };
  const owned = () => [...leaves(params), moments.m, moments.v];

  return {
    step: () => {
      const before = owned();
      const result = tidy(() => {
        const flat = leaves(params);
        const { value, grads } = tf.engine().gradients(loss, flat, undefined, true);
        const updated = optimizer.update(flat, grads, moments, benchLearningRate, 0);
        return { loss: value as tf.Scalar, ...updated };
      });
      params = unflatten(params, result.params);
      moments = result.moments;
      const kept = new Set(owned().map(({ id }) => id));
      tf.dispose(before.filter(({ id }) => !kept.has(id)));
      return result.loss;
    },
    dispose: () => tf.dispose([views, ...owned()]),
  };
}
