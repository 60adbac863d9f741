import type { ImageDataset, ImageSplit } from './dataset.ts';

/** Pixels a side of a quarter of a scene, and of a digit in it. */
export const [quarterSide, glyphSide] = [16, 12] as const;
const area = glyphSide * glyphSide;

/** Digits of a class that are looked at: of the training images, and of those held out. */
const looked = { train: 150, test: 30 } as const;
/** Share of the held-out digits that stay; those farthest from all training digits go. */
const kept = 0.95;

/** Small digits, [n × 12 × 12] bytes. */
export type Glyphs = { readonly pixels: Uint8Array; readonly labels: Uint8Array };

/** The middle 24 × 24 pixels of MNIST's first digits of each class, halved by averaging and with more contrast: strokes of one pixel stay bright. */
function shrink({ size, pixels, labels }: ImageSplit, each: number): Glyphs {
  const left = new Array<number>(10).fill(each);
  const rows = Array.from({ length: size }, (_, i) => i).filter((i) => left[labels[i]!]!-- > 0);
  const out = new Uint8ClampedArray(rows.length * area);
  for (const [k, row] of rows.entries())
    for (let p = 0; p < area; p++) {
      const at = row * 784 + (2 + 2 * Math.floor(p / glyphSide)) * 28 + 2 + 2 * (p % glyphSide);
      out[k * area + p] = 0.4 * (pixels[at]! + pixels[at + 1]! + pixels[at + 28]! + pixels[at + 29]!);
    }
  return { pixels: new Uint8Array(out.buffer), labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

const chosen = ({ pixels, labels }: Glyphs, rows: readonly number[]): Glyphs => ({
  pixels: Uint8Array.from(rows.flatMap((i) => [...pixels.subarray(i * area, (i + 1) * area)])),
  labels: Uint8Array.from(rows, (i) => labels[i]!),
});

/**
 * Reads the digit of a quarter [16 × 16] in [0, 1]: of all windows within a pixel of where the ink's middle says, the one nearest to some
 * known glyph, all ink outside of it counted as error. −1 where even that is farther than √limit: no digit, or not one alone.
 */
export function reader(
  { pixels, labels }: Glyphs,
  limit: number,
): (quarter: Float32Array) => { readonly digit: number; readonly d: number } {
  const glyphs = Float32Array.from(pixels, (v) => v / 255);
  const patch = new Float32Array(area);
  const around = (middle: number) => [-1, 0, 1].map((by) => Math.round(middle - glyphSide / 2) + by);
  const inside = (at: number) => at >= 0 && at < quarterSide;
  return (quarter) => {
    let [ink, down, right, power, brightest] = [0, 0, 0, 0, 0];
    quarter.forEach((v, p) => {
      ink += v;
      down += v * (Math.floor(p / quarterSide) + 0.5);
      right += v * ((p % quarterSide) + 0.5);
      power += v * v;
      brightest = Math.max(brightest, v);
    });
    // Rounding apart, what is exactly at the limit is a digit.
    let [d, digit] = [limit + 1e-3, -1];
    // Without a bright pixel it is a blur: a faint one lies near every thin digit.
    if (brightest < 0.7) return { digit, d };
    for (const r of around(down / ink))
      for (const c of around(right / ink)) {
        let outside = power;
        for (let p = 0; p < area; p++) {
          const [row, column] = [r + Math.floor(p / glyphSide), c + (p % glyphSide)];
          patch[p] = inside(row) && inside(column) ? quarter[row * quarterSide + column]! : 0;
          outside -= patch[p]! ** 2;
        }
        for (let j = 0; j < labels.length; j++) {
          let found = Math.max(0, outside);
          for (let p = 0, at = j * area; p < area && found < d; p++, at++) found += (patch[p]! - glyphs[at]!) ** 2;
          if (found < d) [d, digit] = [found, labels[j]!];
        }
      }
    return { digit, d };
  };
}

/** A glyph in the middle of an empty quarter. */
function quarterOf({ pixels }: Glyphs, i: number): Float32Array {
  const quarter = new Float32Array(quarterSide * quarterSide);
  const margin = (quarterSide - glyphSide) / 2;
  for (let p = 0; p < area; p++)
    quarter[(margin + Math.floor(p / glyphSide)) * quarterSide + margin + (p % glyphSide)] = pixels[i * area + p]! / 255;
  return quarter;
}

/**
 * The digits that scenes are made of, and what makes a picture count as one. Of the training images those whose nearest other is of the
 * same class (Wilson 1972); of the held-out ones those that a reader of these gets right, but for the few farthest. `limit` is the largest
 * squared distance of one that stays: what is farther is no digit.
 */
export function cleanGlyphs({ train, test }: Pick<ImageDataset, 'train' | 'test'>): {
  readonly train: Glyphs;
  readonly test: Glyphs;
  readonly limit: number;
} {
  const all = shrink(train, looked.train);
  const indices = ({ labels }: Glyphs) => Array.from(labels, (_, i) => i);
  const known = chosen(
    all,
    indices(all).filter((i) => all.labels[nearestOther(all, i)] === all.labels[i]),
  );
  const held = shrink(test, looked.test);
  const read = reader(known, Number.POSITIVE_INFINITY);
  const right = indices(held)
    .map((i) => ({ i, ...read(quarterOf(held, i)) }))
    .filter(({ i, digit }) => digit === held.labels[i])
    .sort((a, b) => a.d - b.d);
  const stay = right.slice(0, Math.ceil(kept * right.length));
  return {
    train: known,
    test: chosen(
      held,
      stay.map(({ i }) => i),
    ),
    limit: stay.at(-1)?.d ?? 0,
  };
}

/** The glyph nearest to number i but itself. */
function nearestOther({ pixels, labels }: Glyphs, i: number): number {
  let [index, least] = [-1, Number.POSITIVE_INFINITY];
  for (let j = 0; j < labels.length; j++) {
    let d = j === i ? least : 0;
    for (let p = 0; p < area && d < least; p++) d += (pixels[i * area + p]! - pixels[j * area + p]!) ** 2;
    if (d < least) [index, least] = [j, d];
  }
  return index;
}
