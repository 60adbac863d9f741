import { Gunzip } from 'fflate';

/** The most that a file may hold once unpacked: 256 MiB (all 60,000 images of CIFAR-10 are 176 MiB). */
export const LARGEST_FILE = 2 ** 28;

/** Compressed bytes unpacked at a time; deflate grows by at most 1032, so a piece makes at most 17 MB. */
const PIECE = 2 ** 14;

/**
 * The bytes of a file, unpacked if it begins with gzip's magic 1f 8b. Unpacking stops as soon as `limit` bytes are
 * exceeded, so a small file that unpacks to terabytes costs no more than the limit; length and CRC-32 are checked.
 * One gzip member, as gzip itself writes. Throws an Error that names the file and what is wrong with it.
 */
export function unpack(bytes: Uint8Array, name: string, limit = LARGEST_FILE): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const tooLarge = () => new Error(`${name} unpacks to more than ${limit} bytes, the most a data file may hold; get the file anew`);
  const broken = (why: string) => new Error(`${name} is not a whole gzip file (${why}); get the file anew`);
  const unpacked = inflated((each) => new Gunzip(each), bytes, limit, { tooLarge, broken });
  const size = unpacked.length;
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + Math.max(0, bytes.length - 8), Math.min(8, bytes.length));
  const whole = bytes.length >= 18 && trailer.getUint32(4, true) === size && trailer.getUint32(0, true) === crc32(unpacked);
  if (!whole) throw new Error(`${name} is a damaged gzip file: its ${size} unpacked bytes do not match its checksum; get the file anew`);
  return unpacked;
}

type Ondata = (piece: Uint8Array) => void;

/**
 * What a stream of fflate makes of `bytes`, fed to it in small pieces: it stops as soon as `limit` bytes are exceeded.
 * Throws the error that is given for that, or for bytes that are no whole stream.
 */
export function inflated(
  open: (each: Ondata) => { push(piece: Uint8Array, final: boolean): void },
  bytes: Uint8Array,
  limit: number,
  { tooLarge, broken }: { readonly tooLarge: () => Error; readonly broken: (why: string) => Error },
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const stream = open((piece) => {
    size += piece.length;
    if (size > limit) throw tooLarge();
    pieces.push(piece);
  });
  try {
    for (let at = 0; at < bytes.length; at += PIECE) stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  } catch (error) {
    // fflate's own errors carry a code; what else comes out of damaged bytes says nothing to a reader.
    throw size > limit ? error : broken(error instanceof Error && 'code' in error ? error.message : 'its bytes make no sense');
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 as gzip and zip have it (RFC 1952, section 8). */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}
