import { unknown } from '../nearest.ts';

/** The small language of stacks of layers, "fold, (linear, spline)×4": names with commas, repeats, groups in parentheses. No tensors here. */

/** One row: [D] numbers, a set of [K, 2] points, or [H, W, C] feature maps. */
type Row = readonly number[];
const forms = ['numbers', 'sets', 'maps'] as const;
type Form = (typeof forms)[number];
const formOf = (row: Row): Form => forms[row.length - 1]!;

type Layer = {
  /** What it does to data on the way to noise. */
  readonly does: string;
  readonly kind: 'bijection' | 'surjection' | 'stochastic';
  /** What it works on, and how many numbers or channels it needs. */
  readonly on: readonly Form[];
  readonly atLeast?: number;
  /** Whether the likelihood is only bounded. */
  readonly bound?: true;
  /** Whether it makes reals of pixels, and so stands before all others. */
  readonly first?: boolean;
  /** The row after it, where that is another; of maps it halves height and width. */
  readonly to?: (row: Row) => Row;
};

const pooled = (row: Row): Row => [row[0]! / 2, row[1]! / 2, row[2]!];

const numbers: readonly Form[] = ['numbers'];
const maps: readonly Form[] = ['maps'];
const both: readonly Form[] = ['numbers', 'maps'];
/** Of a set it takes the coordinates of all points one after another. */
const flat: readonly Form[] = ['numbers', 'sets'];

/** Every layer of the language. */
export const layers = {
  affine: { kind: 'bijection', on: forms, atLeast: 2, does: 'stretches and shifts half of the numbers as a network of the others says' },
  spline: {
    kind: 'bijection',
    on: flat,
    atLeast: 2,
    does: 'bends half of the numbers by splines that a network of the others chooses',
  },
  curve: { kind: 'bijection', on: flat, does: 'bends each number by a spline of its own' },
  actnorm: { kind: 'bijection', on: forms, does: 'scales and shifts each number' },
  linear: { kind: 'bijection', on: forms, atLeast: 2, does: 'multiplies by an invertible matrix; on images a 1 × 1 convolution' },
  swap: { kind: 'bijection', on: forms, does: 'reverses the order of the numbers' },
  equivariant: {
    kind: 'bijection',
    on: ['sets'],
    does: 'bends one coordinate of every point as a network of the other and of all points says, whatever their order',
  },
  squeeze: { kind: 'bijection', on: maps, to: ([h, w, c]) => [h! / 2, w! / 2, 4 * c!], does: 'turns 2 × 2 pixels into channels' },
  abs: { kind: 'surjection', on: numbers, does: 'drops all signs; they are fair coins' },
  fold: { kind: 'surjection', on: numbers, atLeast: 2, does: 'drops the sign of the first number; a network learns it' },
  sort: { kind: 'surjection', on: flat, atLeast: 2, does: 'drops the order, of points by their first coordinate; each is as likely' },
  max: {
    kind: 'surjection',
    on: both,
    to: (row) => (row.length === 1 ? [1] : pooled(row)),
    does: 'keeps the largest, on images of 2 × 2 pixels; the others lie half-normally below',
  },
  slice: {
    kind: 'surjection',
    on: both,
    to: (row) => (row.length === 1 ? [Math.floor(row[0]! / 2)] : pooled(row)),
    does: 'keeps the first half, on images one of 2 × 2 pixels; the others are Gaussian',
  },
  dequantize: { kind: 'surjection', on: maps, bound: true, first: true, does: 'adds uniform noise to pixels of 256 levels' },
  vardequantize: { kind: 'surjection', on: maps, bound: true, first: true, does: 'the same with noise that a network of the image shapes' },
  vae: { kind: 'stochastic', on: numbers, bound: true, does: 'draws a code, as a VAE does' },
  augment: { kind: 'stochastic', on: numbers, bound: true, to: ([d]) => [2 * d!], does: 'adds as many random numbers' },
  shuffle: { kind: 'stochastic', on: flat, atLeast: 2, bound: true, does: 'puts the numbers, or the points, in a random order' },
} as const satisfies Record<string, Layer>;
export type LayerName = keyof typeof layers;

const names = Object.keys(layers);
/** No more layers than this, repeats counted. */
const most = 40;

const word = '[A-Za-z]+';
const times = '(?:\\s*[×*]\\s*\\d{1,2})?';
const group = `\\(\\s*${word}${times}(?:\\s*,\\s*${word}${times})*\\s*\\)`;
const item = `(?:${word}|${group})${times}`;
/** What a stack looks like; `parseStack` and `readStack` say what else may be wrong. */
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

const words: Readonly<Record<Form, string>> = { numbers: 'numbers', sets: 'sets of points', maps: 'images' };

/** Whether a layer works on such rows at all. */
export const worksOn = (name: LayerName, row: Row): boolean => (layers[name] as Layer).on.includes(formOf(row));

/** Why a layer cannot stand where its row is this, or null. */
function wrongFor(name: LayerName, row: Row, place: number): string | null {
  const { on, to, first = false, atLeast = name === 'slice' ? 2 : 1 }: Layer = layers[name];
  const image = row.length === 3;
  const count = image ? row[2]! : row.reduce((n, s) => n * s, 1);
  if (!worksOn(name, row)) return `works on ${on.map((form) => words[form]).join(' and ')} only`;
  if (image && first !== (place === 0))
    return place ? 'belongs at the start' : 'cannot be the first on images: that is dequantize or vardequantize';
  if (image && to && (row[0]! % 2 || row[1]! % 2)) return `halves the image, and ${row[0]} × ${row[1]} arrives there`;
  const needed = image && name === 'slice' ? 1 : atLeast;
  return count < needed ? `needs at least ${needed} ${image ? 'channels' : 'numbers'}, and ${count} arrives there` : null;
}

/**
 * The layers of a stack on rows of that shape: the row after each (first the row itself), and whether the likelihood is exact. Throws
 * as `parseStack` does, and a sentence that names the first layer that cannot stand where it stands, and why.
 */
export function readStack(text: string, row: Row): { names: LayerName[]; rows: Row[]; exact: boolean } {
  const found = parseStack(text);
  const rows = [row];
  for (const [i, name] of found.entries()) {
    const wrong = wrongFor(name, rows[i]!, i);
    if (wrong) throw new Error(`Layer ${i + 1} of the stack, ${name}, ${wrong}`);
    const { to }: Layer = layers[name];
    rows.push(to?.(rows[i]!) ?? rows[i]!);
  }
  return { names: found, rows, exact: found.every((name) => !('bound' in layers[name])) };
}
