import type { PackedTensor } from '../snapshot.ts';
import { parseJson } from './json.ts';

/**
 * Safetensors, the format of Hugging Face for weights (github.com/huggingface/safetensors, README, "Format"): 8 bytes with
 * the header's length N, an unsigned little-endian 64-bit number; N bytes of JSON, `{"name": {"dtype": "F32", "shape": [2, 3],
 * "data_offsets": [begin, end]}, …, "__metadata__": {"key": "text"}}`, which begins with `{` and may end in spaces; then the
 * numbers, little-endian, row by row, at offsets from the header's end, without holes or overlaps. Of its dtypes F32 and I32.
 */
export type Safetensors = { readonly tensors: ReadonlyMap<string, PackedTensor>; readonly metadata: Readonly<Record<string, string>> };

const longestHeader = 2 ** 22;
const dtypes = { F32: 'float32', I32: 'int32' } as const;
const sizeOf = (shape: readonly number[]) => shape.reduce((n, side) => n * side, 1);

/** The bytes of a safetensors file with these tensors, in their order. Throws if a name comes twice or a shape does not fit its values. */
export function writeSafetensors(tensors: readonly (readonly [string, PackedTensor])[], metadata: Readonly<Record<string, string>> = {}) {
  const header = new Map<string, unknown>([['__metadata__', metadata]]);
  let at = 0;
  for (const [name, { shape, dtype, values }] of tensors) {
    if (header.has(name)) throw new Error(`There are two tensors "${name}": each needs a name of its own`);
    if (sizeOf(shape) !== values.length) throw new Error(`The tensor "${name}" has ${values.length} numbers, but the shape [${shape}]`);
    header.set(name, { dtype: dtype === 'int32' ? 'I32' : 'F32', shape, data_offsets: [at, at + values.byteLength] });
    at += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces, so that the numbers begin at a multiple of 8.
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + at).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let offset = start;
  for (const [, { values }] of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return bytes;
}

/** Reads a safetensors file. Throws an Error that names `file`, the tensor and what is wrong for everything that the format forbids. */
export function readSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const fail = (what: string): never => {
    throw new Error(`${file} is no safetensors file that this lab can read: ${what}`);
  };
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, and its header's length alone takes 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > longestHeader) fail(`its header would have ${length} bytes, more than ${longestHeader}`);
  const start = 8 + Number(length);
  if (start > bytes.length) fail(`its header would have ${length} bytes, but the file ends after ${bytes.length - 8} of them`);
  if (bytes[8] !== 0x7b) fail('its header does not begin with {');
  const { __metadata__: given = {}, ...entries } = parseJson(bytes.subarray(8, start), `The header of ${file}`) as Record<string, unknown>;
  const metadata = isObject(given) ? given : fail('its __metadata__ is no object');
  for (const [key, text] of Object.entries(metadata)) if (typeof text !== 'string') fail(`its __metadata__ "${key}" is no text`);

  const found = Object.entries(entries).map(([name, entry]) => {
    const { dtype, shape, data_offsets: offsets, ...rest } = isObject(entry) ? entry : fail(`the entry of "${name}" is no object`);
    if (dtype !== 'F32' && dtype !== 'I32') return fail(`"${name}" has the dtype ${word(dtype)}; expected F32 or I32`);
    if (!isNaturals(shape) || shape.length > 8) return fail(`"${name}" has the shape ${word(shape)}; expected up to 8 whole numbers`);
    if (!isNaturals(offsets) || offsets.length !== 2) return fail(`"${name}" has the offsets ${word(offsets)}; expected [begin, end]`);
    const [begin, end] = offsets as [number, number];
    if (Object.keys(rest).length) fail(`"${name}" has the unknown key "${Object.keys(rest)[0]}"`);
    if (begin > end || end > bytes.length - start)
      fail(`"${name}" has the offsets ${begin} to ${end}, but the file holds ${bytes.length - start} bytes of numbers`);
    if (end - begin !== 4 * sizeOf(shape)) fail(`"${name}" has ${end - begin} bytes; the shape [${shape}] needs ${4 * sizeOf(shape)}`);
    return { name, dtype: dtypes[dtype], shape, begin, end };
  });
  let covered = 0;
  for (const { name, begin, end } of [...found].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      fail(`"${name}" begins at ${begin}, ${begin < covered ? 'within the tensor before it' : `after a hole from ${covered} on`}`);
    covered = end;
  }
  if (start + covered !== bytes.length) fail(`${bytes.length - start - covered} bytes at its end belong to no tensor`);

  const tensors = found.map(({ name, dtype, shape, begin, end }): [string, PackedTensor] => {
    const { buffer } = bytes.slice(start + begin, start + end);
    return [name, { shape, dtype, values: dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer) }];
  });
  return { tensors: new Map(tensors), metadata: metadata as Record<string, string> };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 31);
/** A wrong value as it was given, not longer than a line. */
const word = (value: unknown) => (JSON.stringify(value) ?? 'none').slice(0, 60);
