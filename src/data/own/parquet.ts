import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { wrong } from '../wrong.ts';
import type { Source } from '../zip.ts';
import { type Decode, type ImageSource, type Labeling, quoted, roleOf } from './found.ts';
import { BadPage, type Chunk, readChunk } from './parquet-column.ts';
import { LARGEST_PICTURE_FILE, readPicture } from './picture.ts';

/** The most bytes of one column of one row group, 512 MiB: that much lies in memory at a time. */
const LARGEST_CHUNK = 2 ** 29;
const LARGEST_FOOTER = 2 ** 26;
const advice = 'Write it as image libraries do: a column image of { bytes, path } and one of labels, with snappy or no compression';

/** A leaf of the schema: a column of the file. */
type Leaf = { readonly path: string; readonly type: string; readonly depth: number; readonly flat: boolean; readonly at: number };

/**
 * A Parquet file of the usual image layout: a column of { bytes, path } structs (or of bytes), and columns of whole numbers or
 * short texts whose names say label, class, target or category. Of the pictures only one row group is in memory at a time. Names
 * of classes come from the Hugging Face features in the footer. Throws an Error that names the file, what was found and what to do.
 */
export async function parquetSource(source: Source, file: string, decode: Decode): Promise<ImageSource> {
  const meta = await readFooter(source, file);
  const leaves = leavesOf(meta, file);
  const image = imageLeaf(leaves, file);
  const starts = [0];
  for (const group of meta.row_groups) starts.push(starts.at(-1)! + Number(group.num_rows));
  const size = starts.at(-1)!;
  if (!Number.isSafeInteger(size) || size < 1 || size > 2 ** 24 || meta.row_groups.some((group) => Number(group.num_rows) < 1))
    throw wrong(file, `says it has ${size} rows`, 'from 1 to 16,777,216', advice);

  const read = async (leaf: Leaf, group: number) => {
    const column = meta.row_groups[group]!.columns[leaf.at]?.meta_data;
    const [from, to] = column ? rangeOf(column) : [0, 0];
    const rows = starts[group + 1]! - starts[group]!;
    if (!column || from < 4 || to <= from || to > source.size || Number(column.num_values) !== rows)
      throw wrong(
        file,
        `has no whole column ${leaf.path} in row group ${group}`,
        `${rows} values within the file`,
        'It was cut off or damaged: get it anew',
      );
    if (to - from > LARGEST_CHUNK)
      throw wrong(
        file,
        `has ${to - from} bytes in column ${leaf.path} of row group ${group}`,
        `at most ${LARGEST_CHUNK}`,
        'Write it with smaller row groups',
      );
    const chunk: Chunk = { type: leaf.type, codec: column.codec, values: rows, depth: leaf.depth };
    const bytes = await source.read(from, to);
    try {
      return readChunk(bytes, chunk);
    } catch (error) {
      const found = error instanceof BadPage ? error.message : 'has pages that make no sense';
      throw wrong(file, `${found}, in column ${leaf.path} of row group ${group}`, 'whole pages, plain or with a dictionary', advice);
    }
  };

  const labelings: Labeling[] = [];
  for (const leaf of leaves.filter((each) => each !== image && isLabel(each))) {
    const names = classNames(meta, leaf.path);
    const values: (string | number)[] = [];
    for (let group = 0; group < meta.row_groups.length; group++)
      for (const value of await read(leaf, group)) values.push(labelOf(value, names, file, leaf.path, values.length));
    labelings.push({ name: leaf.path, values });
  }

  let held: { readonly group: number; readonly values: (Uint8Array | number | null)[] } | null = null;
  const nameOf = (i: number) => `${file}, row ${i}`;
  return {
    role: roleOf(file),
    size,
    labelings,
    nameOf,
    picture: async (i) => {
      const group = starts.findLastIndex((start) => start <= i);
      if (held?.group !== group) {
        held = null;
        held = { group, values: await read(image, group) };
      }
      const bytes = held.values[i - starts[group]!];
      if (!(bytes instanceof Uint8Array))
        throw wrong(nameOf(i), 'has no picture', 'bytes in the image column', 'Leave it out, or write the file with the pictures in it');
      if (bytes.length > LARGEST_PICTURE_FILE)
        throw wrong(nameOf(i), `has a picture of ${bytes.length} bytes`, `at most ${LARGEST_PICTURE_FILE}`, 'Leave it out');
      return readPicture(bytes, nameOf(i), decode);
    },
  };
}

