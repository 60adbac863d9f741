import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, type Dense, dense, initConv, initDense, initMlp, mlp } from './layers.ts';
import { type Belief, cells, featureWidth, type Gaussian, gaussian, mapSide, placeSize } from './symbols.ts';

/** Channels of the map that grows, and hidden numbers of what reads it whole. */
const [channels, hidden] = [32, 128] as const;

/**
 * StructDRAW: a global latent in T parts, z = (z₁ … z_T), each of which adds to a map of cells what the parts before it have left open.
 * What part t may be is read off the whole map so far, p(z_t | h_{t−1}); posterior q(z_t | x, h_{t−1}). At the end each cell reads its own
 * prior off its place in the map: p(presence, place, what | z).
 * Jiang & Ahn 2020, sec. 3.2, arXiv 2010.12152. Differs: residual convolutions in place of a convolutional LSTM, a vector for each z_t,
 * and small widths.
 */
export type StructDraw = {
  readonly eye: Dense;
  readonly posterior: readonly Dense[];
  readonly prior: readonly Dense[];
  readonly spread: Dense;
  readonly convs: readonly Conv[];
  readonly start: tf.Tensor4D;
  readonly belief: readonly Dense[];
};

export function initStructDraw(latents: number, what: number, rng: Rng): StructDraw {
  const map = cells * channels;
  return {
    eye: initDense(cells * featureWidth, hidden, rng.split('eye')),
    posterior: initMlp([hidden + map, hidden, 2 * latents], rng.split('posterior'), 0.7),
    prior: initMlp([map, hidden, 2 * latents], rng.split('prior'), 0.1),
    spread: initDense(latents, map, rng.split('spread')),
    convs: [0, 1].map((i) => initConv(3, channels, channels, rng.split('conv', i), i ? 0.5 : 1)),
    start: tf.mul(0.1, rng.split('start').normals<tf.Rank.R4>([1, mapSide, mapSide, channels])),
    belief: initMlp([channels, 64, 1 + 2 * placeSize + 2 * what], rng.split('belief'), 0.1),
  };
}

const whole = (map: tf.Tensor4D): tf.Tensor2D => tf.reshape(map, [map.shape[0], -1]);

/** z_t joins the map [N, 4, 4, C]: spread over all cells, then two convolutions, added to what is there. */
function grow({ spread, convs: [first, second] }: StructDraw, map: tf.Tensor4D, z: tf.Tensor2D): tf.Tensor4D {
  const seed = tf.reshape(dense(z, spread.w, spread.b), map.shape) as tf.Tensor4D;
  const inner = conv2d(tf.relu(tf.add(map, seed)) as tf.Tensor4D, first!.w, first!.b, { activation: 'relu' });
  return tf.add(map, tf.add(seed, conv2d(inner, second!.w, second!.b))) as tf.Tensor4D;
}

export type Step = { readonly q: Gaussian; readonly p: Gaussian };
type Draw = (g: Gaussian, t: number) => tf.Tensor2D;
const begin = ({ start }: StructDraw, n: number): tf.Tensor4D => tf.mul(start, tf.ones([n, 1, 1, 1]));

/** Follows an image's features [N, 4, 4, D] through T steps: the two Gaussians of every step, and the map at the end. */
export function follow(
  net: StructDraw,
  features: tf.Tensor4D,
  steps: number,
  draw: Draw,
): { readonly steps: readonly Step[]; readonly map: tf.Tensor4D } {
  const image = dense(whole(features), net.eye.w, net.eye.b, 'relu');
  let map = begin(net, features.shape[0]);
  const taken = Array.from({ length: steps }, (_, t) => {
    const q = gaussian(mlp(net.posterior, tf.concat([image, whole(map)], 1)));
    const p = gaussian(mlp(net.prior, whole(map)));
    map = grow(net, map, draw(q, t));
    return { q, p };
  });
  return { steps: taken, map };
}

/** Dreams n maps up, with the prior alone. */
export function dream(net: StructDraw, n: number, steps: number, draw: Draw): tf.Tensor4D {
  let map = begin(net, n);
  for (let t = 0; t < steps; t++) map = grow(net, map, draw(gaussian(mlp(net.prior, whole(map))), t));
  return map;
}

/** What the map says of its cells. */
export function believe({ belief }: StructDraw, map: tf.Tensor4D, what: number): Belief {
  const rows = tf.reshape(tf.relu(map), [-1, channels]) as tf.Tensor2D;
  const [presence, place, look] = tf.split(mlp(belief, rows), [1, 2 * placeSize, 2 * what], 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  return { presence: tf.reshape(presence, [map.shape[0], cells]), place: gaussian(place), what: gaussian(look) };
}
