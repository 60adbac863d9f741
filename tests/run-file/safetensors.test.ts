import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/train/run-file/safetensors.ts';
import { floats } from './sample.ts';

// Made by scripts/golden/safetensors.py from the format's description, without any package that knows it.
const golden = new Uint8Array(readFileSync(new URL('../golden/example.safetensors', import.meta.url)));

/** A file with this header, and so many bytes of numbers. */
const file = (header: unknown, bytes = 0, length?: bigint): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const all = new Uint8Array(8 + json.length + bytes);
  new DataView(all.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  all.set(json, 8);
  return all;
};
const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({ dtype, shape, data_offsets: [begin, end] });

describe('safetensors', () => {
  it('reads the golden file', () => {
    const { tensors, metadata } = readSafetensors(golden, 'it');
    expect(metadata).toEqual({ made: 'by hand' });
    expect(Object.fromEntries(tensors)).toEqual({
      empty: floats([0, 3]),
      'params.weights': floats([2, 3], 0, -0, 1.5, Number.NaN, 3.4028234663852886e38, 1.401298464324817e-45),
      'curve.steps': { shape: [4], dtype: 'int32', values: Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1) },
      scalar: floats([], 0.1),
    });
  });

  it('writes what it reads, from a multiple of 8 on', () => {
    const { tensors, metadata } = readSafetensors(golden, 'it');
    const written = writeSafetensors([...tensors], metadata);
    expect(readSafetensors(written, 'it')).toEqual({ tensors, metadata });
    expect(Number(new DataView(written.buffer).getBigUint64(0, true)) % 8).toBe(0);
    expect(() => writeSafetensors([['a', floats([2], 1)]])).toThrow('"a" has 1 numbers, but the shape [2]');
    expect(() =>
      writeSafetensors([
        ['a', floats([1], 1)],
        ['a', floats([1], 1)],
      ]),
    ).toThrow('two tensors "a"');
  });

  const wrong: [string, Uint8Array, RegExp][] = [
    ['no length', new Uint8Array(7), /has 7 bytes/],
    ['a header beyond the file', file({}, 0, 3n), /would have 3 bytes, but the file ends after 2/],
    ['a header beyond all bounds', file({}, 0, 2n ** 63n), /would have 9223372036854775808 bytes, more than/],
    ['a header that is a list', file('[]'), /does not begin with \{/],
    ['a header that begins with a space', file(' {}'), /does not begin with \{/],
    ['a broken header', file('{"a": 1,}'), /The header of it is not JSON/],
    [
      'a name twice',
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      /has the key "a" twice/,
    ],
    ['an unknown dtype', file({ a: entry(0, 4, [2], 'F16') }, 4), /"a" has the dtype "F16"; expected F32 or I32/],
    ['offsets beyond the file', file({ a: entry(0, 8) }, 4), /offsets 0 to 8, but the file holds 4 bytes/],
    ['offsets that run backwards', file({ a: entry(4, 0, [1]) }, 4), /offsets 4 to 0/],
    ['negative offsets', file({ a: entry(-4, 0, [1]) }, 4), /has the offsets \[-4,0\]; expected/],
    ['too few bytes for its shape', file({ a: entry(0, 4, [2]) }, 4), /has 4 bytes; the shape \[2\] needs 8/],
    ['a shape that overflows', file({ a: entry(0, 4, [2 ** 30, 2 ** 30, 2 ** 30]) }, 4), /needs/],
    ['a shape that is no number', file({ a: { ...entry(0, 4), shape: ['1'] } }, 4), /has the shape \["1"\]/],
    ['a shape of half a row', file({ a: entry(0, 4, [0.5, 2]) }, 4), /has the shape \[0\.5,2\]/],
    ['overlapping tensors', file({ a: entry(0, 8), b: entry(4, 12) }, 12), /"b" begins at 4, within the tensor before it/],
    ['a tensor in the place of another', file({ a: entry(0, 4), b: entry(0, 4) }, 4), /"b" begins at 0, within/],
    ['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, 12), /"b" begins at 8, after a hole from 4 on/],
    ['bytes of nobody', file({ a: entry(0, 4) }, 8), /4 bytes at its end belong to no tensor/],
    ['an entry that is a number', file({ a: 1 }), /the entry of "a" is no object/],
    ['an entry with more to say', file({ a: { ...entry(0, 4), x: 1 } }, 4), /unknown key "x"/],
    ['metadata that are no texts', file({ __metadata__: { a: 1 } }), /__metadata__ "a" is no text/],
  ];
  it.each(wrong)('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'it')).toThrow(message);
  });
});
