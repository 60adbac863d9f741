import * as fc from 'fast-check';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readCifar10 } from '../../src/data/cifar10.ts';
import { unpack } from '../../src/data/gzip.ts';
import { readIdx } from '../../src/data/idx.ts';
import { cifar10File, idxFile } from './files.ts';

const volume = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const idx = fc
  .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
  .chain((dims) => bytesOf(volume(dims)).map((values) => ({ dims, values })));
const cifar = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), bytesOf(3072)), { minLength: 1, maxLength: 3 })
  .map((records) => ({ labels: records.map(([label]) => label), planes: records.map(([, planes]) => planes) }));

/** Cuts, appends to or overwrites a file. */
const damaged = (file: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(file, fc.nat(), fc.constantFrom('cut', 'grow', 'flip'), fc.integer({ min: 1, max: 255 })).map(([whole, place, how, byte]) => {
    const at = place % whole.length;
    if (how === 'cut') return whole.slice(0, at);
    if (how === 'grow') return Uint8Array.from([...whole, byte]);
    return whole.map((b, i) => (i === at % 24 || i === at ? b ^ byte : b));
  });

/** Runs a reader that may refuse, but only with a sentence that names the file. */
function read<T>(reader: (bytes: Uint8Array, name: string) => T, bytes: Uint8Array): T | null {
  try {
    return reader(bytes, 'set/file');
  } catch (error) {
    expect((error as Error).constructor).toBe(Error);
    expect((error as Error).message).toMatch(/^set\/file .*(expected|gzip|most).*(anew)/);
    return null;
  }
}

const soundIdx = (file: Uint8Array) => {
  const set = read(readIdx, file);
  if (set) {
    expect(set.values.length).toBe(volume(set.dims));
    expect(set.values.length).toBeGreaterThan(0);
    expect(set.dims.length).toBeLessThanOrEqual(4);
  }
};
const soundCifar = (file: Uint8Array) => {
  const set = read(readCifar10, file);
  if (set) {
    expect(set.size).toBeGreaterThan(0);
    expect(set.labels.length).toBe(set.size);
    expect(set.pixels.length).toBe(set.size * 3072);
    expect(Math.max(...set.labels)).toBeLessThanOrEqual(9);
  }
};

describe('readIdx', () => {
  it('reads what was written, plain or gzipped', () => {
    fc.assert(
      fc.property(idx, fc.boolean(), ({ dims, values }, zipped) => {
        const file = idxFile(dims, values);
        const set = readIdx(zipped ? gzipSync(file) : file, 'set/file');
        expect(set.dims).toEqual(dims);
        expect(Array.from(set.values)).toEqual(Array.from(values));
      }),
    );
  });

  it('reads from the middle of a larger buffer', () => {
    const file = idxFile([3], [7, 8, 9]);
    const larger = new Uint8Array(file.length + 10).fill(200);
    larger.set(file, 5);
    expect(Array.from(readIdx(larger.subarray(5, 5 + file.length), 'f').values)).toEqual([7, 8, 9]);
  });

  it('refuses or reads soundly whatever bytes come', () => {
    const nearly = fc
      .tuple(fc.constantFrom(0, 0, 0, 1), fc.constantFrom(8, 8, 9), fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 60 }))
      .map(([zero, type, rank, rest]) => Uint8Array.from([0, zero, type, rank, ...rest]));
    const zipped = fc.uint8Array({ maxLength: 80 }).map((rest) => Uint8Array.from([0x1f, 0x8b, 8, ...rest]));
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), nearly, zipped), soundIdx), { numRuns: 1000 });
  });

  it('refuses or reads soundly damaged files', () => {
    const file = idx.map(({ dims, values }) => idxFile(dims, values));
    fc.assert(fc.property(damaged(file), soundIdx), { numRuns: 500 });
  });

  it.each([
    ['an empty file', [], 'f has 0 bytes; expected an IDX file, which has at least 9'],
    ['another magic', [1, 0, 8, 1, 0, 0, 0, 1, 5], 'f begins with the bytes 1, 0; expected an IDX file, which begins with 0, 0'],
    ['floats', [0, 0, 13, 1, 0, 0, 0, 1, 5], 'f holds values of type 0x0d; expected unsigned bytes, type 0x08'],
    ['no dimensions', [0, 0, 8, 0, 5], 'f has 0 dimensions; expected 1 to 4'],
    ['five dimensions', [0, 0, 8, 5, 5], 'f has 5 dimensions; expected 1 to 4'],
    ['a cut header', [0, 0, 8, 2, 0, 0, 0, 1, 5], 'f ends within its header, after 9 bytes; expected at least 12'],
    ['a dimension of zero', [0, 0, 8, 1, 0, 0, 0, 0], 'f says it is 0; expected 1 to 268435456 values'],
    ['one value too few', [0, 0, 8, 1, 0, 0, 0, 2, 5], 'f has 9 bytes; expected 10, a header of 8 and 2 values'],
    ['one value too many', [0, 0, 8, 1, 0, 0, 0, 1, 5, 5], 'f has 10 bytes; expected 9, a header of 8 and 1 values'],
  ])('refuses %s in one sentence', (_, bytes, sentence) => {
    expect(() => readIdx(Uint8Array.from(bytes), 'f')).toThrow(`${sentence}. Run \`npm run data\` to get it anew`);
  });

  it('refuses dimensions whose product wraps around in 32 or 64 bits', () => {
    const huge = 2 ** 31;
    expect(() => readIdx(idxFile([huge, 2], [1]), 'f')).toThrow('f says it is 2147483648 × 2');
    expect(() => readIdx(idxFile([huge, huge, huge, huge], []), 'f')).toThrow('expected 1 to 268435456 values');
  });
});

