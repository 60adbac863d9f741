import type { ImageShape } from '../data/dataset.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Coupling, couple, initImageCoupling, initPointCoupling, uncouple } from './coupling.ts';

/** One layer of a flow without its weights; `shape` is one row's before the layer. */
export type Layer =
  | { readonly kind: 'couple'; readonly shape: readonly number[]; readonly mask: 'checkerboard' | 'halves'; readonly keep: 'even' | 'odd' }
  /** [H, W, C] → [H/2, W/2, 4C]: space becomes channels. */
  | { readonly kind: 'squeeze'; readonly shape: readonly number[] }
  /** The second half of the channels leaves as noise. */
  | { readonly kind: 'factor'; readonly shape: readonly number[] };

const alternating = (count: number, mask: 'checkerboard' | 'halves', shape: readonly number[]): Layer[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'couple', shape, mask, keep: i % 2 === 0 ? 'even' : 'odd' }));

/**
 * The layers of Real NVP (sec. 3.4–3.6, arXiv:1605.08803). Points: `count` couplings that keep one coordinate in turn. Images: at
 * each of two scales `count` couplings with a checkerboard mask, a squeeze, `count` with a channel mask, and half of the channels
 * factored out; then `count` + 1 with a checkerboard at the last scale.
 */
export function layersOf(shape: ImageShape | readonly [2], count: number): Layer[] {
  if (shape.length === 1) return alternating(count, 'halves', shape);
  let [h, w, c] = shape;
  const layers: Layer[] = [];
  for (let scale = 0; scale < 2; scale++) {
    layers.push(...alternating(count, 'checkerboard', [h, w, c]), { kind: 'squeeze', shape: [h, w, c] });
    [h, w, c] = [h / 2, w / 2, 4 * c];
    layers.push(...alternating(count, 'halves', [h, w, c]), { kind: 'factor', shape: [h, w, c] });
    c /= 2;
  }
  return [...layers, ...alternating(count + 1, 'checkerboard', [h, w, c])];
}

/** Weights for every 'couple' layer, in order. On images `width` halves at full size, where pixels are many and channels few. */
export const initFlow = (layers: readonly Layer[], width: number, rng: Rng): Coupling[] =>
  layers
    .filter(({ kind }) => kind === 'couple')
    .map(({ shape }, i) => {
      const [size, , channels] = shape as [number, number?, number?];
      const stream = rng.split('coupling', i);
      if (channels === undefined) return initPointCoupling(size, width, stream);
      return initImageCoupling(channels, size === layers[0]!.shape[0] ? Math.ceil(width / 2) : width, stream);
    });

/** For every 'couple' layer, in order: 1 where it keeps its input; [1, …row]. */
export const masksOf = (layers: readonly Layer[]): tf.Tensor[] =>
  layers.flatMap((layer) => (layer.kind === 'couple' ? [maskOf(layer)] : []));

function maskOf({ shape, mask, keep }: Extract<Layer, { kind: 'couple' }>): tf.Tensor {
  const [height, width = 1, channels = 1] = shape.length === 1 ? [1, 1, shape[0]!] : shape;
  const odd = keep === 'odd' ? 1 : 0;
  const values: number[] = [];
  for (let i = 0; i < height!; i++)
    for (let j = 0; j < width; j++)
      for (let c = 0; c < channels; c++) values.push((mask === 'checkerboard' ? (i + j) % 2 : Number(c >= channels / 2)) === odd ? 1 : 0);
  return tf.tensor(values, [1, ...shape]);
}

/** [N, H, W, C] → [N, H/2, W/2, 4C] of rows [H, W, C], by reshapes and one transposition of rank 4. */
export function squeeze(x: tf.Tensor, [h, w, c]: readonly number[]): tf.Tensor {
  const pairs = tf.transpose(tf.reshape(x, [-1, 2, w! / 2, 2 * c!]), [0, 2, 1, 3]);
  return tf.reshape(pairs, [-1, h! / 2, w! / 2, 4 * c!]);
}

/** The inverse of `squeeze`. */
export function unsqueeze(x: tf.Tensor, [h, w, c]: readonly number[]): tf.Tensor {
  const pairs = tf.transpose(tf.reshape(x, [-1, w! / 2, 2, 2 * c!]), [0, 2, 1, 3]);
  return tf.reshape(pairs, [-1, h!, w!, c!]);
}

const flat = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [x.shape[0]!, -1]);

/** What a flow is made of: its layers, and for every 'couple' layer, in order, weights and mask. */
export type Flow = { readonly layers: readonly Layer[]; readonly couplings: readonly Coupling[]; readonly masks: readonly tf.Tensor[] };

/** Data → noise: x [N, …row] → z [N, D] with log|det ∂z/∂x| [N], nats. */
export function flowForward({ layers, couplings, masks }: Flow, x: tf.Tensor): { z: tf.Tensor2D; logDet: tf.Tensor1D } {
  let h = x;
  let logDet: tf.Tensor1D = tf.zeros([x.shape[0]!]);
  let next = 0;
  const noise: tf.Tensor2D[] = [];
  for (const layer of layers) {
    if (layer.kind === 'couple') {
      const coupled = couple(couplings[next]!, masks[next]!, h);
      next++;
      h = coupled.z;
      logDet = tf.add(logDet, coupled.logDet);
    } else if (layer.kind === 'squeeze') {
      h = squeeze(h, layer.shape);
    } else {
      const [stays, leaves] = tf.split(h, 2, -1) as [tf.Tensor, tf.Tensor];
      noise.push(flat(leaves));
      h = stays;
    }
  }
  return { z: tf.concat([...noise, flat(h)], 1), logDet };
}

/** Noise → data: the exact inverse. Also every stage on the way, from the noise to the data; stages of images are partial. */
export function flowInverse({ layers, couplings, masks }: Flow, z: tf.Tensor2D): tf.Tensor[] {
  const factors = layers.filter(({ kind }) => kind === 'factor').map(({ shape }) => shape.reduce((n, s) => n * s, 1) / 2);
  const parts = tf.split(z, [...factors, z.shape[1] - factors.reduce((n, s) => n + s, 0)], 1);
  let next = couplings.length;
  const last = layers[layers.length - 1]!;
  let h: tf.Tensor = tf.reshape(parts.pop()!, [-1, ...last.shape]);
  const stages = [h];
  for (const layer of [...layers].reverse()) {
    const { shape } = layer;
    if (layer.kind === 'couple') {
      next--;
      h = uncouple(couplings[next]!, masks[next]!, h).x;
    } else if (layer.kind === 'squeeze') h = unsqueeze(h, shape);
    else h = tf.concat([h, tf.reshape(parts.pop()!, [-1, shape[0]!, shape[1]!, shape[2]! / 2])], -1);
    stages.push(h);
  }
  return stages;
}
