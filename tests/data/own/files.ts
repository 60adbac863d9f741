/** Files of images as other programs write them (tests/golden/own-data.json), small writers, and a decoder. */
import { readFileSync } from 'node:fs';
import { decode as decodePng, encode } from 'fast-png';
import type { Decode, Found, OwnFile } from '../../../src/data/own/found.ts';
import { openFiles } from '../../../src/data/own/open.ts';

type Golden = Record<'numpy' | 'parquet' | 'chromium', Record<string, string>>;
const golden = JSON.parse(readFileSync(new URL('../../golden/own-data.json', import.meta.url), 'utf8')) as Golden;
export const written = (by: keyof Golden, name: string): Uint8Array => Uint8Array.from(Buffer.from(golden[by][name]!, 'base64'));

/** What every golden image holds. */
export const value = (n: number, y: number, x: number, c = 0): number => (37 * n + 11 * y + 5 * x + 59 * c) % 256;

/** A decoder of PNG that is not the browser's. */
export const decode: Decode = async (bytes) => {
  const { width, height, channels, data, depth } = decodePng(bytes, { checkCrc: true });
  if (depth !== 8) throw new Error('tests have 8 bits');
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 4; c++)
      rgba[4 * i + c] =
        c === 3 ? (channels % 2 === 0 ? data[i * channels + channels - 1]! : 255) : data[i * channels + (channels < 3 ? 0 : c)]!;
  return { width, height, rgba };
};

/** A PNG of width × height; `channels` 1 grey, 3 colour, 4 with opacity. */
export const png = (width: number, height: number, at: (y: number, x: number, c: number) => number, channels = 3): Uint8Array => {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) =>
    at(Math.floor(i / (width * channels)), Math.floor(i / channels) % width, i % channels),
  );
  return new Uint8Array(encode({ width, height, data, channels, depth: 8 }));
};
/** The n-th of different pictures. */
export const pngOf = (n: number): Uint8Array => png(8, 8, (y, x, c) => value(n, y, x, c));

export const file = (path: string, bytes: Uint8Array): OwnFile => ({ path, blob: new Blob([bytes as Uint8Array<ArrayBuffer>]) });
export const open = (files: Readonly<Record<string, Uint8Array>>): Promise<Found> =>
  openFiles(
    Object.entries(files).map(([path, bytes]) => file(path, bytes)),
    decode,
  );
