import * as fc from 'fast-check';
import { strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { build, chosenRows, splitRows, Troubled } from '../../../src/data/own/build.ts';
import { type Choices, firstChoices, type Pixels } from '../../../src/data/own/found.ts';
import { toShape } from '../../../src/data/own/resize.ts';
import { idxFile } from '../files.ts';
import { open, png, pngOf, value } from './files.ts';

const how = (change: Partial<Choices> = {}) => ({ kind: 'grey', fit: 'crop', background: 'black', ...change }) as const;
const picture = (width: number, height: number, channels: 1 | 3 | 4, at: (y: number, x: number, c: number) => number): Pixels => ({
  ...{ width, height, channels },
  data: Uint8Array.from({ length: width * height * channels }, (_, i) =>
    at(Math.floor(i / (width * channels)), Math.floor(i / channels) % width, i % channels),
  ),
});

describe('a picture becomes an image', () => {
  it('that has the shape already: byte for byte', () => {
    const grey = picture(28, 28, 1, (y, x) => value(3, y, x));
    expect(toShape(grey, how())).toEqual(grey.data);
    const colour = picture(32, 32, 3, (y, x, c) => value(3, y, x, c));
    for (const fit of ['crop', 'fit', 'stretch'] as const) expect(toShape(colour, how({ kind: 'colour', fit }))).toEqual(colour.data);
  });

  it('of one colour stays that colour, at every size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), fc.nat(255), (width, height, v) => {
        expect(
          new Set(
            toShape(
              picture(width, height, 3, () => v),
              how({ kind: 'colour', fit: 'stretch' }),
            ),
          ),
        ).toEqual(new Set([v]));
        expect(
          new Set(
            toShape(
              picture(width, height, 1, () => v),
              how(),
            ),
          ),
        ).toEqual(new Set([v]));
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('by the triangle filter: a ramp stays a ramp, and halving weighs 1, 3, 3, 1', () => {
    const ramp = toShape(
      picture(84, 28, 1, (_, x) => 3 * x),
      how({ fit: 'stretch' }),
    );
    // Centre of output pixel x: input 3x + 1, where the ramp is 9x + 3; at the borders the filter has but one half.
    for (let x = 1; x < 27; x++) expect(ramp[x]).toBe(Math.min(255, 9 * x + 3));
    const dot = toShape(
      picture(56, 28, 1, (_, x) => (x === 20 ? 240 : 0)),
      how({ fit: 'stretch' }),
    );
    expect([...dot.subarray(8, 13)]).toEqual([0, 30, 90, 0, 0]);
  });

  it('cropped to its middle, or whole between bars', () => {
    const flag = picture(84, 28, 1, (_, x) => (x < 28 ? 10 : x < 56 ? 20 : 30));
    expect(new Set(toShape(flag, how({ fit: 'crop' })))).toEqual(new Set([20]));
    const fitted = toShape(flag, how({ fit: 'fit', background: 'white' }));
    // 84 × 28 becomes 28 × 9: bars of 9 above and 10 below.
    expect(fitted[8 * 28 + 5]).toBe(255);
    expect(fitted[9 * 28 + 4]).toBe(10);
    expect(fitted[17 * 28 + 24]).toBe(30);
    expect(fitted[18 * 28 + 5]).toBe(255);
  });

  it('with grey as luma and opacity over the background', () => {
    const clear = picture(32, 32, 4, (_y, _x, c) => [200, 100, 50, 51][c]!);
    expect([...toShape(clear, how({ kind: 'colour' })).subarray(0, 3)]).toEqual([40, 20, 10]);
    expect([...toShape(clear, how({ kind: 'colour', background: 'white' })).subarray(0, 3)]).toEqual([244, 224, 214]);
    const opaque = picture(28, 28, 3, (_y, _x, c) => [200, 100, 50][c]!);
    expect(toShape(opaque, how())[0]).toBe(Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50));
  });
});

describe('the split', () => {
  const labels = fc.uint8Array({ minLength: 12, maxLength: 300, max: 5 });
  it('divides every label by its share, holds each row once, and follows the seed', () => {
    fc.assert(
      fc.property(labels, fc.double({ min: 0.05, max: 0.5, noNaN: true }), fc.nat(1000), (all, heldOut, seed) => {
        const rows = chosenRows(all.length, { most: all.length, seed });
        expect([...rows]).toEqual([...all.keys()]);
        const { train, test } = splitRows(rows, all, null, { heldOut, seed });
        expect([...train, ...test].sort((a, b) => a - b)).toEqual([...all.keys()]);
        for (const label of new Set(all)) {
          const members = all.filter((each) => each === label).length;
          expect(test.filter((row) => all[row] === label).length).toBe(Math.min(members - 1, Math.round(heldOut * members)));
        }
        expect(splitRows(rows, all, null, { heldOut, seed })).toEqual({ train, test });
      }),
      { numRuns: 100, seed: 6 },
    );
    const rows = chosenRows(200, { most: 200, seed: 1 });
    const other = (seed: number) => [...splitRows(rows, new Uint8Array(200), null, { heldOut: 0.2, seed }).test];
    expect(other(1)).not.toEqual(other(2));
  });

  it('is that of the set itself where it has one; fewer images are drawn by seed', () => {
    const heldOut = Uint8Array.from({ length: 50 }, (_, i) => Number(i % 5 === 0));
    const rows = chosenRows(50, { most: 20, seed: 3 });
    expect(new Set(rows).size).toBe(20);
    expect(rows).not.toEqual(chosenRows(50, { most: 20, seed: 4 }));
    const { train, test } = splitRows(rows, new Uint8Array(50), heldOut, { heldOut: 0.5, seed: 3 });
    expect([...train].every((row) => row % 5 !== 0) && [...test].every((row) => row % 5 === 0)).toBe(true);
    expect(train.length + test.length).toBe(20);
  });
});

describe('a set', () => {
  const about = { id: 'own-1', created: '2030-01-01T00:00:00.000Z', progress: () => {} };
  const pets = (more: Record<string, Uint8Array> = {}) =>
    open({
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`pets/${n % 2 ? 'cat' : 'dog'}/${n}.png`, png(32, 32, () => n)])),
      ...more,
    });

  it('keeps each image with its label, in both parts', async () => {
    const found = await pets();
    const seen: number[] = [];
    const set = await build(found, { ...firstChoices(found, 'colour'), seed: 7 }, { ...about, progress: (done) => void seen.push(done) });
    expect(set.info).toEqual({
      ...{ id: 'own-1', created: about.created, name: 'pets', format: 'PNG, JPEG or WebP pictures', shape: [32, 32, 3] },
      ...{ classes: ['cat', 'dog'], train: 32, test: 8, left: 0, bytes: 40 * 3073 },
    });
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    const values: number[] = [];
    for (const { size, pixels, labels } of [set.train, set.test])
      for (let i = 0; i < size; i++) {
        const n = pixels[3072 * i]!;
        expect(new Set(pixels.subarray(3072 * i, 3072 * (i + 1)))).toEqual(new Set([n]));
        expect(set.info.classes[labels[i]!]).toBe(n % 2 ? 'cat' : 'dog');
        values.push(n);
      }
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });

  it('without labels has one class', async () => {
    const found = await pets();
    const { info, train } = await build(found, { ...firstChoices(found, 'grey'), labeling: -1 }, about);
    expect(info.classes).toEqual(['unlabelled']);
    expect(new Set(train.labels)).toEqual(new Set([0]));
  });

  it('is not made while a picture cannot be read, unless that is left out', async () => {
    const found = await pets({
      'pets/cat/bad.png': strToU8('bad'),
      'pets/cat/cut.png': pngOf(0).slice(0, 50),
      'pets/notes.txt': strToU8('notes'),
    });
    const choices = firstChoices(found, 'grey');
    const refusal = (await build(found, choices, about).catch((error) => error)) as Troubled;
    expect(refusal).toBeInstanceOf(Troubled);
    expect(refusal.troubles.map(({ file }) => file).sort()).toEqual(['pets/cat/bad.png', 'pets/cat/cut.png', 'pets/notes.txt']);
    const { info } = await build(found, { ...choices, leaveOut: true }, about);
    expect([info.train + info.test, info.left]).toEqual([40, 3]);
  });

  it('needs 25 images, a name, a part held out, and can be given up', async () => {
    const few = await open({ 'd/a.png': pngOf(0), 'd/b.png': pngOf(1) });
    await expect(build(few, firstChoices(few, 'grey'), about)).rejects.toThrow('d has 2 images; expected at least 25');
    const found = await pets();
    const choices = firstChoices(found, 'grey');
    await expect(build(found, { ...choices, name: ' ' }, about)).rejects.toThrow('The name is empty');
    await expect(build(found, { ...choices, heldOut: 0.9 }, about)).rejects.toThrow('expected 0.05 to 0.5');
    const stop = () => Promise.reject(new Error('given up'));
    await expect(build(found, choices, { ...about, progress: stop })).rejects.toThrow('given up');
  });

  it('of arrays, with their own split', async () => {
    const images = (size: number) => idxFile([size, 6, 5], new Uint8Array(size * 30));
    const found = await open({ 'train-images': images(30), 't10k-images': images(7) });
    const { info } = await build(found, firstChoices(found, 'grey'), about);
    expect([info.train, info.test]).toEqual([30, 7]);
    const short = await open({ 'train-images': images(30), 't10k-images': images(4) });
    await expect(build(short, firstChoices(short, 'grey'), about)).rejects.toThrow(
      'would have 30 training and 4 held-out images; expected at least 20 and 5',
    );
  });
});
