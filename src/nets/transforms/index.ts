import { type LayerName, parseStack } from '../stack.ts';
import { actnorm, affineCoupling, linear, squeeze, swap } from './bijections.ts';
import { curve, splineCoupling } from './spline.ts';
import { augment, shuffle, vae } from './stochastic.ts';
import { abs, dequantize, fold, max, maxPool, slice, slicePool, sort } from './surjections.ts';
import { chain, type Row, type Transform } from './transform.ts';

type Maker = {
  /** Whether it works on numbers [D], on feature maps [H, W, C] or on both, and how many numbers or channels it needs. */
  readonly on: 'numbers' | 'maps' | 'both';
  readonly atLeast?: number;
  /** Whether it halves height and width. */
  readonly halves?: 'maps';
  readonly make: (row: Row, o: { readonly turn: number; readonly width: number }) => Transform;
};

const makers: { readonly [K in LayerName]: Maker } = {
  affine: { on: 'both', atLeast: 2, make: (row, { turn, width }) => affineCoupling(row, turn, width) },
  spline: { on: 'numbers', atLeast: 2, make: (row, { turn, width }) => splineCoupling(row, turn, width) },
  curve: { on: 'numbers', make: curve },
  actnorm: { on: 'both', make: actnorm },
  linear: { on: 'both', atLeast: 2, make: linear },
  swap: { on: 'both', make: swap },
  squeeze: { on: 'maps', halves: 'maps', make: squeeze },
  abs: { on: 'numbers', make: abs },
  fold: { on: 'numbers', atLeast: 2, make: (row, { width }) => fold(row, width) },
  sort: { on: 'numbers', atLeast: 2, make: sort },
  max: { on: 'both', halves: 'maps', make: (row) => (row.length === 1 ? max(row) : maxPool(row)) },
  slice: { on: 'both', halves: 'maps', make: (row, { width }) => (row.length === 1 ? slice(row, width) : slicePool(row)) },
  dequantize: { on: 'maps', make: dequantize },
  vae: { on: 'numbers', make: (row, { width }) => vae(row, width) },
  augment: { on: 'numbers', make: (row, { width }) => augment(row, width) },
  shuffle: { on: 'numbers', atLeast: 2, make: shuffle },
};

/** Why a layer cannot stand where its row is this, or null. */
function wrongFor(name: LayerName, row: Row, place: number): string | null {
  const { on, atLeast = 1, halves } = makers[name];
  const maps = row.length === 3;
  const [height = 1, width = 1] = row;
  const channels = row.at(-1)!;
  if (on === (maps ? 'numbers' : 'maps')) return `works on ${maps ? 'points' : 'images'} only`;
  if (name === 'slice' && !maps && channels < 2) return 'needs at least 2 numbers, and 1 arrives there';
  if (channels < atLeast) return `needs at least ${atLeast} ${maps ? 'channels' : 'numbers'}, and ${channels} arrives there`;
  if (halves && maps && (height % 2 || width % 2)) return `halves the image, and ${height} × ${width} arrives there`;
  if (maps && (name === 'dequantize') !== (place === 0))
    return place ? 'belongs at the start' : 'cannot be the first on images: that is dequantize';
  return null;
}

/**
 * The flow of a stack, from data to noise; couplings keep the first and the second half in turn. Throws a sentence that names the
 * first layer that cannot stand where it stands, and why.
 */
export function stack(text: string, row: Row, width: number): ReturnType<typeof chain> {
  const steps: Transform[] = [];
  let turn = 0;
  let at = row;
  for (const [i, name] of parseStack(text).entries()) {
    const wrong = wrongFor(name, at, i);
    if (wrong) throw new Error(`Layer ${i + 1} of the stack, ${name}, ${wrong}`);
    const step = makers[name].make(at, { turn, width });
    if (name === 'affine' || name === 'spline') turn++;
    steps.push(step);
    at = step.to;
  }
  return chain(row, steps);
}
