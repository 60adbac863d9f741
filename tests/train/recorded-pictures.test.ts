import { describe, expect, it } from 'vitest';
import { packRecording } from '../../scripts/record-pack.ts';
import { objectSize } from '../../src/data/objects.ts';
import type { ImageGrid } from '../../src/evaluate/artifact.ts';
import type { RecordedPicture } from '../../src/train/recorded-pictures.ts';
import { parseRecording } from '../../src/train/recording.ts';
import { sampleRecording } from '../demos/sample-recording.ts';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (37 * i) % 256);
const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i)));
const images = (n: number): ImageGrid => ({ n, shape: [4, 4, 3], pixels: bytes(n * 48) });

type Kind<K> = Extract<RecordedPicture, { kind: K }>;
const sets: Kind<'sets'> = { kind: 'sets', size: 5, extent: 1.5, temperature: 1, data: wave(30), samples: wave(20) };
const annealing: Kind<'annealing'> = { kind: 'annealing', stages: 40, frames: [images(2), images(2)], nats: wave(3) };
const relations: Kind<'relations'> = {
  ...{ kind: 'relations', first: images(3), second: images(3), labels: bytes(3), scores: wave(9), of: 64 },
  ...{ means: { own: 0.9, alike: Number.NaN, other: 0.1 }, right: { own: 0.8, other: 0.7 } },
};
const round = {
  ...{ whole: images(2), images: images(6), masks: bytes(2 * 3 * 16), found: bytes(32).map((v) => v % 3), ari: wave(2) },
  attention: { side: [2, 2] as const, shares: bytes(2 * 3 * 4) },
};
const parts: Kind<'parts'> = { kind: 'parts', originals: images(2), truth: bytes(32), parts: 3, rounds: [round] };

const objects: Kind<'objects'> = {
  ...{ kind: 'objects', originals: images(2), truth: wave(2 * 5 * objectSize), slots: 3, seen: wave(6 * objectSize) },
  attention: { side: [2, 2], shares: bytes(6 * 4) },
};
const slices: Kind<'segmentation'> = {
  ...{ kind: 'segmentation', volume: 1, volumes: 10, images: images(2), truth: bytes(32), found: bytes(32) },
  dice: [0.5, Number.NaN],
};
const samples: Kind<'samples'> = {
  kind: 'samples',
  temperature: 1,
  images: images(1),
  readings: [{ digits: [3, 4, -1, 6], obeys: false }],
};
const things: Kind<'things'> = {
  ...{ kind: 'things', originals: images(2), objects: [4, 3], painted: images(2), each: 3, things: wave(30), edited: null },
};

/** What comes back of a picture that was written. */
function read(picture: RecordedPicture): RecordedPicture {
  const text = packRecording({ ...sampleRecording(), moments: [{ step: 0, pictures: [picture] }] });
  return parseRecording(text, 'x.json').moments[0]!.pictures[0]!;
}
/** The same with 24 bits a number, as few are kept. */
const close = (found: unknown, given: unknown): void => {
  if (given instanceof Float32Array) {
    expect(found).toBeInstanceOf(Float32Array);
    expect((found as Float32Array).length).toBe(given.length);
    given.forEach((value, i) => {
      expect(Math.abs((found as Float32Array)[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -16);
    });
  } else if (given && typeof given === 'object' && !(given instanceof Uint8Array)) {
    expect(Object.keys(found as object).sort()).toEqual(Object.keys(given).sort());
    for (const [key, value] of Object.entries(given)) close((found as Record<string, unknown>)[key], value);
  } else expect(found).toEqual(given);
};

describe('a picture of a recording', () => {
  it.each([sets, annealing, relations, parts, objects, slices, samples, things].map((one) => [one.kind, one] as const))(
    'of %s is read as it was written',
    (_, picture) => {
      close(read(picture), picture);
    },
  );

  const broken: readonly (readonly [string, RecordedPicture, RegExp])[] = [
    ['sets with half a point', { ...sets, data: wave(31) }, /two numbers for each of their points/],
    ['sets of no points', { ...sets, size: 0 }, /two numbers for each of their points/],
    ['walks of which one ends early', { ...annealing, frames: [images(2), images(1)] }, /an image of each walk/],
    ['walks that nobody looked at', { ...annealing, frames: [] }, /frames/],
    ['relations of unequal sides', { ...relations, second: images(2) }, /a score of each pair/],
    ['relations without a score', { ...relations, scores: wave(8) }, /a score of each pair/],
    ['parts without a round', { ...parts, rounds: [] }, /rounds/],
    ['parts with a scene less', { ...parts, rounds: [{ ...round, whole: images(1) }] }, /for each scene and slot/],
    ['parts with a slot less', { ...parts, rounds: [{ ...round, images: images(4) }] }, /for each scene and slot/],
    ['parts with shares of other pixels', { ...parts, rounds: [{ ...round, masks: bytes(80) }] }, /for each scene and slot/],
    [
      'parts that leave pixels without an owner',
      { ...parts, rounds: [{ ...round, found: new Uint8Array(31) }] },
      /for each scene and slot/,
    ],
    [
      'parts owned by a fourth of three',
      { ...parts, rounds: [{ ...round, found: new Uint8Array(32).fill(3) }] },
      /for each scene and slot/,
    ],
    ['parts that looked elsewhere', { ...parts, rounds: [{ ...round, attention: { side: [2, 3], shares: bytes(24) } }] }, /scene and slot/],
    ['objects of another truth', { ...objects, truth: wave(10) }, /the numbers of each true one/],
    ['objects that a slot less names', { ...objects, slots: 2 }, /the numbers of each true one/],
    ['objects seen elsewhere', { ...objects, attention: { side: [2, 3], shares: bytes(24) } }, /the shares of its attention/],
    ['a segmentation that misses pixels', { ...slices, found: bytes(31) }, /two classes for each pixel/],
    ['things of a scene without a count', { ...things, objects: [4] }, /five numbers of each/],
    ['things that nothing was drawn of', { ...things, painted: images(1) }, /five numbers of each/],
    ['things with half a box', { ...things, things: wave(28) }, /five numbers of each/],
    ['parts of another truth', { ...parts, truth: bytes(16) }, /for each scene and slot/],
  ];
  it.each(broken)('is refused: %s', (_, picture, why) => {
    expect(() => read(picture)).toThrow(why);
  });
});
