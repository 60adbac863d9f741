import type { ImageShape } from '../data/dataset.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Encoder, featureMaps, initEncoder } from './encoder.ts';
import { type Boxes, crop, place } from './glimpse.ts';
import { type Conv, conv2d, type Dense, dense, initConv, initDense, initMlp, mlp } from './layers.ts';

/** Cells a side of the map of symbols, pixels a side of a glyph, and the numbers of a cell's place: down, right, size, depth. */
export const [mapSide, glyphSide, placeSize] = [4, 12, 4] as const;
export const cells = mapSide * mapSide;
/** Channels of the feature maps that both encoders read. */
export const featureWidth = 64;

/** Mean and log-variance of Gaussians, [rows, D] each. */
export type Gaussian = { readonly mu: tf.Tensor2D; readonly logVar: tf.Tensor2D };
/** What is believed of cells: log-odds of presence, [N, K]; place [N·K, 4] and appearance [N·K, W], a row for each cell. */
export type Belief = { readonly presence: tf.Tensor2D; readonly place: Gaussian; readonly what: Gaussian };
/** A value of each of them: presence in [0, 1], the others unbounded. */
export type Symbols = { readonly presence: tf.Tensor2D; readonly place: tf.Tensor2D; readonly what: tf.Tensor2D };

/** [rows, 2D] → a Gaussian each, whose log-variance lies around −1 and within ±6. */
export function gaussian(out: tf.Tensor2D): Gaussian {
  const [mu, logVar] = tf.split(out, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return { mu, logVar: tf.clipByValue(tf.sub(logVar, 1), -6, 6) };
}

/** Between −1 and 1, of slope 1 at 0. */
const within = (t: tf.Tensor): tf.Tensor => tf.sub(tf.mul(2, tf.sigmoid(tf.mul(2, t))), 1);

/** Log-odds within ±4: what is nearly sure keeps a way back. */
const odds = (out: tf.Tensor, n: number): tf.Tensor2D => tf.reshape(tf.mul(4, within(tf.mul(0.25, out))), [n, cells]);

/** Sees images: feature maps; what each cell holds and where; how that looks, by a glimpse of its box. */
export type SymbolEncoder = {
  readonly maps: Encoder;
  readonly mix: Conv;
  readonly presence: Dense;
  readonly place: Dense;
  readonly glimpse: readonly Dense[];
};

/** Throws where an image is not mapSide times 2³ pixels a side and grey. */
export function initSymbolEncoder(shape: ImageShape, what: number, rng: Rng): SymbolEncoder {
  const [h, w, channels] = shape;
  if (h !== 8 * mapSide || w !== 8 * mapSide || channels !== 1)
    throw new Error(`The map of symbols needs grey images of ${8 * mapSide} × ${8 * mapSide} pixels, got ${shape.join(' × ')}`);
  return {
    maps: initEncoder(shape, rng.split('maps'), [32, featureWidth, featureWidth]),
    mix: initConv(3, featureWidth, featureWidth, rng.split('mix')),
    // At first most cells are taken: what is never tried never learns.
    presence: { ...initDense(featureWidth, 1, rng.split('presence'), 0.1), b: tf.ones([1]) },
    place: initDense(featureWidth, 2 * placeSize, rng.split('place'), 0.1),
    glimpse: initMlp([glyphSide * glyphSide, 128, 2 * what], rng.split('glimpse'), 0.5),
  };
}

/** [N, H, W, 1] → [N, 4, 4, D]. */
export const seen = ({ maps }: SymbolEncoder, x: tf.Tensor4D): tf.Tensor4D => featureMaps(maps, x);

/** What each cell holds, and where. */
export function locate({ mix, presence, place }: SymbolEncoder, maps: tf.Tensor4D): Omit<Belief, 'what'> {
  const rows = tf.reshape(conv2d(maps, mix.w, mix.b, { activation: 'relu' }), [-1, featureWidth]) as tf.Tensor2D;
  return { presence: odds(dense(rows, presence.w, presence.b), maps.shape[0]), place: gaussian(dense(rows, place.w, place.b)) };
}

/** How what lies at these places looks, [N·K, W]. */
export function lookAt({ glimpse }: SymbolEncoder, x: tf.Tensor4D, places: tf.Tensor2D): Gaussian {
  const [n, h, w] = x.shape;
  const glyphs = crop(tf.reshape(x, [n, h, w]), boxesOf(places, [h, w, 1]).boxes, glyphSide);
  return gaussian(mlp(glimpse, tf.reshape(glyphs, [n * cells, glyphSide * glyphSide])));
}

/**
 * Where cells' places lie, [N·K, 4]: a box's centre is at most one cell away from that of its own cell, its side 1.6 cells times
 * e^±½; depth [N, K, 1] is larger for what is nearer.
 */
export function boxesOf(places: tf.Tensor2D, [h, w]: ImageShape): { readonly boxes: Boxes; readonly depth: tf.Tensor3D } {
  const n = places.shape[0] / cells;
  const parts = tf.split(tf.reshape(places, [n, cells, placeSize]), placeSize, 2) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const [down, right, size, depth] = parts;
  const centre = (shift: tf.Tensor3D, pixels: number, index: (k: number) => number) => {
    const cell = pixels / mapSide;
    const middles = Array.from({ length: cells }, (_, k) => (index(k) + 0.5) * cell);
    return tf.add(tf.tensor3d(middles, [1, cells, 1]), tf.mul(cell, within(shift))) as tf.Tensor3D;
  };
  return {
    boxes: {
      y: centre(down, h, (k) => Math.floor(k / mapSide)),
      x: centre(right, w, (k) => k % mapSide),
      side: tf.mul((1.6 * h) / mapSide, tf.exp(tf.mul(0.5, within(size)))) as tf.Tensor3D,
    },
    depth,
  };
}

/** What cells paint with: an appearance makes a glyph's ink and how much of it is there; behind all lies one tone. */
export type Painter = { readonly glyph: readonly Dense[]; readonly backdrop: tf.Tensor1D };
export const initPainter = (what: number, rng: Rng): Painter => ({
  glyph: initMlp([what, 128, 2 * glyphSide * glyphSide], rng.split('glyph'), 0.5),
  backdrop: tf.fill([1], -4),
});

/** How many times as much as the backdrop a present object of depth 0 counts where its glyph is full. */
const strength = 20;

/** Things in their places: K of each image, presence 0 or 1, [N, K]; boxes; depth, [N, K, 1], larger for what is nearer; looks, [N·K, W]. */
export type Things = { readonly presence: tf.Tensor2D; readonly boxes: Boxes; readonly depth: tf.Tensor3D; readonly what: tf.Tensor2D };

export const thingsOf = ({ presence, place, what }: Symbols, shape: ImageShape): Things => ({ presence, what, ...boxesOf(place, shape) });

/** Glyphs [N·K, g, g]: their ink in [0, 1], and their weight against what else is there: strength · presence · e^depth · mask. */
function glyphsOf({ glyph }: Painter, { presence, depth, what }: Things) {
  const square = (t: tf.Tensor) => tf.reshape(t, [-1, glyphSide, glyphSide]) as tf.Tensor3D;
  const [ink, mask] = tf.split(tf.sigmoid(mlp(glyph, what)), 2, 1).map(square) as [tf.Tensor3D, tf.Tensor3D];
  const weight = tf.mul(tf.reshape(tf.mul(strength, presence), [-1, 1, 1]), tf.exp(tf.reshape(depth, [-1, 1, 1])));
  return { ink, weight: tf.mul(weight, mask) as tf.Tensor3D };
}

/**
 * The scene that things make, [N, H, W, 1]: at each pixel the mean of the glyphs' ink and the backdrop (of weight 1) by weight. So near
 * things win, and the shares of a pixel sum to 1.
 */
export function paint(painter: Painter, things: Things, [h, w]: ImageShape): tf.Tensor4D {
  const { ink, weight } = glyphsOf(painter, things);
  const all = tf.add(1, place(weight, things.boxes, [h, w]));
  const painted = tf.add(place(tf.mul(weight, ink), things.boxes, [h, w]), tf.sigmoid(painter.backdrop));
  return tf.reshape(tf.div(painted, all), [-1, h, w, 1]);
}

/** The share of each pixel that things have, [N, K, H, W], and the backdrop, [N, 1, H, W], last: the composite's masks. */
export function sharesOf(painter: Painter, things: Things, [h, w]: ImageShape): tf.Tensor4D {
  const [n, count] = things.presence.shape;
  const apart = (t: tf.Tensor3D) => tf.reshape(t, [n * count, 1, 1]) as tf.Tensor3D;
  const { y, x, side } = things.boxes;
  const each = place(glyphsOf(painter, things).weight, { y: apart(y), x: apart(x), side: apart(side) }, [h, w]);
  const weights = tf.concat([tf.reshape(each, [n, count, h, w]), tf.ones([n, 1, h, w])], 1);
  return tf.div(weights, tf.sum(weights, 1, true));
}
