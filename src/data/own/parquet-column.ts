/**
 * One flat column of one row group of a Parquet file, decoded with every count checked against what the file can hold: hyparquet
 * reads the footer, but trusts counts and run lengths of pages, with which a damaged file can make it run or allocate without end.
 * Format: Apache Parquet's "Data Pages" and "Encodings", Thrift's compact protocol, Snappy's "format description".
 */
import { Gunzip } from 'fflate';
import { inflated } from '../gzip.ts';

export type Chunk = { readonly type: string; readonly codec: string; readonly values: number; readonly depth: number };

/** The most bytes of a page once unpacked: 128 MiB. */
const LARGEST_PAGE = 2 ** 27;

/** What is wrong, in words that follow the name of the file. */
export class BadPage extends Error {}
const need = (holds: boolean, found: string): void => {
  if (!holds) throw new BadPage(found);
};

/** Bytes read from the front; reading past the end is an error. */
class Reader {
  at = 0;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  take(length: number): Uint8Array {
    need(length >= 0 && this.at + length <= this.bytes.length, 'has a page that ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  byte = () => this.take(1)[0]!;
  /** A whole number of so many bytes, the lowest first. */
  number = (length: number) => this.take(length).reduce((sum, byte, k) => sum + byte * 256 ** k, 0);
  /** Unsigned LEB128 of up to 53 bits. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new BadPage('has a number without end');
  }
  zigzag(): number {
    const n = this.varint();
    return n % 2 ? -(n + 1) / 2 : n / 2;
  }
}

type Struct = { readonly [id: number]: number | Struct | undefined };

/** A Thrift struct in compact form; strings, lists and doubles are passed over. */
function struct(reader: Reader, depth = 0): Struct {
  need(depth < 8, 'has a page header that nests too deep');
  const fields: Record<number, number | Struct> = {};
  let id = 0;
  for (let head = reader.byte(); head !== 0; head = reader.byte()) {
    id = head >> 4 ? id + (head >> 4) : reader.zigzag();
    const value = thrift(reader, head & 15, depth);
    if (value !== null) fields[id] = value;
  }
  return fields;
}
function thrift(reader: Reader, type: number, depth: number): number | Struct | null {
  if (type === 1 || type === 2) return 2 - type;
  if (type === 3) return reader.byte();
  if (type === 4 || type === 5 || type === 6) return reader.zigzag();
  if (type === 7) reader.take(8);
  else if (type === 8) reader.take(reader.varint());
  else if (type === 12) return struct(reader, depth + 1);
  else throw new BadPage(`has a page header with a field of type ${type}`);
  return null;
}

type Header = {
  readonly kind: number;
  readonly packed: number;
  readonly size: number;
  readonly count: number;
  readonly encoding: number;
  readonly more: Struct;
};
const whole = (value: number | Struct | undefined): number => (typeof value === 'number' && value >= 0 ? value : 0);

function pageHeader(reader: Reader): Header {
  const fields = struct(reader);
  const kind = whole(fields[1]);
  const own = fields[{ 0: 5, 2: 7, 3: 8 }[kind] ?? 0];
  const more = typeof own === 'object' ? own : {};
  return { kind, size: whole(fields[2]), packed: whole(fields[3]), count: whole(more[1]), encoding: whole(more[kind === 3 ? 4 : 2]), more };
}

/** All values of a column chunk, null where one is missing. Throws `BadPage`. */
export function readChunk(bytes: Uint8Array, chunk: Chunk): (Uint8Array | number | null)[] {
  const reader = new Reader(bytes);
  const out: (Uint8Array | number | null)[] = [];
  let dictionary: (Uint8Array | number)[] = [];
  while (out.length < chunk.values) {
    const header = pageHeader(reader);
    const { kind, size, count, encoding, more } = header;
    const raw = reader.take(header.packed);
    need(size <= LARGEST_PAGE, `has a page of ${size} bytes, more than the ${LARGEST_PAGE} that are read`);
    if (kind === 2) {
      const page = unpackPage(raw, size, chunk.codec);
      need(count <= page.length, `says that a dictionary of ${page.length} bytes has ${count} entries`);
      dictionary = plain(new Reader(page), chunk.type, count);
      continue;
    }
    need(kind === 0 || kind === 3, `has a page of kind ${kind}`);
    need(count <= chunk.values - out.length, `has a page of ${count} values where ${chunk.values - out.length} are left`);
    need(count > 0, 'has a page without values');
    let levels: Uint32Array | null;
    let page: Reader;
    if (kind === 3) {
      const [defined, repeated] = [whole(more[5]), whole(more[6])];
      need(repeated === 0 && defined <= raw.length && defined <= size, 'has levels that do not fit their page');
      levels = chunk.depth ? runs(new Reader(raw.subarray(0, defined)), bits(chunk.depth), count) : null;
      const rest = raw.subarray(defined);
      page = new Reader(more[7] === 0 ? rest : unpackPage(rest, size - defined, chunk.codec));
    } else {
      page = new Reader(unpackPage(raw, size, chunk.codec));
      levels = chunk.depth ? runs(new Reader(page.take(page.number(4))), bits(chunk.depth), count) : null;
    }
    const present = levels ? levels.reduce((n, level) => n + (level === chunk.depth ? 1 : 0), 0) : count;
    const values = encoding === 0 ? plain(page, chunk.type, present) : encoded(page, encoding, dictionary, present);
    let next = 0;
    for (let i = 0; i < count; i++) out.push(!levels || levels[i] === chunk.depth ? values[next++]! : null);
  }
  return out;
}

const bits = (largest: number) => 32 - Math.clz32(largest);

/** Values one after another, as they are. */
function plain(reader: Reader, type: string, count: number): (Uint8Array | number)[] {
  const values: (Uint8Array | number)[] = [];
  for (let i = 0; i < count; i++) {
    if (type === 'BYTE_ARRAY') values.push(reader.take(reader.number(4)));
    else if (type === 'INT32') values.push(viewOf(reader.take(4)).getInt32(0, true));
    else if (type === 'INT64') values.push(Number(viewOf(reader.take(8)).getBigInt64(0, true)));
    else throw new BadPage(`has a column of type ${type}`);
  }
  return values;
}
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Places in the dictionary. */
function encoded(reader: Reader, encoding: number, dictionary: readonly (Uint8Array | number)[], count: number): (Uint8Array | number)[] {
  need(encoding === 2 || encoding === 8, `has a page of encoding ${encoding}; plain and dictionary are read`);
  if (count === 0) return [];
  const width = reader.byte();
  need(width <= 24, `has dictionary places of ${width} bits`);
  return Array.from(runs(reader, width, count), (place) => {
    need(place < dictionary.length, `names entry ${place} of a dictionary of ${dictionary.length}`);
    return dictionary[place]!;
  });
}

/** `count` small numbers of `width` bits: runs of one value, and groups of eight packed from the lowest bit. */
function runs(reader: Reader, width: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  let at = 0;
  while (at < count) {
    const header = reader.varint();
    const length = Math.floor(header / 2);
    need(length > 0, 'has a run of no values');
    if (header % 2 === 0) {
      const value = reader.number((width + 7) >> 3);
      const end = Math.min(count, at + length);
      out.fill(value, at, end);
      at = end;
      continue;
    }
    const packed = reader.take(length * width);
    const end = Math.min(count, at + 8 * length);
    for (let bit = 0; at < end; at++) {
      let value = 0;
      for (let k = 0; k < width; k++, bit++) value += ((packed[bit >> 3]! >> (bit & 7)) & 1) * 2 ** k;
      out[at] = value;
    }
  }
  return out;
}

function unpackPage(raw: Uint8Array, size: number, codec: string): Uint8Array {
  if (codec === 'UNCOMPRESSED') return raw;
  if (codec === 'SNAPPY') return snappy(raw, size);
  const tooLarge = () => new BadPage(`has a page that unpacks to more than the ${size} bytes it declares`);
  if (codec === 'GZIP')
    return inflated((each) => new Gunzip(each), raw, size, { tooLarge, broken: () => new BadPage('has a damaged gzip page') });
  throw new BadPage(`is compressed with ${codec}; snappy, gzip and none are read`);
}

function snappy(raw: Uint8Array, size: number): Uint8Array {
  const reader = new Reader(raw);
  need(size <= 64 * raw.length + 64 && reader.varint() === size, `has a snappy page that does not unpack to its ${size} bytes`);
  const out = new Uint8Array(size);
  let to = 0;
  while (reader.at < raw.length) {
    const tag = reader.byte();
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const literal = reader.take((short < 60 ? short : reader.number(short - 59)) + 1);
      need(to + literal.length <= size, 'has a snappy page longer than declared');
      out.set(literal, to);
      to += literal.length;
      continue;
    }
    const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = (tag & 3) === 1 ? (tag >> 5) * 256 + reader.byte() : reader.number((tag & 3) === 2 ? 2 : 4);
    need(back > 0 && back <= to && to + length <= size, 'has a snappy page that copies from nowhere');
    for (let i = 0; i < length; i++, to++) out[to] = out[to - back]!;
  }
  need(to === size, `has a snappy page of ${to} bytes where ${size} were declared`);
  return out;
}
