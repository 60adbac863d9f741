import { type LayerName, readStack } from '../stack.ts';
import { actnorm, affineCoupling, linear, squeeze, swap } from './bijections.ts';
import { curve, splineCoupling } from './spline.ts';
import { augment, shuffle, vae } from './stochastic.ts';
import { abs, dequantize, fold, max, maxPool, slice, slicePool, sort } from './surjections.ts';
import { chain, type Row, type Transform } from './transform.ts';

type Make = (row: Row, width: number, turn: number) => Transform;

const makers: { readonly [K in LayerName]: Make } = {
  affine: (row, width, turn) => affineCoupling(row, turn, width),
  spline: (row, width, turn) => splineCoupling(row, turn, width),
  curve,
  actnorm,
  linear,
  swap,
  squeeze,
  abs,
  fold,
  sort,
  max: (row) => (row.length === 1 ? max(row) : maxPool(row)),
  slice: (row, width) => (row.length === 1 ? slice(row, width) : slicePool(row)),
  dequantize,
  vae,
  augment,
  shuffle,
};

/**
 * The flow of a stack, from data to noise; couplings keep the first and the second half in turn; `width` is that of their networks.
 * Throws as `readStack` does.
 */
export function stack(text: string, row: Row, width: number): ReturnType<typeof chain> {
  const { names, rows } = readStack(text, row);
  let turn = 0;
  return chain(
    row,
    names.map((name, i) => makers[name](rows[i]!, width, name === 'affine' || name === 'spline' ? turn++ : 0)),
  );
}