describe('readCifar10', () => {
  it('turns planes to NHWC, plain or gzipped', () => {
    fc.assert(
      fc.property(cifar, fc.boolean(), ({ labels, planes }, zipped) => {
        const file = cifar10File(labels, planes);
        const set = readCifar10(zipped ? gzipSync(file, { level: 1 }) : file, 'set/file');
        expect(set.size).toBe(labels.length);
        expect(Array.from(set.labels)).toEqual(labels);
        const expected = planes.flatMap((p) => Array.from({ length: 3072 }, (_, i) => p[(i % 3) * 1024 + Math.floor(i / 3)]!));
        expect(Array.from(set.pixels)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses or reads soundly whatever bytes come', () => {
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), bytesOf(3073)), soundCifar), { numRuns: 300 });
  });

  it('refuses or reads soundly damaged files', () => {
    const file = cifar.map(({ labels, planes }) => cifar10File(labels, planes));
    fc.assert(fc.property(damaged(file), soundCifar), { numRuns: 100 });
  });

  it('names what is wrong', () => {
    const plane = new Uint8Array(3072);
    expect(() => readCifar10(new Uint8Array(0), 'f')).toThrow('f has 0 bytes; expected whole CIFAR-10 records, a multiple of 3073');
    expect(() => readCifar10(new Uint8Array(3074), 'f')).toThrow('f has 3074 bytes; expected whole CIFAR-10 records');
    expect(() => readCifar10(cifar10File([3, 10], [plane, plane]), 'f')).toThrow(
      'f has the label 10 in record 1; expected labels from 0 to 9',
    );
  });
});

describe('gzipped files', () => {
  const file = Uint8Array.from({ length: 40000 }, (_, i) => (i * i) % 251);

  it('come out whole, across many pieces', () => {
    expect(unpack(gzipSync(file, { level: 0 }), 'f')).toEqual(file);
    expect(unpack(gzipSync(file, { filename: 'train-images' }), 'f')).toEqual(file);
  });

  it('refuses every cut and every flipped bit of what matters', () => {
    const small = gzipSync(file.subarray(0, 200));
    for (let at = 2; at < small.length; at++) expect(() => unpack(small.subarray(0, at), 'f'), `cut at ${at}`).toThrow(/^f .*anew$/);
    // The header's time and system (bytes 4 to 9) decide nothing.
    for (let at = 10; at < small.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = small.slice();
        flipped[at]! ^= 1 << bit;
        let unpacked: Uint8Array | null = null;
        try {
          unpacked = unpack(flipped, 'f');
        } catch (error) {
          expect((error as Error).message).toMatch(/^f .*anew$/);
        }
        // Deflate has a few unused bits; a flip there changes nothing.
        if (unpacked) expect(unpacked).toEqual(file.subarray(0, 200));
      }
  });

  it('may be as large as the limit, and not one byte larger', () => {
    expect(unpack(gzipSync(file), 'f', file.length)).toEqual(file);
    expect(() => unpack(gzipSync(file), 'f', file.length - 1)).toThrow('f unpacks to more than 39999 bytes');
  });

  it('stops a bomb at the limit, whatever length it claims', () => {
    const bomb = gzipSync(new Uint8Array(2 ** 25), { level: 9 });
    expect(bomb.length).toBeLessThan(2 ** 16);
    expect(() => unpack(bomb, 'f', 2 ** 20)).toThrow('f unpacks to more than 1048576 bytes, the most a data file may hold');
    bomb.set([1, 0, 0, 0], bomb.length - 4);
    expect(() => unpack(bomb, 'f', 2 ** 20)).toThrow('f unpacks to more than 1048576 bytes');
    expect(() => unpack(bomb, 'f')).toThrow('do not match its checksum');
  });
});
