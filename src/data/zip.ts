import { Inflate } from 'fflate';
import { crc32, inflated } from './gzip.ts';
import { wrong } from './wrong.ts';

/** What an archive may cost: files in it, bytes of all of them once unpacked, and bytes of each. */
export type ZipLimits = { readonly entries: number; readonly total: number; readonly each: number };

/** A file that is read in pieces: bytes `from` … `to` − 1, which lie within `size`. */
export type Source = { readonly size: number; readonly read: (from: number, to: number) => Promise<Uint8Array> };

/** One file of an archive, unpacked when it is read. */
export type ZipEntry = { readonly path: string; readonly size: number; readonly read: () => Promise<Uint8Array> };

type Listed = {
  readonly path: string;
  readonly rawName: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its local header lies. */
  readonly at: number;
};

const END = 22;
const END64 = 56;
const LOCATOR64 = 20;
const HEADER = 46;
const LOCAL = 30;
/** The end of the directory, its largest comment, and what zip64 puts before it. */
const TAIL = END + 0xffff + LOCATOR64 + END64;
/** Deflate makes at most 258 bytes of 2 bits: a larger declared ratio is a lie. */
const STEEPEST = 1032;

const again = 'Make the archive anew, with the ordinary zip of your system';
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const refuser =
  (name: string) =>
  (found: string, expected: string, advice = again) =>
    wrong(name, found, expected, advice);
type Refuse = ReturnType<typeof refuser>;

/** A 64-bit number; one too large to be exact is too large for any file as well. */
const big = (view: DataView, at: number) => view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);

/**
 * All files of a zip archive that lies in memory, by path, in the order of its directory; folders themselves are left out.
 * Everything that `openZip` checks is checked. Throws an Error that names archive, file, what was found and what to do.
 */
export function unzip(bytes: Uint8Array, limits: ZipLimits, name = 'The archive'): Map<string, Uint8Array> {
  const refuse = refuser(name);
  const tailFrom = Math.max(0, bytes.length - TAIL);
  const place = findDirectory(bytes.subarray(tailFrom), tailFrom, bytes.length, refuse);
  const listed = readDirectory(bytes.subarray(place.from, place.to), place, limits, refuse);
  return new Map(listed.map((entry) => [entry.path, unpackEntry(entry, bytes.subarray(entry.at, entry.end), refuse)]));
}

/**
 * Opens a zip archive (PKWARE's APPNOTE 6.3; stored and deflated files, zip64) without reading more than its directory.
 * Refused before anything is unpacked: encrypted files, other compressions, parts of split archives; paths that are absolute,
 * climb out (..), hold backslashes or control characters, or come twice; files that overlap or lie outside; more files or declared
 * bytes than `limits` allow, and ratios that deflate cannot reach. Reading a file checks its local header, its real size as
 * it grows, and its CRC-32. Throws an Error that names archive, file, what was found, what was expected and what to do.
 */
export async function openZip(source: Source, limits: ZipLimits, name: string): Promise<ZipEntry[]> {
  const refuse = refuser(name);
  const tailFrom = Math.max(0, source.size - TAIL);
  const place = findDirectory(await source.read(tailFrom, source.size), tailFrom, source.size, refuse);
  // A name may take 64 KiB and more a file: a directory far beyond what names need is no directory.
  if (place.to - place.from > 2 ** 27) throw refuse(`has a directory of ${place.to - place.from} bytes`, `at most ${2 ** 27}`);
  const listed = readDirectory(await source.read(place.from, place.to), place, limits, refuse);
  return listed.map((entry) => ({
    path: entry.path,
    size: entry.size,
    read: async () => unpackEntry(entry, await source.read(entry.at, entry.end), refuse),
  }));
}

type Place = { readonly from: number; readonly to: number; readonly entries: number };

