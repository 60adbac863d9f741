import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Dense, initMlp, mlp } from './layers.ts';

/** How many numbers describe an object: those in [0, 1], presence first, and the groups of which one alone is true. */
export type ObjectNumbers = { readonly free: number; readonly groups: readonly number[] };

export const initObjectHead = (width: number, { free, groups }: ObjectNumbers, rng: Rng): readonly Dense[] =>
  initMlp([width, 2 * width, groups.reduce((sum, n) => sum + n, free)], rng, 0.5);

/** What each slot says of its object, the same network for all: [N, K, D] → [N, K, free + Σ groups], sigmoids and then softmaxes. */
export function describeSlots(head: readonly Dense[], slots: tf.Tensor3D, { free, groups }: ObjectNumbers): tf.Tensor3D {
  const [n, count, width] = slots.shape;
  const said = mlp(head, tf.reshape(slots, [n * count, width]));
  const [shares, ...chosen] = tf.split(said, [free, ...groups], 1);
  return tf.reshape(tf.concat([tf.sigmoid(shares!), ...chosen.map((group) => tf.softmax(group))], 1), [n, count, -1]);
}
