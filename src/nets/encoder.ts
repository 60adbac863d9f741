import type { ImageShape } from '../data/dataset.ts';
import { conv2d } from '../ops/fused.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, initConv } from './layers.ts';

/** A convolutional encoder: 3×3 convolutions of stride 2, each with ReLU. */
export type Encoder = readonly Conv[];

/** Channels after each convolution, and into how many cells a side the last feature maps are averaged. */
export const encoderWidths = [32, 64] as const;
export const encoderCells = 4;

export const initEncoder = ([, , channels]: ImageShape, rng: Rng, widths: readonly number[] = encoderWidths): Encoder =>
  widths.map((out, i) => initConv(3, i === 0 ? channels : widths[i - 1]!, out, rng.split('conv', i)));

/** Feature maps: [N, H, W, C] in [0, 1] → [N, ⌈H/2ᴸ⌉, ⌈W/2ᴸ⌉, D] for L layers. Rows do not mix: there is no normalization. */
export const featureMaps = (encoder: Encoder, x: tf.Tensor4D): tf.Tensor4D =>
  encoder.reduce((h, { w, b }, i) => conv2d(h, w, b, { stride: 2, activation: 'relu', input: i === 0 ? 'data' : 'hidden' }), centre(x));

/** Numbers in the feature maps of one image. */
export const featureSize = ([h, w]: ImageShape, encoder: Encoder): number => {
  const [height, width] = encoder.reduce(([a, b]) => [Math.ceil(a / 2), Math.ceil(b / 2)], [h, w] as [number, number]);
  return height * width * encoder[encoder.length - 1]!.b.size;
};

/** Width of the representation of `encode`. */
export const representation = (encoder: Encoder, cells: number = encoderCells): number =>
  cells * cells * encoder[encoder.length - 1]!.b.size;

/** The representation h: [N, cells²·D], the feature maps averaged over cells × cells parts of the image. */
export function encode(encoder: Encoder, x: tf.Tensor4D, cells: number = encoderCells): tf.Tensor2D {
  const maps = featureMaps(encoder, x);
  const side = Math.ceil(maps.shape[1] / cells);
  return tf.reshape(tf.avgPool(maps, side, side, 'same'), [x.shape[0], -1]);
}

/** [0, 1] → [−1, 1]: inputs of both signs train faster. */
const centre = (x: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.mul(x, 2), 1);
