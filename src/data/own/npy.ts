import { wrong } from '../wrong.ts';
import { quoted } from './found.ts';

/** An array of numbers as it lies in a file. `at` gives a number by its place in C order, last dimension fastest. */
export type Numbers = {
  readonly file: string;
  readonly dims: readonly number[];
  /** Unsigned bytes, other whole numbers, or floats. */
  readonly type: 'bytes' | 'integers' | 'floats';
  readonly at: (i: number) => number;
};

/** The most bytes of an array: 512 MiB. */
export const LARGEST_ARRAY = 2 ** 29;

const advice = 'Save it with numpy.save, as unsigned bytes (uint8) for images';
type Read = (view: DataView, at: number, little: boolean) => number;
const readers: Readonly<Record<string, Read>> = {
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/**
 * Reads NumPy's .npy format, versions 1 to 3, of bytes, whole numbers and floats in either byte order, C or Fortran order. The
 * values must fill the file exactly. Format: numpy.lib.format. Throws an Error that names the file, what was found, what was expected
 * and what to do.
 */
export function readNpy(bytes: Uint8Array, file: string): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] ?? 0;
  if (bytes.length < 12)
    throw wrong(file, `has ${bytes.length} bytes`, 'an .npy array, which has at least 64', 'It was cut off: get it anew');
  if (major < 1 || major > 3) throw wrong(file, `is .npy of version ${major}`, 'version 1, 2 or 3', advice);
  const start = major === 1 ? 10 : 12;
  const end = start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length)
    throw wrong(file, `ends within its header, after ${bytes.length} bytes`, `at least ${end}`, 'It was cut off: get it anew');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, Math.min(end, start + 2000)));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([0-9,\s]*)\)/.exec(header)?.[1];
  if (!order || shape === undefined || !/'descr'/.test(header))
    throw wrong(file, `has the header ${quoted(header.trim())}`, "'descr', 'fortran_order' and 'shape'", advice);
  const code = descr && /^[<>|=]/.test(descr) ? descr.slice(1) : '';
  const read = Object.hasOwn(readers, code) ? readers[code] : undefined;
  if (!descr || !read)
    throw wrong(
      file,
      `holds values of type ${descr ? quoted(descr) : 'of several parts'}`,
      'uint8, other whole numbers, float32 or float64',
      advice,
    );
  const dims = shape
    .split(',')
    .filter((part) => part.trim())
    .map(Number);
  const count = dims.reduce((product, dim) => product * dim, 1);
  const size = Number(code.slice(1));
  if (count * size > LARGEST_ARRAY || bytes.length - end !== count * size)
    throw wrong(
      file,
      `has ${bytes.length - end} bytes of values`,
      `${count * size} for ${dims.join(' × ') || 'one'} ${code}, and at most ${LARGEST_ARRAY}`,
      'It was cut off or is too large: save it anew, as uint8',
    );
  const little = !descr.startsWith('>');
  const place = order === 'True' ? fortran(dims) : (i: number) => i;
  return {
    file,
    dims,
    type: code === 'u1' ? 'bytes' : code.startsWith('f') ? 'floats' : 'integers',
    at: code === 'u1' && order === 'False' ? (i) => bytes[end + i]! : (i) => read(view, end + size * place(i), little),
  };
}

/** The place in Fortran order, first dimension fastest, of a place in C order. */
function fortran(dims: readonly number[]): (i: number) => number {
  const strides = dims.map((_, k) => dims.slice(0, k).reduce((a, b) => a * b, 1));
  return (i) => {
    let rest = i;
    let place = 0;
    for (let k = dims.length - 1; k >= 0; k--) {
      place += (rest % dims[k]!) * strides[k]!;
      rest = Math.floor(rest / dims[k]!);
    }
    return place;
  };
}
