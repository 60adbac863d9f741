import { LARGEST_FILE, unpack } from './gzip.ts';
import { wrong } from './wrong.ts';

/**
 * Reads an IDX file of unsigned bytes, plain or gzipped: 0, 0, type 8, the number of dimensions (1 to 4), each
 * dimension as a big-endian 32-bit number, then the values, last dimension fastest. The file must have exactly the
 * length that its header says. Format: Y. LeCun's page of MNIST.
 * Throws an Error that names the file, what was found, what was expected and what to do.
 */
export function readIdx(
  bytes: Uint8Array,
  name: string,
  advice = 'Run `npm run data` to get it anew',
): { dims: number[]; values: Uint8Array } {
  const file = unpack(bytes, name);
  const refuse = (found: string, expected: string) => wrong(name, found, expected, advice);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4) throw refuse(`has ${file.length} bytes`, 'an IDX file, which has at least 9');
  const [zero, zero2, type, rank] = file as unknown as [number, number, number, number];
  if (zero !== 0 || zero2 !== 0) throw refuse(`begins with the bytes ${zero}, ${zero2}`, 'an IDX file, which begins with 0, 0');
  if (type !== 8) throw refuse(`holds values of type 0x${type.toString(16).padStart(2, '0')}`, 'unsigned bytes, type 0x08');
  if (rank < 1 || rank > 4) throw refuse(`has ${rank} dimensions`, '1 to 4');
  const start = 4 + 4 * rank;
  if (file.length < start) throw refuse(`ends within its header, after ${file.length} bytes`, `at least ${start}`);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  // Four 32-bit numbers multiply to less than 2^128: inexact as a double but finite, and never mistaken for small.
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count === 0 || count > LARGEST_FILE) throw refuse(`says it is ${dims.join(' × ')}`, `1 to ${LARGEST_FILE} values`);
  if (file.length !== start + count)
    throw refuse(`has ${file.length} bytes`, `${start + count}, a header of ${start} and ${dims.join(' × ')} values`);
  return { dims, values: file.subarray(start) };
}
