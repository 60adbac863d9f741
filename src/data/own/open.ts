import { type CifarKind, cifarRecord, readCifar } from '../cifar10.ts';
import { LARGEST_FILE, unpack } from '../gzip.ts';
import { readIdx } from '../idx.ts';
import { wrong } from '../wrong.ts';
import { openZip, type Source } from '../zip.ts';
import { arraySources, linesOf, named } from './arrays.ts';
import { folderSources, isClutter, pictureName } from './folder.ts';
import { type Decode, type Found, type ImageSource, type OwnFile, quoted, type Trouble } from './found.ts';
import { join } from './join.ts';
import { LARGEST_ARRAY, type Numbers, readNpy } from './npy.ts';
import { parquetSource } from './parquet.ts';
import { head, isPicture, LARGEST_PICTURE_FILE } from './picture.ts';

/** What a zip archive may hold: files, bytes in all (they are unpacked one at a time), bytes of each. */
const zipLimits = { entries: 200_000, total: 2 ** 33, each: LARGEST_ARRAY };

/** A file, whether it lay in a folder or in an archive. */
type Part = { readonly path: string; readonly size: number; readonly source: () => Promise<Source> };

/** Bytes of a file or of a part of it, read ahead by 4 MiB: archives are read from front to back. */
export function sourceOf(blob: Blob): Source {
  let held = { start: 0, bytes: new Uint8Array() };
  return {
    size: blob.size,
    read: async (from, to) => {
      let ahead = held;
      if (from < ahead.start || to > ahead.start + ahead.bytes.length) {
        // Held once it is there, start and bytes together: another reader may come, or end, while this one waits.
        ahead = { start: from, bytes: new Uint8Array(await blob.slice(from, Math.max(to, from + 2 ** 22)).arrayBuffer()) };
        held = ahead;
      }
      return ahead.bytes.subarray(from - ahead.start, to - ahead.start);
    },
  };
}

/**
 * Finds out what lies in chosen files: pictures in folders or a zip archive, IDX, CIFAR-10 and CIFAR-100 binary files, .npy and
 * .npz arrays, Parquet files; told apart by what they hold. Pictures themselves are read later. Throws an Error that names the
 * file, what was found, what was expected and what to do; files that are none of these are `troubles`, which may be left out.
 */
export async function openFiles(files: readonly OwnFile[], decode: Decode): Promise<Found> {
  if (files.length === 0) throw wrong('The folder', 'is empty', 'files with images', 'Choose another one');
  const parts = await expand(files);
  const pictures: Part[] = [];
  const rest: Part[] = [];
  for (const part of parts) if (!isClutter(part.path)) (pictureName.test(part.path) ? pictures : rest).push(part);
  if (pictures.length + rest.length === 0) throw wrong(show(files), 'holds nothing but hidden files', 'images', 'Choose another one');
  once(parts);

  const troubles: Trouble[] = [];
  const kept: Kept = { arrays: [], sources: [], formats: new Set(), names: new Map() };
  for (const part of rest) {
    const trouble = await take(part, kept, decode);
    if (trouble) troubles.push(trouble);
  }
  if (pictures.length > 0 && kept.arrays.length + kept.sources.length > 0)
    throw wrong(
      show(files),
      `mixes pictures (${quoted(pictures[0]!.path)}) with files of many images (${[...kept.formats].join(', ')})`,
      'one kind',
      'Choose one of them',
    );
  const sources = [...kept.sources, ...(kept.arrays.length > 0 ? arraySources(kept.arrays) : [])];
  if (pictures.length > 0)
    sources.push(
      ...folderSources(
        pictures.map(({ path }) => path),
        (i) => readPart(pictures[i]!, LARGEST_PICTURE_FILE),
        decode,
      ),
    );
  if (sources.length === 0) throw new Error(troubles[0]!.message);
  const labelled = sources.map((source) => ({
    ...source,
    labelings: [...kept.names].reduce((labelings, [name, lines]) => named(labelings, name, lines), source.labelings),
  }));
  const format = pictures.length > 0 ? 'PNG, JPEG or WebP pictures' : [...kept.formats].join(' and ');
  return join(labelled, format, nameOf(files), troubles);
}

type Kept = {
  readonly arrays: Numbers[];
  readonly sources: ImageSource[];
  readonly formats: Set<string>;
  readonly names: Map<string, readonly string[]>;
};

/** Where CIFAR's own text files name classes. */
const classFiles: Readonly<Record<string, string>> = {
  'batches.meta.txt': 'label',
  'coarse_label_names.txt': 'coarse',
  'fine_label_names.txt': 'fine',
};

/** Takes a file that is no picture by its name; tells why not where it can't. */
async function take(part: Part, kept: Kept, decode: Decode): Promise<Trouble | null> {
  const { path } = part;
  const base = path.split('/').at(-1)!;
  const source = await part.source();
  const first = head(await source.read(0, Math.min(64, source.size)));
  const whole = (most: number) => readPart(part, most, source);
  const add = (format: string) => kept.formats.add(format);
  if (first.startsWith('PAR1') || first.startsWith('PARE')) {
    add('Parquet');
    kept.sources.push(await parquetSource(source, path, decode));
  } else if (first.startsWith('\x93NUMPY')) {
    add('NumPy');
    kept.arrays.push(readNpy(await whole(LARGEST_ARRAY), path));
  } else if (Object.hasOwn(classFiles, base)) {
    kept.names.set(classFiles[base]!, linesOf(await whole(LARGEST_FILE), path));
  } else if (/\.bin(\.gz)?$/i.test(base)) {
    const bytes = unpack(await whole(LARGEST_FILE), path);
    const kind = cifarKind(bytes, path);
    add(kind);
    kept.sources.push(cifarSource(bytes, path, kind));
  } else if (isIdx(first) || first.startsWith('\x1f\x8b')) {
    const bytes = unpack(await whole(LARGEST_FILE), path);
    if (/^ustar/.test(String.fromCharCode(...bytes.subarray(257, 262))))
      throw wrong(path, 'is a tar archive', 'a zip archive or a folder', 'Unpack it and choose the folder');
    if (!isIdx(head(bytes))) return trouble(path, head(bytes));
    add('IDX');
    const { dims, values } = readIdx(bytes, path, 'Get it anew, or save its values as unsigned bytes');
    kept.arrays.push({ file: path, dims, type: 'bytes', at: (i) => values[i]! });
  } else {
    // A picture under another name is a picture all the same, and says so where it is a wrong one.
    return trouble(path, first);
  }
  return null;
}