/** Where the directory lies, as the record at the end of the file (its tail begins at `tailFrom`) says. */
function findDirectory(tail: Uint8Array, tailFrom: number, size: number, refuse: Refuse): Place {
  const view = viewOf(tail);
  let end = tail.length - END;
  while (end >= 0 && !(view.getUint32(end, true) === 0x06054b50 && end + END + view.getUint16(end + 20, true) === tail.length)) end--;
  if (end < 0) throw refuse(`has no directory at the end of its ${size} bytes`, 'a whole zip archive', 'It was cut off: get it anew');
  let [entries, length, from] = [view.getUint16(end + 10, true), view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  let to = tailFrom + end;
  const split = view.getUint16(end + 4, true) || view.getUint16(end + 6, true);
  if (entries === 0xffff || length === 0xffffffff || from === 0xffffffff) {
    const locator = end - LOCATOR64;
    const end64 = locator - END64;
    if (end64 < 0 || view.getUint32(locator, true) !== 0x07064b50 || view.getUint32(end64, true) !== 0x06064b50)
      throw refuse('says it is zip64 but has no zip64 record', 'one before the end of its directory');
    [entries, length, from] = [big(view, end64 + 32), big(view, end64 + 40), big(view, end64 + 48)];
    to = tailFrom + end64;
  } else if (split) throw refuse(`is part ${split + 1} of a split archive`, 'one whole archive');
  if (from + length !== to)
    throw refuse(
      `says that its directory of ${length} bytes begins at ${from}`,
      `one that ends at ${to}, before the archive's last record`,
    );
  return { from, to, entries };
}

/** The files that a directory lists, in the order in which they lie, each with the end of its own bytes. */
function readDirectory(
  bytes: Uint8Array,
  { from, entries }: Place,
  limits: ZipLimits,
  refuse: Refuse,
): (Listed & { readonly end: number })[] {
  if (entries > limits.entries) throw refuse(`lists ${entries} files`, `at most ${limits.entries}`, 'Split it into several archives');
  const view = viewOf(bytes);
  const listed: Listed[] = [];
  const paths = new Set<string>();
  let at = 0;
  let total = 0;
  for (let i = 0; i < entries; i++) {
    if (at + HEADER > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      throw refuse(`has no record of file ${i + 1} in its directory`, `${entries} of them`, 'It is damaged: get it anew');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const next = at + HEADER + nameLength + extraLength + commentLength;
    if (next > bytes.length)
      throw refuse(`has a directory that ends within file ${i + 1}`, `${entries} whole records`, 'It is damaged: get it anew');
    const rawName = bytes.subarray(at + HEADER, at + HEADER + nameLength);
    const path = checkPath(decodeName(rawName), refuse);
    const extra = bytes.subarray(at + HEADER + nameLength, at + HEADER + nameLength + extraLength);
    const sizes = wide(extra, [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)]);
    const entry = {
      path,
      rawName,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      size: sizes[0],
      packed: sizes[1],
      at: sizes[2],
    };
    at = next;
    if (paths.has(path)) throw refuse(`holds two files named ${show(path)}`, 'each name once');
    paths.add(path);
    checkEntry(entry, limits, refuse);
    total += entry.size;
    if (total > limits.total)
      throw refuse(
        `unpacks to more than ${limits.total} bytes`,
        `at most that much in all`,
        'Split it into several archives, or take fewer files',
      );
    listed.push(entry);
  }
  if (at !== bytes.length) throw refuse(`has ${bytes.length - at} bytes after the last record of its directory`, 'none');
  return placed(listed, from, refuse).filter(({ path }) => !path.endsWith('/'));
}

/** Files in the order in which they lie. None may reach into the next: that is how small archives unpack to petabytes. */
function placed(listed: readonly Listed[], directory: number, refuse: Refuse): (Listed & { readonly end: number })[] {
  const sorted = [...listed].sort((a, b) => a.at - b.at);
  return sorted.map((entry, i) => {
    const end = sorted[i + 1]?.at ?? directory;
    if (entry.at + LOCAL + entry.rawName.length + entry.packed > end)
      throw refuse(
        `has ${show(entry.path)} reach into what follows it`,
        'files that lie one after another',
        'It is damaged or made to do harm: get it anew',
      );
    return { ...entry, end };
  });
}

function checkEntry({ path, flags, method, packed, size }: Listed, { each }: ZipLimits, refuse: Refuse): void {
  if (flags & 0x2041 || method === 99)
    throw refuse(`holds ${show(path)} encrypted`, 'files without a password', 'Unpack it with its password and zip the files without one');
  if (method !== 0 && method !== 8)
    throw refuse(`holds ${show(path)} compressed by method ${method}`, 'stored or deflated files (methods 0 and 8)');
  if (size > each) throw refuse(`holds ${show(path)} of ${size} bytes`, `at most ${each} a file`, 'Leave it out or make it smaller');
  if (method === 0 ? size !== packed : size > STEEPEST * packed)
    throw refuse(
      `says that ${show(path)} unpacks from ${packed} to ${size} bytes`,
      method === 0 ? 'the same size, as it is stored' : `at most ${STEEPEST} times as many`,
    );
}

/** The bytes of one file; `bytes` begin with its local header. */
function unpackEntry({ path, rawName, method, crc, packed, size }: Listed, bytes: Uint8Array, refuse: Refuse): Uint8Array {
  const view = viewOf(bytes);
  const damaged = 'It is damaged: get it anew';
  if (view.getUint32(0, true) !== 0x04034b50) throw refuse(`has no file where ${show(path)} should lie`, 'its local header', damaged);
  const nameLength = view.getUint16(26, true);
  const from = LOCAL + nameLength + view.getUint16(28, true);
  const local = bytes.subarray(LOCAL, LOCAL + nameLength);
  if (local.length !== rawName.length || local.some((byte, i) => byte !== rawName[i]))
    throw refuse(`names ${show(path)} ${show(decodeName(local))} where it lies`, 'the same name twice', damaged);
  if (view.getUint16(8, true) !== method || view.getUint16(6, true) & 1)
    throw refuse(`says two things about how ${show(path)} is packed`, 'one', damaged);
  if (from + packed > bytes.length)
    throw refuse(`has ${show(path)} reach into what follows it`, 'files that lie one after another', damaged);
  const raw = bytes.subarray(from, from + packed);
  const unpacked =
    method === 0
      ? raw
      : inflated((each) => new Inflate(each), raw, size, {
          tooLarge: () =>
            refuse(`holds ${show(path)}, which unpacks to more than its declared ${size} bytes`, 'no more than declared', damaged),
          broken: (why) => refuse(`holds ${show(path)} broken (${why})`, 'a whole deflate stream', damaged),
        });
  if (unpacked.length !== size || crc32(unpacked) !== crc)
    throw refuse(
      `holds ${show(path)} damaged: its ${unpacked.length} unpacked bytes do not match its size and checksum`,
      `${size} that do`,
      damaged,
    );
  return unpacked;
}

/** Names are UTF-8 in archives of today; old ones are read byte by byte. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return String.fromCharCode(...bytes);
  }
}

/** A name as it may stand in a sentence. */
const show = (path: string) => JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);

