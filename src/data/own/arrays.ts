import { wrong } from '../wrong.ts';
import { type ImageSource, type Labeling, type Pixels, quoted, roleOf } from './found.ts';
import type { Numbers } from './npy.ts';
import { SMALLEST_SIDE } from './picture.ts';

type Layout = {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  readonly place: (y: number, x: number, c: number) => number;
};

const isLabels = ({ dims }: Numbers) => dims.length === 1 || (dims.length === 2 && dims[1] === 1);
const show = (dims: readonly number[]) => dims.join(' × ') || 'a single number';
const isChannels = (n: number | undefined): n is 1 | 3 | 4 => n === 1 || n === 3 || n === 4;

/**
 * Arrays of images, each with the labels beside it: N × H × W, N × H × W × C or N × C × H × W with 1, 3 or 4 channels, of bytes
 * or of floats within [0, 1] or [0, 255]; and labels of N or N × 1 whole numbers, found by length and by "train" or "test" in
 * the names. Throws an Error that names the array, what was found, what was expected and what to do.
 */
export function arraySources(arrays: readonly Numbers[]): ImageSource[] {
  const labels = arrays.filter(isLabels);
  const images = arrays.filter((array) => !isLabels(array));
  if (images.length === 0)
    throw wrong(
      arrays[0]!.file,
      `is ${show(arrays[0]!.dims)}`,
      'an array of images, N × height × width',
      'Choose the images together with their labels',
    );
  const used = new Set<Numbers>();
  const sources = images.map((array) => {
    const found = labelsFor(array, labels, images);
    if (found) used.add(found);
    return arraySource(array, found ? [{ name: 'label', values: labelValues(found) }] : []);
  });
  const left = labels.find((array) => !used.has(array));
  if (left)
    throw wrong(
      left.file,
      `is ${show(left.dims)}`,
      `one label for each image of ${images.map(({ file, dims }) => `${file} (${dims[0]})`).join(', ')}`,
      'Leave it out, or give images and labels names that both say "train" or "test"',
    );
  return sources;
}

/** The labels of an array of images: of its length, and of its role where several are. */
function labelsFor({ file, dims }: Numbers, labels: readonly Numbers[], images: readonly Numbers[]): Numbers | null {
  if (labels.length === 0) return null;
  const long = labels.filter((array) => array.dims[0] === dims[0]);
  const alike = long.filter((array) => roleOf(array.file) === roleOf(file));
  const fit = alike.length > 0 ? alike : images.length === 1 ? long : [];
  if (fit.length === 1) return fit[0]!;
  throw wrong(
    file,
    `holds ${dims[0]} images and has ${fit.length || 'no'} arrays of as many labels beside it`,
    `one; there are ${labels.map((array) => `${array.file} (${array.dims[0]})`).join(', ')}`,
    'Choose one array of labels for each array of images, with names that both say "train" or "test"',
  );
}

/** Checked to be whole numbers, with their count bounded by the images'. */
function labelValues({ file, dims, at }: Numbers): number[] {
  return Array.from({ length: dims[0]! }, (_, i) => {
    const value = at(i);
    if (!Number.isSafeInteger(value))
      throw wrong(file, `has the label ${value} at ${i}`, 'whole numbers', 'Save labels as whole numbers, one for each image');
    return value;
  });
}

function arraySource(array: Numbers, labelings: readonly Labeling[]): ImageSource {
  const { file, dims, at } = array;
  const { height, width, channels, place } = layoutOf(array);
  const scale = scaleOf(array);
  const row = height * width * channels;
  return {
    role: roleOf(file),
    size: dims[0]!,
    labelings,
    nameOf: (i) => `${file}, image ${i}`,
    picture: async (i) => {
      const data = new Uint8Array(row);
      let to = 0;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) data[to++] = Math.round(scale * at(i * row + place(y, x, c)));
      return { width, height, channels, data } satisfies Pixels;
    },
  };
}

function layoutOf({ file, dims }: Numbers): Layout {
  const advice = 'Save it as N × H × W, N × H × W × C or N × C × H × W';
  const expected = 'images as N × height × width, with 1, 3 or 4 channels before or after';
  if (dims.length < 3 || dims.length > 4) throw wrong(file, `is ${show(dims)}`, expected, advice);
  const [n, a, b, c] = dims as [number, number, number, number?];
  const last = c === undefined || isChannels(c);
  const [height, width, channels] = c === undefined ? [a, b, 1] : last ? [a, b, c] : [b, c, a];
  if (!isChannels(channels) || n === 0) throw wrong(file, `is ${show(dims)}`, expected, advice);
  if (Math.min(height, width) < SMALLEST_SIDE || Math.max(height, width) > 4096)
    throw wrong(file, `holds images of ${height} × ${width}`, `sides from ${SMALLEST_SIDE} to 4096`, advice);
  const place = last
    ? (y: number, x: number, k: number) => (y * width + x) * channels + k
    : (y: number, x: number, k: number) => (k * height + y) * width + x;
  return { height, width, channels, place };
}

/** What turns the values into bytes: 1 for bytes, 255 for floats within [0, 1]. All values are looked at. */
function scaleOf({ file, dims, type, at }: Numbers): number {
  if (type === 'bytes') return 1;
  const count = dims.reduce((a, b) => a * b, 1);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    const value = at(i);
    if (!Number.isFinite(value))
      throw wrong(
        file,
        `has the value ${value} in image ${Math.floor((i * dims[0]!) / count)}`,
        'finite numbers',
        'Repair the array and save it anew',
      );
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low < 0 || high > 255)
    throw wrong(file, `has values from ${low} to ${high}`, 'values from 0 to 1 or from 0 to 255', 'Scale them and save them as uint8');
  return type === 'floats' && high <= 1 ? 255 : 1;
}

/** Class names for labels 0 … n − 1, one a line; the labels themselves where a line is missing. */
export const named = (labelings: readonly Labeling[], name: string, lines: readonly string[]): Labeling[] =>
  labelings.map((labeling) =>
    labeling.name === name
      ? { name, values: labeling.values.map((value) => (typeof value === 'number' ? (lines[value] ?? value) : value)) }
      : labeling,
  );

/** Lines of a small text file of class names, without blank ones. Throws where it is no text. */
export function linesOf(bytes: Uint8Array, file: string): string[] {
  const text = new TextDecoder().decode(bytes.subarray(0, 2 ** 16));
  if (bytes.length > 2 ** 16 || text.includes('\0') || text.includes('\ufffd'))
    throw wrong(file, `begins with ${quoted(text)}`, 'the names of the classes, one a line', 'Leave it out');
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line);
}
