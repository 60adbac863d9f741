import { gzipSync, strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Found, Pixels } from '../../../src/data/own/found.ts';
import { sourceOf } from '../../../src/data/own/open.ts';
import { cifar10File, idxFile } from '../files.ts';
import { open, png, pngOf, value, written } from './files.ts';

/** Every image as other programs wrote it, in `channels` channels. */
async function expectImages(found: Found, size: number, [width, height, channels]: readonly [number, number, number]) {
  expect(found.size).toBe(size);
  for (let n = 0; n < size; n++) {
    const picture: Pixels = await found.picture(n);
    expect([picture.width, picture.height]).toEqual([width, height]);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++)
          expect(picture.data[(y * width + x) * picture.channels + c], `image ${n} at ${y}, ${x}, ${c}`).toBe(value(n, y, x, c));
  }
}
const cyclic = (size: number, classes: number) => Array.from({ length: size }, (_, i) => i % classes);

describe('arrays', () => {
  it.each([
    ['greyBytes', 1],
    ['colourFortranF4', 3],
    ['planesBigF8', 3],
  ] as const)('%s of NumPy, with labels beside it', async (name, channels) => {
    const found = await open({ 'set/images.npy': written('numpy', name), 'set/y.npy': written('numpy', 'labels') });
    await expectImages(found, 12, [6, 8, channels]);
    expect(found.labelings).toEqual([{ name: 'label', classes: ['4', '5', '6'], labels: Uint8Array.from(cyclic(12, 3)) }]);
    expect(found).toMatchObject({ heldOut: null, format: 'NumPy', name: 'set', troubles: [] });
  });

  it('labels as a column, or none', async () => {
    const column = await open({ 'x.npy': written('numpy', 'greyBytes'), 'y.npy': written('numpy', 'labelsColumn') });
    expect([...column.labelings[0]!.labels]).toEqual(cyclic(12, 3));
    expect((await open({ 'x.npy': written('numpy', 'greyBytes') })).labelings).toEqual([]);
  });

  it('.npz with a split of its own', async () => {
    const found = await open({ 'digits.npz': written('numpy', 'npz') });
    await expectImages(found, 12, [6, 8, 1]);
    expect([...found.heldOut!]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect([...found.labelings[0]!.labels]).toEqual(cyclic(12, 3));
    expect(found.name).toBe('digits');
  });

  it('IDX with its labels, plain and gzipped', async () => {
    const values = Array.from({ length: 4 * 6 * 5 }, (_, i) => value(Math.floor(i / 30), Math.floor((i % 30) / 5), i % 5));
    const found = await open({
      'train-images-idx3-ubyte.gz': gzipSync(idxFile([4, 6, 5], values)),
      'train-labels-idx1-ubyte': idxFile([4], [7, 1, 7, 3]),
    });
    await expectImages(found, 4, [5, 6, 1]);
    expect(found.labelings[0]).toMatchObject({ classes: ['1', '3', '7'], labels: Uint8Array.from([2, 0, 2, 1]) });
  });

  it('CIFAR-10, with the names of its classes; CIFAR-100, by fine or coarse labels', async () => {
    const planes = (n: number) =>
      Uint8Array.from({ length: 3072 }, (_, p) => value(n, Math.floor((p % 1024) / 32), p % 32, Math.floor(p / 1024)));
    const ten = await open({
      'data_batch_1.bin': cifar10File([1, 0], [planes(0), planes(1)]),
      'test_batch.bin': cifar10File([1], [planes(2)]),
      'batches.meta.txt': strToU8('airplane\nautomobile\n\n'),
    });
    await expectImages(ten, 3, [32, 32, 3]);
    expect(ten.labelings).toEqual([{ name: 'label', classes: ['airplane', 'automobile'], labels: Uint8Array.from([1, 0, 1]) }]);
    expect([...ten.heldOut!]).toEqual([0, 0, 1]);
    const hundred = await open({ 'train.bin': Uint8Array.from([3, 77, ...planes(0), 19, 5, ...planes(1)]) });
    await expectImages(hundred, 2, [32, 32, 3]);
    expect(hundred.labelings).toEqual([
      { name: 'coarse', classes: ['3', '19'], labels: Uint8Array.from([0, 1]) },
      { name: 'fine', classes: ['5', '77'], labels: Uint8Array.from([1, 0]) },
    ]);
  });
});

describe('Parquet', () => {
  it.each(['writer', 'snappy', 'gzip', 'uncompressed'])('as %s wrote it', async (name) => {
    const found = await open({ 'train-00000-of-00001.parquet': written('parquet', name) });
    await expectImages(found, 12, [8, 8, 3]);
    const classes = name === 'writer' ? ['cat', 'dog', 'owl'] : ['0', '1', '2'];
    expect(found.labelings.find((labeling) => labeling.name === 'label')).toEqual({
      name: 'label',
      classes,
      labels: Uint8Array.from(cyclic(12, 3)),
    });
    const fine = found.labelings.find((labeling) => labeling.name === 'fine_label');
    if (fine) expect(fine.classes).toEqual(['kind 0', 'kind 1', 'kind 2', 'kind 3', 'kind 4']);
    // In any order, too.
    expect((await found.picture(11)).data[0]).toBe(value(11, 0, 0));
    expect((await found.picture(2)).data[0]).toBe(value(2, 0, 0));
  });

  it('files for training and test are one set', async () => {
    const found = await open({ 'd/train-0.parquet': written('parquet', 'snappy'), 'd/test-0.parquet': written('parquet', 'snappy') });
    expect(found.size).toBe(24);
    expect(found.heldOut!.reduce((a, b) => a + b, 0)).toBe(12);
  });
});

describe('pictures', () => {
  const many = (paths: readonly string[]) => Object.fromEntries(paths.map((path, n) => [path, pngOf(n)]));

  it('in folders, which are their labels; what systems leave behind is passed over', async () => {
    const found = await open({
      ...many(['pets/dog/a.png', 'pets/cat/b.PNG', 'pets/cat/c.png']),
      'pets/.DS_Store': strToU8('x'),
      'pets/cat/Thumbs.db': strToU8('x'),
    });
    expect(found).toMatchObject({ size: 3, name: 'pets', heldOut: null, troubles: [], format: 'PNG, JPEG or WebP pictures' });
    expect(found.labelings).toEqual([{ name: 'folder', classes: ['cat', 'dog'], labels: Uint8Array.from([1, 0, 0]) }]);
    await expectImages(found, 3, [8, 8, 3]);
  });

  it('in a zip archive, with folders for training and test', async () => {
    const paths = ['p/train/10/a.png', 'p/train/9/b.png', 'p/val/9/c.png'];
    const found = await open({ 'p.zip': zipSync({ ...many(paths), '__MACOSX/p/._a.png': strToU8('x') }) });
    expect(found.labelings[0]!.classes).toEqual(['9', '10']);
    expect([...found.heldOut!]).toEqual([0, 0, 1]);
    expect(found.nameOf(2)).toBe('p/val/9/c.png');
    await expectImages(found, 3, [8, 8, 3]);
  });

  it('in one folder: no labels', async () => {
    expect((await open(many(['a/b/1.png', 'a/b/2.png']))).labelings).toEqual([]);
    expect((await open(many(['1.png', '2.png']))).labelings).toEqual([]);
  });

  it('read a picture only when it is wanted', async () => {
    const found = await open({ 'x/a.png': pngOf(0), 'x/b.png': strToU8('no picture'), 'x/c.txt': strToU8('words') });
    expect(found.troubles).toEqual([
      { file: 'x/c.txt', message: expect.stringMatching(/^x\/c\.txt is no kind of file that is read; expected/) },
    ]);
    await expect(found.picture(1)).rejects.toThrow(/^x\/b\.png is no picture of a known kind; expected PNG, JPEG or WebP\./);
  });
});

describe('what is refused', () => {
  const grey = () => written('numpy', 'greyBytes');
  const labels = () => written('numpy', 'labels');
  const replaced = (bytes: Uint8Array, from: string, to: string) =>
    Uint8Array.from(Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1'));
  const long = Array.from({ length: 257 }, (_, i) => [`s/${i}/x.png`, pngOf(i)]);
  const cases: readonly (readonly [string, Readonly<Record<string, Uint8Array>>, RegExp])[] = [
    ['nothing', {}, /^The folder is empty; expected files/],
    ['an empty file', { 'a.npy': new Uint8Array() }, /^a\.npy is empty; expected PNG/],
    ['text', { 'a.txt': strToU8('hello') }, /^a\.txt is no kind of file that is read; expected PNG, JPEG, WebP, zip/],
    ['hidden files only', { 'f/.x': strToU8('hello') }, /holds nothing but hidden files/],
    ['an empty archive', { 'a.zip': zipSync({}) }, /^a\.zip holds no files/],
    [
      'an archive within an archive',
      { 'a.zip': zipSync({ 'b.zip': zipSync({ x: strToU8('x') }) }) },
      /^b\.zip is an archive within an archive/,
    ],
    ['path tricks', { 'a.zip': zipSync({ '../a.png': pngOf(0) }) }, /that leaves its folder/],
    [
      'a tar archive',
      { 'a.tar.gz': gzipSync(Uint8Array.from({ length: 512 }, (_, i) => 'ustar'.charCodeAt(i - 257) || 0)) },
      /is a tar archive/,
    ],
    [
      'pictures among arrays',
      { 'd/a.png': pngOf(0), 'd/b.npy': grey() },
      /^d mixes pictures \("d\/a\.png"\) with files of many images \(NumPy\)/,
    ],
    ['pictures in and outside of folders', { 'd/a.png': pngOf(0), 'd/x/b.png': pngOf(1) }, /^d\/a\.png lies in no folder of a label/],
    ['257 labels', Object.fromEntries(long), /^s has 257 different labels in folder, such as 0, 1, 2; expected at most 256/],
    ['labels without images', { 'y.npy': labels() }, /^y\.npy is 12; expected an array of images/],
    [
      'labels of another length',
      { 'x.npy': grey(), 'y.npy': replaced(labels(), '(12,)', '(11,)').slice(0, -8) },
      /^x\.npy holds 12 images and has no arrays of as many labels beside it; expected one; there are y\.npy \(11\)/,
    ],
    ['two arrays of labels', { 'x.npy': grey(), 'y.npy': labels(), 'z.npy': labels() }, /has 2 arrays of as many labels/],
    [
      'labels that are no whole numbers',
      { 'x.npy': grey(), 'y.npy': written('numpy', 'floatLabels') },
      /^y\.npy has the label 4\.5 at 0; expected whole numbers/,
    ],
    ['strings', { 'x.npy': written('numpy', 'strings') }, /^x\.npy holds values of type "<U1"; expected uint8/],
    ['NaN', { 'x.npy': written('numpy', 'nan') }, /^x\.npy has the value NaN in image 3; expected finite numbers/],
    ['a truncated array', { 'x.npy': grey().slice(0, -1) }, /^x\.npy has 575 bytes of values; expected 576 for 12 × 8 × 6 u1/],
    ['a huge shape', { 'x.npy': replaced(grey(), '(12, 8, 6)', '(99999999, 8, 6)') }, /has \d+ bytes of values; expected/],
    [
      'floats beyond a picture',
      { 'x.npy': replaced(grey(), '|u1', '|i1') },
      /^x\.npy has values from -128 to 127; expected values from 0 to 1 or from 0 to 255/,
    ],
    [
      'too many dimensions',
      { 'x.npy': replaced(grey(), '(12, 8, 6), }', '(2,6,2,4,6) }') },
      /^x\.npy is 2 × 6 × 2 × 4 × 6; expected images as N × height × width/,
    ],
    [
      'images too thin',
      { 'x.npy': replaced(grey(), '(12, 8, 6), ', '(24, 2, 12),') },
      /holds images of 2 × 12; expected sides from 4 to 4096/,
    ],
    [
      'IDX of floats',
      { 'x-idx3': Uint8Array.from([0, 0, 13, 1, 0, 0, 0, 1, 1]) },
      /^x-idx3 holds values of type 0x0d; expected unsigned bytes, type 0x08\. Get it anew/,
    ],
    [
      'CIFAR cut off',
      { 'data_batch_1.bin': new Uint8Array(3072) },
      /^data_batch_1\.bin has 3072 bytes; expected whole records of 3073 \(CIFAR-10\) or 3074/,
    ],
    [
      'CIFAR-100 with a wrong label',
      { 'train.bin': Uint8Array.from([0, 100, ...new Uint8Array(3072)]) },
      /has the fine label 100 in record 0; expected fine labels from 0 to 99/,
    ],
    [
      'Parquet with zstd',
      { 'x.parquet': written('parquet', 'zstd') },
      /^x\.parquet is compressed with ZSTD; snappy, gzip and none are read/,
    ],
    [
      'Parquet with deltas',
      { 'x.parquet': written('parquet', 'v2') },
      /^x\.parquet has a page of encoding 5; plain and dictionary are read, in column label/,
    ],
    ['Parquet cut off', { 'x.parquet': written('parquet', 'snappy').slice(0, -100) }, /^x\.parquet has no Parquet footer at the end/],
    [
      'Parquet without pictures',
      { 'x.parquet': replaced(replaced(written('parquet', 'writer'), 'bytes', 'bites'), 'bytes', 'bites') },
      /has the columns ".*"; expected one column of pictures/,
    ],
  ];
  it.each(cases)('%s', async (_, files, sentence) => {
    await expect(open(files)).rejects.toThrow(sentence);
  });

  it.each([
    ['of 1 × 1', png(1, 1, () => 0), /^p\.png is 1 × 1 pixels; expected at least 4 × 4/],
    ['of 20,000 × 20,000', sized(20_000, 20_000), /^p\.png is 20000 × 20000 pixels; expected at most 67108864/],
    ['that is a GIF', strToU8('GIF89a…'), /^p\.png is a GIF; expected PNG, JPEG or WebP/],
    ['that is empty', new Uint8Array(), /^p\.png is empty/],
    ['cut off', pngOf(0).slice(0, -5), /^p\.png is a PNG picture that ends too early/],
    ['with a wrong byte', pngOf(0).map((b, i) => (i === 60 ? b ^ 1 : b)), /^p\.png is a damaged PNG picture; expected one of 8 × 8 pixels/],
  ])('a picture %s', async (_, bytes, sentence) => {
    const found = await open({ 'p.png': bytes });
    await expect(found.picture(0)).rejects.toThrow(sentence);
  });

  it('two files of one name', async () => {
    const { openFiles } = await import('../../../src/data/own/open.ts');
    const twice = [0, 1].map(() => ({ path: 'a/x.png', blob: new Blob([pngOf(0) as Uint8Array<ArrayBuffer>]) }));
    await expect(openFiles(twice, async () => ({ width: 8, height: 8, rgba: new Uint8ClampedArray(256) }))).rejects.toThrow(
      /"a\/x\.png" was chosen twice/,
    );
  });
});

/** A picture whose header claims a size. */
function sized(width: number, height: number): Uint8Array {
  const bytes = pngOf(0).slice();
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}

it('a file that two read at once gives each the bytes it asked for', async () => {
  const size = 2 ** 24;
  const bytes = new Uint8Array(Uint32Array.from({ length: size / 4 }, (_, i) => i).buffer);
  const { read } = sourceOf(new Blob([bytes]));
  const ranges = [4, 8, 8 + 2 ** -10, 4, 12].map((at) => [at * 2 ** 20, at * 2 ** 20 + 100] as const);
  expect([...(await read(0, 100))]).toEqual([...bytes.subarray(0, 100)]);
  const both = await Promise.all(ranges.map(([from, to]) => read(from, to)));
  for (const [i, [from, to]] of ranges.entries()) expect([...both[i]!], `from ${from}`).toEqual([...bytes.subarray(from, to)]);
});
