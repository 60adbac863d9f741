import * as tf from '../../tf.ts';
import { type LayerName, readStack } from '../stack.ts';
import { actnorm, affineCoupling, linear, squeeze, swap } from './bijections.ts';
import { dequantize, vardequantize } from './dequantize.ts';
import { equivariant } from './sets.ts';
import { curve, splineCoupling } from './spline.ts';
import { augment, shuffle, vae } from './stochastic.ts';
import { abs, fold, max, maxPool, slice, slicePool, sort } from './surjections.ts';
import { chain, type Row, sizeOf, type Transform } from './transform.ts';

type Make = (row: Row, width: number, turn: number) => Transform;

/** The same step on the numbers of a set, the coordinates of all its points one after another. */
const flat =
  (make: Make): Make =>
  (row, width, turn) => {
    if (row.length !== 2) return make(row, width, turn);
    const size = sizeOf(row);
    const step = make([size], width, turn);
    const numbers = (x: tf.Tensor) => tf.reshape(x, [-1, size]);
    const set = (x: tf.Tensor) => tf.reshape(x, [-1, ...row]);
    return {
      ...{ from: row, to: row, exact: step.exact, init: step.init },
      forward: (weights, x, rng) => {
        const { z, contribution } = step.forward(weights, numbers(x), rng);
        return { z: set(z), contribution };
      },
      inverse: (weights, z, rng) => set(step.inverse(weights, numbers(z), rng)),
    };
  };

const makers: { readonly [K in LayerName]: Make } = {
  affine: flat((row, width, turn) => affineCoupling(row, turn, width)),
  spline: flat((row, width, turn) => splineCoupling(row, turn, width)),
  curve: flat(curve),
  actnorm: flat(actnorm),
  linear: flat(linear),
  swap: flat(swap),
  equivariant: (row, width, turn) => equivariant(row, turn, width),
  squeeze,
  abs,
  fold,
  sort,
  max: (row) => (row.length === 1 ? max(row) : maxPool(row)),
  slice: (row, width) => (row.length === 1 ? slice(row, width) : slicePool(row)),
  dequantize,
  vardequantize,
  vae,
  augment,
  shuffle,
};

const couplings: readonly LayerName[] = ['affine', 'spline', 'equivariant'];

/**
 * The flow of a stack, from data to noise; couplings keep the first and the second half, or coordinate, in turn; `width` is that of
 * their networks. Throws as `readStack` does.
 */
export function stack(text: string, row: Row, width: number): ReturnType<typeof chain> {
  const { names, rows } = readStack(text, row);
  let turn = 0;
  return chain(
    row,
    names.map((name, i) => makers[name](rows[i]!, width, couplings.includes(name) ? turn++ : 0)),
  );
}
