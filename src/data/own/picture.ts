import { wrong } from '../wrong.ts';
import type { Decode, Pixels } from './found.ts';

/** The most pixels that a picture may have, 8192 × 8192: 256 MiB once decoded. */
const LARGEST_PICTURE = 2 ** 26;
/** The fewest pixels of a side that still show something. */
export const SMALLEST_SIDE = 4;
/** The most bytes of a picture's file. */
export const LARGEST_PICTURE_FILE = 2 ** 26;

type PictureHeader = { readonly type: 'PNG' | 'JPEG' | 'WebP'; readonly width: number; readonly height: number };

const broken = (file: string, type: string) =>
  wrong(file, `is a ${type} picture that ends too early`, 'a whole one', 'Save the picture anew, or leave it out');
const others: readonly (readonly [string, RegExp])[] = [
  ['a GIF', /^GIF8/],
  ['a BMP', /^BM/],
  ['a TIFF', /^(II\*|MM.\*)/s],
  ['a HEIC or AVIF', /^....ftyp/s],
  ['an SVG or other XML', /^\s*<(\?xml|svg|!doctype)/i],
  ['a PDF', /^%PDF/],
];

/** The first bytes as text, byte by byte. */
export const head = (bytes: Uint8Array, length = 64): string => String.fromCharCode(...bytes.subarray(0, length));

/** Whether a file that begins so, as `head` has it, begins as PNG, JPEG or WebP do. */
export const isPicture = (start: string): boolean =>
  start.startsWith('\x89PNG\r\n\x1a\n') || start.startsWith('\xff\xd8\xff') || /^RIFF.{4}WEBP/s.test(start);

/**
 * Type and size of a picture, read from its header before anything is decoded, and whether it is whole: PNG up to IEND (ISO/IEC
 * 15948), JPEG up to EOI (ITU T.81), WebP (RFC 9649) by its declared length. Throws an Error that names the file, what was found,
 * what was expected and what to do: also for sides under 4 and more than 2²⁶ pixels.
 */
function readHeader(bytes: Uint8Array, file: string): PictureHeader {
  if (bytes.length === 0) throw wrong(file, 'is empty', 'a PNG, JPEG or WebP picture', 'Leave it out');
  const start = head(bytes);
  if (!isPicture(start)) {
    const other = others.find(([, pattern]) => pattern.test(start))?.[0];
    throw wrong(
      file,
      other ? `is ${other}` : 'is no picture of a known kind',
      'PNG, JPEG or WebP',
      'Save it as one of these, or leave it out',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = bytes[0] === 0x89 ? png(view, file) : bytes[0] === 0xff ? jpeg(view, file) : webp(view, file);
  const { width, height } = header;
  const size = `is ${width} × ${height} pixels`;
  if (Math.min(width, height) < SMALLEST_SIDE)
    throw wrong(file, size, `at least ${SMALLEST_SIDE} × ${SMALLEST_SIDE}`, 'There is nothing to see in it: leave it out');
  if (width * height > LARGEST_PICTURE)
    throw wrong(file, size, `at most ${LARGEST_PICTURE} pixels, such as 8192 × 8192`, 'Make it smaller, or leave it out');
  return header;
}

function png(view: DataView, file: string): PictureHeader {
  if (view.byteLength < 33 || view.getUint32(12) !== 0x49484452) throw broken(file, 'PNG');
  for (let at = 8; ; at += 12 + view.getUint32(at)) {
    if (at + 12 > view.byteLength) throw broken(file, 'PNG');
    if (view.getUint32(at + 4) === 0x49454e44) break;
  }
  return { type: 'PNG', width: view.getUint32(16), height: view.getUint32(20) };
}

function jpeg(view: DataView, file: string): PictureHeader {
  let size: PictureHeader | null = null;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) break;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame && at + 9 <= view.byteLength) size = { type: 'JPEG', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // Within the coded picture 0xff is always stuffed: an end marker after its start is the end.
    if (marker === 0xda) {
      let end = view.byteLength - 2;
      while (end > at && view.getUint16(end) !== 0xffd9) end--;
      if (size && end > at) return size;
      break;
    }
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  throw broken(file, 'JPEG');
}

function webp(view: DataView, file: string): PictureHeader {
  if (view.byteLength < 30 || view.getUint32(4, true) + 8 > view.byteLength) throw broken(file, 'WebP');
  const size = (width: number, height: number) => ({ type: 'WebP', width, height }) as const;
  const chunk = view.getUint32(12);
  if (chunk === 0x56503820) return size(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (chunk === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return size((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (chunk === 0x56503858) {
    const number = (at: number) => view.getUint16(at, true) + 65536 * view.getUint8(at + 2) + 1;
    return size(number(24), number(27));
  }
  throw wrong(file, 'is a WebP picture of an unknown kind', 'VP8, VP8L or VP8X', 'Save the picture anew, or leave it out');
}

/** Decodes a picture after its header was checked; throws an Error that names the file where it is damaged. */
export async function readPicture(bytes: Uint8Array, file: string, decode: Decode): Promise<Pixels> {
  const { type, width, height } = readHeader(bytes, file);
  const decoded = await decode(bytes).catch(() => null);
  // A camera's note may turn a picture by a quarter.
  const same = decoded && decoded.width * decoded.height === width * height && decoded.rgba.length === 4 * width * height;
  if (!same)
    throw wrong(
      file,
      `is a damaged ${type} picture`,
      `one of ${width} × ${height} pixels that can be decoded`,
      'Save it anew, or leave it out',
    );
  return { width: decoded.width, height: decoded.height, channels: 4, data: decoded.rgba };
}
