import type { ImageShape } from '../data/dataset.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, type Dense, doubling, initConv, initDoubling, initMlp, mlp } from './layers.ts';

/** Latents → images: two dense layers, transposed convolutions that double height and width, a convolution to the channels. */
export type Decoder = { readonly dense: readonly Dense[]; readonly up: readonly Conv[]; readonly out: Conv };

/** Channels from the coarsest feature maps to the finest. */
const widths = [64, 32, 16] as const;
const times = 2 ** (widths.length - 1);

/** Throws if height or width cannot be halved as often as the decoder doubles them. */
export function initDecoder([h, w, channels]: ImageShape, latents: number, hidden: number, rng: Rng): Decoder {
  if (h % times || w % times) throw new Error(`The decoder needs images whose height and width are multiples of ${times}, got ${h}×${w}`);
  return {
    dense: initMlp([latents, hidden, (h / times) * (w / times) * widths[0]], rng.split('dense')),
    up: widths.slice(1).map((out, i) => initDoubling(widths[i]!, out, rng.split('up', i))),
    out: initConv(3, widths[widths.length - 1]!, channels, rng.split('out'), 0.1),
  };
}

/** [N, latents] → [N, H, W, C], unbounded: logits or means. */
export function decode({ dense, up, out }: Decoder, z: tf.Tensor2D, [h, w]: ImageShape): tf.Tensor4D {
  const coarse = tf.reshape(tf.relu(mlp(dense, z)), [z.shape[0], h / times, w / times, widths[0]]) as tf.Tensor4D;
  return conv2d(
    up.reduce((maps, layer) => doubling(layer, maps), coarse),
    out.w,
    out.b,
  );
}