function trouble(path: string, first: string): Trouble {
  if (isPicture(first))
    return {
      file: path,
      message: `${path} is a picture without the ending .png, .jpg, .jpeg or .webp; expected one. Rename it, or leave it out`,
    };
  const what = first === '' ? 'is empty' : /^Rar!|^7z/.test(first) ? 'is a RAR or 7z archive' : 'is no kind of file that is read';
  const expected = 'PNG, JPEG, WebP, zip, IDX, CIFAR .bin, .npy, .npz or Parquet';
  return { file: path, message: `${path} ${what}; expected ${expected}. Convert it, or leave it out` };
}

/** IDX begins with 0, 0, a type and a number of dimensions. */
const isIdx = (first: string) => {
  const [zero, zero2, type, rank] = [...first.slice(0, 4)].map((c) => c.charCodeAt(0));
  return zero === 0 && zero2 === 0 && type! >= 8 && type! <= 14 && rank! >= 1 && rank! <= 4;
};

function cifarKind(bytes: Uint8Array, path: string): CifarKind {
  const fit = (['CIFAR-10', 'CIFAR-100'] as const).filter((kind) => bytes.length > 0 && bytes.length % cifarRecord(kind) === 0);
  if (fit.length === 1) return fit[0]!;
  if (fit.length === 2) return /batch/.test(path) ? 'CIFAR-10' : 'CIFAR-100';
  throw wrong(
    path,
    `has ${bytes.length} bytes`,
    'whole records of 3073 (CIFAR-10) or 3074 bytes (CIFAR-100)',
    'It was cut off or is of another kind: get it anew',
  );
}

function cifarSource(bytes: Uint8Array, path: string, kind: CifarKind): ImageSource {
  const { size, pixels, labels } = readCifar(bytes, path, kind, 'It is damaged or of another kind: get it anew');
  return {
    role: /test/.test(path) ? 'test' : 'train',
    size,
    labelings: Object.entries(labels).map(([name, values]) => ({ name, values: [...values] })),
    nameOf: (i) => `${path}, record ${i}`,
    picture: async (i) => ({ width: 32, height: 32, channels: 3, data: pixels.subarray(3072 * i, 3072 * (i + 1)) }),
  };
}

/** Archives become the files that they hold; one within another does not. */
async function expand(files: readonly OwnFile[]): Promise<Part[]> {
  const parts: Part[] = [];
  for (const { path, blob } of files) {
    // A source holds what it has read ahead: one for each reading, or a folder would lie in memory whole.
    const plain = { path, size: blob.size, source: async () => sourceOf(blob) };
    if (pictureName.test(path) || !isZip(new Uint8Array(await blob.slice(0, 4).arrayBuffer()))) {
      parts.push(plain);
      continue;
    }
    const source = sourceOf(blob);
    const entries = await openZip(source, zipLimits, path);
    if (entries.length === 0) throw wrong(path, 'holds no files', 'images', 'Choose another archive');
    const folder = files.length === 1 ? '' : `${path}/`;
    for (const entry of entries)
      parts.push({ path: folder + entry.path, size: entry.size, source: async () => nested(entry.path, await entry.read()) });
  }
  return parts;
}

const isZip = (bytes: Uint8Array) => ['PK\x03\x04', 'PK\x05\x06'].includes(head(bytes, 4));

async function nested(path: string, bytes: Uint8Array): Promise<Source> {
  if (isZip(bytes)) throw wrong(path, 'is an archive within an archive', 'images', 'Unpack it first');
  return { size: bytes.length, read: async (from, to) => bytes.subarray(from, to) };
}

/** All bytes of a part, from its source where that is open already: those of an archive are unpacked for each. */
async function readPart({ path, size, source }: Part, most: number, opened?: Source): Promise<Uint8Array> {
  if (size > most) throw wrong(path, `has ${size} bytes`, `at most ${most}`, 'Make it smaller, or leave it out');
  return (opened ?? (await source())).read(0, size);
}

function once(parts: readonly Part[]): void {
  const seen = new Set<string>();
  for (const { path } of parts) {
    if (seen.has(path)) throw wrong(quoted(path), 'was chosen twice', 'each name once', 'Choose one folder or archive');
    seen.add(path);
  }
}

/** The chosen thing in a sentence: its only file, or its folder. */
const show = (files: readonly OwnFile[]) => (files.length === 1 ? files[0]!.path : (files[0]!.path.split('/').at(-2) ?? 'The choice'));

/** A name for the set: of the only file or of the outermost folder, without endings. */
function nameOf(files: readonly OwnFile[]): string {
  const [first] = files[0]!.path.split('/');
  const plain = (files.length === 1 || files[0]!.path.includes('/') ? first! : 'My images').replace(
    /(\.(zip|npz|npy|gz|bin|parquet|png|jpe?g|webp))+$/i,
    '',
  );
  return plain.slice(0, 60) || 'My images';
}
