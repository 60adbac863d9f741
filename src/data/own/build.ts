import { type Numbers, numbers } from '../../ops/numbers.ts';
import type { ImageSplit } from '../dataset.ts';
import { LARGEST_FILE } from '../gzip.ts';
import { wrong } from '../wrong.ts';
import { type Choices, type Found, sentenceOf, shapes, type Trouble } from './found.ts';
import { toShape } from './resize.ts';
import type { OwnInfo, OwnSet } from './store.ts';

/** The fewest images that make a set: nearest neighbours need 20, and pictures of held-out images a few. */
const FEWEST_TRAIN = 20;
const FEWEST_TEST = 5;
const FEWEST = FEWEST_TRAIN + FEWEST_TEST;
/** So many troubles are looked for before an import is given up. */
const MOST_TROUBLES = 100;

/** Some pictures could not be read. Nothing was kept; what can be done is to leave them out. */
export class Troubled extends Error {
  override name = 'Troubled';
  readonly troubles: readonly Trouble[];
  constructor(troubles: readonly Trouble[]) {
    super(troubles[0]!.message);
    this.troubles = troubles;
  }
}

/** The classes that a set has under these choices; one, "unlabelled", where it has no labels. */
export const classesOf = ({ labelings }: Found, { labeling }: Pick<Choices, 'labeling'>): readonly string[] =>
  labelings[labeling]?.classes ?? ['unlabelled'];

/** Rows and labels of a set under these choices, before anything is decoded. */
export const labelsOf = ({ labelings, size }: Found, { labeling }: Pick<Choices, 'labeling'>): Uint8Array =>
  labelings[labeling]?.labels ?? new Uint8Array(size);

/** The rows that are kept: all, or `most` of them drawn by seed, in their order. */
export function chosenRows(size: number, { most, seed }: Pick<Choices, 'most' | 'seed'>): Int32Array {
  const all = numbers(seed).split('own', 'rows').permutation(size);
  return all.subarray(0, Math.max(0, most)).sort();
}

/**
 * Divides rows into training and held-out ones, each in random order: as the set itself says, else `share` of every label, rounded,
 * and never all of it. The same rows, labels and seed give the same split.
 */
export function splitRows(
  rows: Int32Array,
  labels: Uint8Array,
  heldOut: Uint8Array | null,
  { heldOut: share, seed }: Pick<Choices, 'heldOut' | 'seed'>,
): { readonly train: Int32Array; readonly test: Int32Array } {
  const rng = numbers(seed).split('own', 'split');
  const [train, test]: [number[], number[]] = [[], []];
  if (heldOut) for (const row of rows) (heldOut[row] ? test : train).push(row);
  else
    for (const label of new Set(rows.map((row) => labels[row]!))) {
      const members = shuffled(
        rows.filter((row) => labels[row] === label),
        rng.split('label', label),
      );
      const held = Math.min(members.length - 1, Math.round(share * members.length));
      members.forEach((row, i) => void (i < held ? test : train).push(row));
    }
  return { train: shuffled(Int32Array.from(train), rng.split('train')), test: shuffled(Int32Array.from(test), rng.split('test')) };
}

const shuffled = (rows: Int32Array, rng: Numbers): Int32Array => rng.permutation(rows.length).map((i) => rows[i]!);

/** Images as they would be kept, of the rows that are asked for; a `Trouble` in place of one that cannot be read. */
export async function preview(found: Found, choices: Choices, rows: readonly number[]): Promise<(Uint8Array | Trouble)[]> {
  const out: (Uint8Array | Trouble)[] = [];
  for (const row of rows) out.push(await image(found, choices, row));
  return out;
}

async function image(found: Found, choices: Choices, row: number): Promise<Uint8Array | Trouble> {
  try {
    return toShape(await found.picture(row), choices);
  } catch (error) {
    return { file: found.nameOf(row), message: sentenceOf(error, found.nameOf(row)) };
  }
}

/**
 * Reads, decodes and resamples every chosen image and divides them: a whole set, ready to be kept, or nothing. `progress` hears
 * of the images that are done and may throw to give up. Throws `Troubled` for pictures that cannot be read unless they are to
 * be left out, and an Error for choices that cannot be met.
 */
