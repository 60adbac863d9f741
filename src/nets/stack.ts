import { unknown } from '../nearest.ts';

/** The small language of stacks of layers, "fold, (linear, spline)×4": names with commas, repeats, groups in parentheses. No tensors here. */

/** Every layer and what it does to data on the way to noise, in one line. */
export const layers = {
  affine: 'bijection: half of the numbers, stretched and shifted as a network of the other half says',
  spline: 'bijection: half of the numbers, bent by splines that a network of the other half chooses',
  curve: 'bijection: each number bent by a spline of its own',
  actnorm: 'bijection: each number scaled and shifted',
  linear: 'bijection: an invertible matrix (on images a 1×1 convolution)',
  swap: 'bijection: the numbers in reverse order',
  squeeze: 'bijection: 2×2 pixels become channels',
  abs: 'surjection: drops all signs; they are fair coins',
  fold: 'surjection: drops the sign of the first number; a network learns it',
  sort: 'surjection: drops the order; every order is as likely',
  max: 'surjection: keeps the largest (on images of 2×2 pixels); the others lie half-normally below',
  slice: 'surjection: keeps the first half (on images one of 2×2 pixels); the rest is Gaussian',
  dequantize: 'surjection: pixels of 256 levels get uniform noise; a bound',
  vae: 'stochastic: draws a code, as a VAE does; a bound',
  augment: 'stochastic: adds as many random numbers; a bound',
  shuffle: 'stochastic: a random order; a bound',
} as const;
export type LayerName = keyof typeof layers;

const names = Object.keys(layers);
/** No more layers than this, repeats counted. */
const most = 40;

const word = '[A-Za-z]+';
const times = '(?:\\s*[×*]\\s*\\d{1,2})?';
const group = `\\(\\s*${word}${times}(?:\\s*,\\s*${word}${times})*\\s*\\)`;
const item = `(?:${word}|${group})${times}`;
/** What a stack looks like; `parseStack` says what else may be wrong. */
export const stackPattern = new RegExp(`\\s*${item}(?:\\s*,\\s*${item})*\\s*`);

/**
 * The layers of a stack in order, repeats written out. Throws a sentence that names the layer for one that does not exist, for a
 * repeat of 0 times, and for more than 40 layers in all.
 */
export function parseStack(text: string): LayerName[] {
  const found: LayerName[] = [];
  for (const [, single, inner, count] of text.matchAll(new RegExp(`(?:(${word})|\\(([^)]*)\\))\\s*(?:[×*]\\s*(\\d+))?`, 'g'))) {
    if (count === '0') throw new Error(`The stack repeats ${single ?? `(${inner})`} 0 times; expected at least once, or leave it out`);
    if (single && !names.includes(single)) throw new Error(unknown('layer', single, names));
    const once = single ? [single as LayerName] : parseStack(inner!);
    for (let i = 0; i < Number(count ?? 1); i++) found.push(...once);
    if (found.length > most) throw new Error(`The stack has more than ${most} layers, repeats counted; take some away`);
  }
  return found;
}
