import * as fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { MOST_CLASSES } from '../../../src/data/own/found.ts';
import { cifar10File, idxFile } from '../files.ts';
import { open, pngOf, written } from './files.ts';

const grey = Array.from({ length: 12 * 30 }, (_, i) => (i * 7) % 256);
const planes = Uint8Array.from({ length: 3072 }, (_, i) => i % 251);
const zip = zipSync({ 'p/cat/1.png': pngOf(1), 'p/dog/2.png': [pngOf(2), { level: 0 }], 'p/dog/3.png': pngOf(3) });

/** A file of each format, and what is chosen together with it. */
const formats: readonly (readonly [string, Uint8Array, Readonly<Record<string, Uint8Array>>])[] = [
  ['p.zip', zip, {}],
  ['1.png', pngOf(1), {}],
  ['1.jpg', written('chromium', 'jpeg'), {}],
  ['1.webp', written('chromium', 'webp'), {}],
  ['x-images', idxFile([12, 6, 5], grey), { 'x-labels': idxFile([12], [...grey.slice(0, 12)]) }],
  ['x-labels.gz', gzipSync(idxFile([12], [...grey.slice(0, 12)]), { mtime: 0 }), { 'x-images': idxFile([12, 6, 5], grey) }],
  ['data_batch_1.bin', cifar10File([3, 4], [planes, planes]), {}],
  ['train.bin', Uint8Array.from([3, 4, ...planes, 5, 99, ...planes]), {}],
  ['x.npy', written('numpy', 'greyBytes'), {}],
  ['f.npy', written('numpy', 'colourFortranF4'), { 'y.npy': written('numpy', 'labels') }],
  ['y.npy', written('numpy', 'labels'), { 'x.npy': written('numpy', 'greyBytes') }],
  ['d.npz', written('numpy', 'npz'), {}],
  ['w.parquet', written('parquet', 'writer'), {}],
  ['s.parquet', written('parquet', 'snappy'), {}],
  ['g.parquet', written('parquet', 'gzip'), {}],
  ['u.parquet', written('parquet', 'uncompressed'), {}],
];

type Mutation = { readonly how: 'flip' | 'cut' | 'insert' | 'head' | 'tail'; readonly at: number; readonly byte: number };
const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom('flip', 'flip', 'cut', 'insert', 'head', 'tail'),
  at: fc.nat(),
  byte: fc.integer({ min: 1, max: 255 }),
});
function mutate(bytes: Uint8Array, { how, at, byte }: Mutation): Uint8Array {
  const place = at % bytes.length;
  if (how === 'cut') return bytes.slice(0, place);
  if (how === 'insert') return Uint8Array.from([...bytes.subarray(0, place), byte, ...bytes.subarray(place)]);
  // Headers lie at the front, and those of zip and Parquet at the end as well.
  const near =
    how === 'flip' ? place : how === 'head' ? at % Math.min(96, bytes.length) : bytes.length - 1 - (at % Math.min(400, bytes.length));
  return bytes.map((b, i) => (i === near ? b ^ byte : b));
}

/** One sentence that names a file and says what to do, in words of ours and not of the engine. */
function expectSentence(error: unknown, names: readonly string[]): void {
  expect((error as Error).constructor, String((error as Error).stack)).toBe(Error);
  const { message } = error as Error;
  expect(message).toMatch(/; (expected|get the file anew)|get the file anew$/);
  expect(message).not.toMatch(
    /undefined|NaN bytes|\[object|is not a function|Cannot read|Invalid (array|typed)|out of (bounds|range)|outside the bounds|call stack/i,
  );
  expect(message.length).toBeLessThan(700);
  expect(
    names.some((name) => message.includes(name)),
    message,
  ).toBe(true);
}

it('1,000 mutated files of all formats: a precise error or a sound set', async () => {
  const outcomes = { sound: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...formats),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async ([name, whole, others], mutations) => {
        const bytes = mutations.reduce((file, each) => (file.length > 0 ? mutate(file, each) : file), whole);
        const names = [name, ...Object.keys(others), 'p/', 'x_', 'y_', 'The choice', 'p has'];
        try {
          const found = await open({ [name]: bytes, ...others });
          expect(found.size).toBeGreaterThan(0);
          for (const { labels, classes } of found.labelings) {
            expect(labels.length).toBe(found.size);
            expect(classes.length).toBeLessThanOrEqual(MOST_CLASSES);
            expect(Math.max(...labels)).toBeLessThan(classes.length);
          }
          for (let i = 0; i < Math.min(found.size, 20); i++) {
            const picture = await found.picture(i);
            expect(picture.data.length).toBe(picture.width * picture.height * picture.channels);
          }
          outcomes.sound++;
        } catch (error) {
          if ((error as Error).name === 'AssertionError') throw error;
          expectSentence(error, names);
          outcomes.refused++;
        }
      },
    ),
    { numRuns: 1000, seed: 4 },
  );
  // Neither everything nor nothing is refused.
  expect(outcomes.sound).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(400);
});