/** The path itself, or an error where it could name a place outside of the archive. Folders end with a slash. */
function checkPath(path: string, refuse: Refuse): string {
  const trick = /\\/.test(path)
    ? 'with a backslash'
    : // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused
      /[\u0000-\u001f\u007f]/.test(path)
      ? 'with a control character'
      : /^\/|^[a-z]:/i.test(path)
        ? 'that does not begin within the archive'
        : path.split('/').some((part) => part === '..' || part === '.')
          ? 'that leaves its folder'
          : path === '' || /\/\//.test(path)
            ? 'with an empty part'
            : null;
  if (trick) throw refuse(`names a file ${show(path)}, a path ${trick}`, 'folder/file', again);
  return path;
}

/** Sizes and place of a file, from its zip64 field (id 1) where the 32-bit ones are all ones. */
function wide(extra: Uint8Array, narrow: readonly [number, number, number]): [number, number, number] {
  const view = viewOf(extra);
  const out: [number, number, number] = [...narrow];
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const end = Math.min(extra.length, at + 4 + view.getUint16(at + 2, true));
    let from = at + 4;
    for (let i = 0; i < 3; i++) {
      if (narrow[i] !== 0xffffffff || from + 8 > end) continue;
      out[i] = big(view, from);
      from += 8;
    }
  }
  return out;
}