async function readFooter({ size, read }: Source, file: string): Promise<FileMetaData> {
  const damaged = 'It was cut off or damaged: get it anew';
  const end = size >= 12 ? await read(size - 8, size) : new Uint8Array(8);
  const length = new DataView(end.buffer, end.byteOffset, 8).getUint32(0, true);
  if (String.fromCharCode(...end.subarray(4)) === 'PARE')
    throw wrong(file, 'is encrypted', 'a plain Parquet file', 'Write it without encryption');
  if (String.fromCharCode(...end.subarray(4)) !== 'PAR1')
    throw wrong(file, `has no Parquet footer at the end of its ${size} bytes`, 'PAR1', damaged);
  if (length > Math.min(size - 12, LARGEST_FOOTER))
    throw wrong(file, `says its footer has ${length} bytes`, `at most ${Math.min(size - 12, LARGEST_FOOTER)}`, damaged);
  try {
    return parquetMetadata(await read(size - 8 - length, size), { geoparquet: false });
  } catch {
    throw wrong(file, 'has a footer that makes no sense', 'schema and row groups', damaged);
  }
}

/** Columns with the number of levels at which a value may be missing, by walking the schema's flat list. */
function leavesOf({ schema }: FileMetaData, file: string): Leaf[] {
  const leaves: Leaf[] = [];
  let next = 0;
  const walk = (path: readonly string[], depth: number, flat: boolean, level: number): void => {
    const element = schema[next++];
    if (!element || level > 20) throw wrong(file, 'has a schema that does not add up', 'a tree of columns', 'It is damaged: get it anew');
    const optional = level > 0 && element.repetition_type === 'OPTIONAL' ? 1 : 0;
    const single = flat && (level === 0 || element.repetition_type !== 'REPEATED');
    const here = level === 0 ? path : [...path, String(element.name)];
    if (element.type) leaves.push({ path: here.join('.'), type: element.type, depth: depth + optional, flat: single, at: leaves.length });
    else for (let i = 0; i < (element.num_children ?? 0); i++) walk(here, depth + optional, single, level + 1);
  };
  walk([], 0, true, 0);
  return leaves;
}

function imageLeaf(leaves: readonly Leaf[], file: string): Leaf {
  const bytes = leaves.filter(({ type, flat }) => flat && type === 'BYTE_ARRAY');
  const found = bytes.filter(({ path }) => /\.bytes$/.test(path));
  const fit = found.length > 0 ? found : bytes.filter(({ path }) => /^(image|img|picture|bytes|png|jpe?g)(_?bytes)?$/i.test(path));
  if (fit.length === 1) return fit[0]!;
  const list = quoted(leaves.map(({ path }) => path).join(', '));
  throw wrong(
    file,
    `has the columns ${list}`,
    `one column of pictures, image { bytes, path }${fit.length > 1 ? `, not ${fit.length}` : ''}`,
    advice,
  );
}

const isLabel = ({ path, type, flat }: Leaf) =>
  flat && ['INT32', 'INT64', 'BYTE_ARRAY'].includes(type) && /^[^.]*(label|class|target|category)[^.]*$/i.test(path);

function labelOf(
  value: Uint8Array | number | null,
  names: readonly string[] | null,
  file: string,
  column: string,
  row: number,
): string | number {
  if (value === null) throw wrong(file, `has no ${column} in row ${row}`, 'a label in every row', 'Fill it in, or leave the column out');
  if (typeof value === 'number') return names?.[value] ?? value;
  if (value.length > 200)
    throw wrong(file, `has a ${column} of ${value.length} bytes in row ${row}`, 'a short text', 'Leave the column out');
  return new TextDecoder().decode(value);
}

/** Names of a ClassLabel feature, from the JSON that Hugging Face's libraries put into the footer. */
function classNames(meta: FileMetaData, column: string): string[] | null {
  try {
    const text = meta.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
    const names: unknown = JSON.parse(text ?? 'null')?.info?.features?.[column]?.names;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null;
  }
}

/** Bytes of a column chunk: from its dictionary, where it has one. */
function rangeOf(column: NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>): [number, number] {
  const data = Number(column.data_page_offset);
  const dictionary = Number(column.dictionary_page_offset ?? 0);
  const from = dictionary > 0 && dictionary < data ? dictionary : data;
  return [from, from + Number(column.total_compressed_size)];
}