export async function build(
  found: Found,
  choices: Choices,
  {
    id,
    created,
    progress,
  }: { readonly id: string; readonly created: string; readonly progress: (done: number, total: number) => void | Promise<void> },
): Promise<OwnSet> {
  const { shape, rows } = check(found, choices);
  const length = shape[0] * shape[1] * shape[2];
  const pixels = new Uint8Array(rows.length * length);
  const troubles: Trouble[] = choices.leaveOut ? [] : [...found.troubles];
  const left: number[] = [];
  const kept: number[] = [];
  for (const [i, row] of rows.entries()) {
    const made = await image(found, choices, row);
    if (made instanceof Uint8Array) {
      pixels.set(made, kept.length * length);
      kept.push(row);
    } else {
      left.push(row);
      if (!choices.leaveOut) troubles.push(made);
      if (troubles.length >= MOST_TROUBLES) break;
    }
    await progress(i + 1, rows.length);
  }
  if (troubles.length > 0) throw new Troubled(troubles);
  const place = new Map(kept.map((row, i) => [row, i]));
  const labels = labelsOf(found, choices);
  const { train, test } = splitRows(Int32Array.from(kept), labels, found.heldOut, choices);
  if (train.length < FEWEST_TRAIN || test.length < FEWEST_TEST)
    throw wrong(
      choices.name,
      `would have ${train.length} training and ${test.length} held-out images`,
      `at least ${FEWEST_TRAIN} and ${FEWEST_TEST}`,
      'Take more images, or another share held out',
    );
  const split = (order: Int32Array): ImageSplit => {
    const out = { size: order.length, pixels: new Uint8Array(order.length * length), labels: new Uint8Array(order.length) };
    order.forEach((row, i) => {
      const from = place.get(row)! * length;
      out.pixels.set(pixels.subarray(from, from + length), i * length);
      out.labels[i] = labels[row]!;
    });
    return out;
  };
  const info: OwnInfo = {
    id,
    name: choices.name.trim(),
    created,
    format: found.format,
    shape,
    classes: classesOf(found, choices),
    train: train.length,
    test: test.length,
    left: left.length + (choices.leaveOut ? found.troubles.length : 0),
    bytes: (train.length + test.length) * (length + 1),
  };
  return { info, train: split(train), test: split(test) };
}

/** The rows and the shape of a set, or an error for what cannot be met. */
function check(found: Found, choices: Choices) {
  const shape = shapes[choices.kind];
  const name = choices.name.trim();
  if (name === '' || name.length > 60)
    throw wrong('The name', name === '' ? 'is empty' : `has ${name.length} letters`, '1 to 60', 'Write another one');
  if (!(choices.heldOut >= 0.05 && choices.heldOut <= 0.5))
    throw wrong('The share held out', `is ${choices.heldOut}`, '0.05 to 0.5', 'Choose another one');
  const rows = chosenRows(found.size, choices);
  if (rows.length < FEWEST) throw wrong(name, `has ${rows.length} images`, `at least ${FEWEST}`, 'Choose more images');
  const bytes = rows.length * shape[0] * shape[1] * shape[2];
  if (bytes > LARGEST_FILE)
    throw wrong(name, `has ${rows.length} images, ${bytes} bytes in all`, `at most ${LARGEST_FILE} bytes`, 'Keep fewer images');
  return { shape, rows };
}

/** Up to `count` rows that show every class, in the order of the classes. */
export function previewRows(found: Found, choices: Choices, count: number): number[] {
  const labels = labelsOf(found, choices);
  const byClass = new Map<number, number[]>();
  for (const row of chosenRows(found.size, choices)) {
    const rows = byClass.get(labels[row]!) ?? [];
    if (rows.length < count) byClass.set(labels[row]!, [...rows, row]);
  }
  const classes = [...byClass].sort(([a], [b]) => a - b).slice(0, count);
  const each = Math.max(1, Math.floor(count / Math.max(1, classes.length)));
  return classes.flatMap(([, rows]) => rows.slice(0, each));
}

/** What a page shows of files before they become a set. */
export type Summary = Pick<Found, 'format' | 'name' | 'size' | 'troubles'> & {
  readonly labelings: readonly { readonly name: string; readonly classes: readonly { readonly name: string; readonly count: number }[] }[];
  /** Images that the set itself holds out; null where it does not say. */
  readonly heldOut: number | null;
};

export const summaryOf = ({ format, name, size, troubles, labelings, heldOut }: Found): Summary => ({
  ...{ format, name, size, troubles },
  labelings: labelings.map((labeling) => {
    const counts = new Uint32Array(labeling.classes.length);
    for (const label of labeling.labels) counts[label]!++;
    return { name: labeling.name, classes: labeling.classes.map((each, i) => ({ name: each, count: counts[i]! })) };
  }),
  heldOut: heldOut?.reduce((n, held) => n + held, 0) ?? null,
});
