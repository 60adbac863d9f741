import type { ImageShape } from '../data/dataset.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, type Dense, dense, doubling, initConv, initDense, initDoubling, initMlp, mlp } from './layers.ts';
import { initLayerNorm, type LayerNorm, layerNorm } from './slot-attention.ts';

/** Where each place of an h × w grid lies, [h·w, 12]: distances from the four borders in [0, 1], and sine and cosine of π and 2π times them. */
function placesOf(h: number, w: number): tf.Tensor2D {
  const waves = (t: number) => [t, 1 - t, ...[1, 2].flatMap((k) => [Math.sin(k * Math.PI * t), Math.cos(k * Math.PI * t)])];
  return tf.tensor2d(Array.from({ length: h * w }, (_, i) => [...waves(Math.floor(i / w) / (h - 1)), ...waves((i % w) / (w - 1))]));
}
const placeColumns = 12;

/** A linear map of each place, [1, h, w, D]. */
const placed = ({ w: weights, b }: Dense, h: number, w: number): tf.Tensor4D =>
  tf.reshape(dense(placesOf(h, w), weights, b), [1, h, w, -1]);

/** An image as a set of features that know their places: convolutions, the first of stride 2, then the same MLP at every place. */
export type PlacedEncoder = {
  readonly convs: readonly Conv[];
  readonly place: Dense;
  readonly norm: LayerNorm;
  readonly mlp: readonly Dense[];
};

export const initPlacedEncoder = (channels: number, width: number, rng: Rng): PlacedEncoder => ({
  convs: [5, 3, 3].map((size, i) => initConv(size, i ? width : channels, width, rng.split('conv', i))),
  place: initDense(placeColumns, width, rng.split('place'), 0.5),
  norm: initLayerNorm(width),
  mlp: initMlp([width, width, width], rng.split('mlp')),
});

/** [N, H, W, C] → [N, H/2 · W/2, D]. */
export function placedFeatures({ convs, place, norm, mlp: layers }: PlacedEncoder, x: tf.Tensor4D): tf.Tensor3D {
  const seen = convs.reduce((h, { w, b }, i) => conv2d(h, w, b, { activation: 'relu', ...(i ? {} : { stride: 2, input: 'data' }) }), x);
  const [n, height, width, channels] = seen.shape;
  const rows = tf.reshape(tf.add(seen, placed(place, height, width)), [n * height * width, channels]) as tf.Tensor2D;
  return tf.reshape(mlp(layers, layerNorm(norm, rows)), [n, height * width, channels]);
}

/**
 * A spatial-broadcast decoder (Watters et al. 2019, arXiv 1901.07017): a slot is spread over a grid a quarter as high and wide as the
 * image, every place adds where it is, and transposed convolutions make a mask of that.
 * Differs: a slot paints in one colour, which it says at once; so it gains nothing from holding things of two colours.
 */
export type BroadcastDecoder = {
  readonly slot: Dense;
  readonly place: Dense;
  readonly up: readonly Conv[];
  readonly out: Conv;
  readonly colour: Dense;
};

export function initBroadcastDecoder(channels: number, width: number, rng: Rng): BroadcastDecoder {
  const [half, quarter] = [Math.ceil(width / 2), Math.ceil(width / 4)];
  return {
    slot: initDense(width, width, rng.split('slot')),
    place: initDense(placeColumns, width, rng.split('place')),
    up: [initDoubling(width, half, rng.split('up', 0)), initDoubling(half, quarter, rng.split('up', 1))],
    out: initConv(3, quarter, 1, rng.split('out'), 0.1),
    colour: initDense(width, channels, rng.split('colour'), 0.5),
  };
}

/** What slots paint: each one's colour, [N, K, C], around 0.5, and its share of each pixel, [N, H·W, K]. */
export type Painting = { readonly colours: tf.Tensor3D; readonly shares: tf.Tensor3D };

/** Paints slots [N, K, D]. A softmax over slots makes the shares, so those of a pixel sum to 1. */
export function paint({ slot, place, up, out, colour }: BroadcastDecoder, slots: tf.Tensor3D, [h, w]: ImageShape): Painting {
  const [n, count, width] = slots.shape;
  const rows = tf.reshape(slots, [n * count, width]) as tf.Tensor2D;
  const spread = tf.reshape(dense(rows, slot.w, slot.b), [n * count, 1, 1, -1]) as tf.Tensor4D;
  const coarse = tf.relu(tf.add(spread, placed(place, h / 4, w / 4))) as tf.Tensor4D;
  const logits = conv2d(
    up.reduce((maps, layer) => doubling(layer, maps), coarse),
    out.w,
    out.b,
  );
  return {
    colours: tf.reshape(tf.add(0.5, dense(rows, colour.w, colour.b)), [n, count, -1]),
    shares: tf.softmax(tf.transpose(tf.reshape(logits, [n, count, h * w]), [0, 2, 1])),
  };
}

/** The image that all slots paint together: at each pixel the mean of their colours by their shares, [N, H, W, C]. */
export const blend = ({ colours, shares }: Painting, [h, w, channels]: ImageShape): tf.Tensor4D =>
  tf.reshape(tf.matMul(shares, colours), [-1, h, w, channels]);

/** Shares [N, H·W, K] slot by slot, [N, K, H, W]. */
export const mapsOf = (shares: tf.Tensor3D, [h, w]: ImageShape): tf.Tensor4D =>
  tf.reshape(tf.transpose(shares, [0, 2, 1]), [shares.shape[0], -1, h, w]);

/** What each slot paints, [N, K, H, W, C]. */
export const imagesOf = ({ colours }: Painting, [h, w, channels]: ImageShape): tf.Tensor5D =>
  tf.mul(tf.reshape(colours, [colours.shape[0], -1, 1, 1, channels]), tf.ones([1, 1, h, w, 1]));
