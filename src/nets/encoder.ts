import type { ImageShape } from '../data/dataset.ts';
import { conv2d } from '../ops/fused.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, initConv } from './layers.ts';

/** A convolutional encoder: 3×3 convolutions of stride 2, each with ReLU, then the mean over space. */
export type Encoder = readonly Conv[];

/** Channels after each convolution; the last is the width of the representation. */
export const encoderWidths = [32, 64, 128] as const;
export const representation = encoderWidths[encoderWidths.length - 1]!;

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

/** The representation h: [N, D], feature maps averaged over space. */
export const encode = (encoder: Encoder, x: tf.Tensor4D): tf.Tensor2D => tf.mean(featureMaps(encoder, x), [1, 2]);

/** [0, 1] → [−1, 1]: inputs of both signs train faster. */
const centre = (x: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.mul(x, 2), 1);
