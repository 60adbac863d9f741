import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readLocal } from '../../scripts/read-data.ts';
import { MissingData, type ReadFile } from '../../src/data/dataset.ts';
import { datasets, loadDataset } from '../../src/data/datasets.ts';
import { readData } from '../../src/data/fetch.ts';
import { nearest, unknown } from '../../src/nearest.ts';
import { cifar10File, idxFile } from './files.ts';

const folder =
  (files: Readonly<Record<string, Uint8Array | string>>): ReadFile =>
  async (name) => {
    const file = files[name];
    if (file === undefined) throw new MissingData(`${name} is not there`);
    return typeof file === 'string' ? new TextEncoder().encode(file) : file;
  };

const image = (value: number) => new Array<number>(784).fill(value);
const mnistFiles = {
  'mnist/train-images-idx3-ubyte': idxFile([3, 28, 28], [1, 2, 3].flatMap(image)),
  'mnist/train-labels-idx1-ubyte': idxFile([3], [7, 8, 9]),
  'mnist/t10k-images-idx3-ubyte': idxFile([1, 28, 28], image(4)),
  'mnist/t10k-labels-idx1-ubyte': idxFile([1], [0]),
};
const record = (label: number) => cifar10File([label], [new Uint8Array(3072).fill(label)]);
const cifarFiles = {
  'manifest.json': JSON.stringify({
    mnist: {},
    cifar10: { train: 2, test: 1, files: { 'data_batch_2.bin': {}, 'test_batch.bin': {}, 'data_batch_1.bin': {} } },
  }),
  'cifar10/data_batch_1.bin': record(1),
  'cifar10/data_batch_2.bin': record(2),
  'cifar10/test_batch.bin': record(3),
};

describe('loadDataset', () => {
  it('reads MNIST', async () => {
    const set = await loadDataset('mnist', folder(mnistFiles));
    if (set.kind !== 'images') throw new Error('not images');
    expect(set).toMatchObject({ ...datasets.mnist, train: { size: 3 }, test: { size: 1 } });
    expect(Array.from(set.train.labels)).toEqual([7, 8, 9]);
    expect(set.train.pixels.length).toBe(3 * 784);
    expect(set.train.pixels[784]).toBe(2);
    expect(set.test.pixels[0]).toBe(4);
  });

  it('joins the CIFAR-10 files of the manifest, in order', async () => {
    const set = await loadDataset('cifar10', folder(cifarFiles));
    if (set.kind !== 'images') throw new Error('not images');
    expect(Array.from(set.train.labels)).toEqual([1, 2]);
    expect(Array.from(set.train.pixels.subarray(3070, 3074))).toEqual([1, 1, 2, 2]);
    expect(Array.from(set.test.labels)).toEqual([3]);
  });

  it('says what is missing and how to get it', async () => {
    await expect(loadDataset('mnist', folder({}))).rejects.toThrow(MissingData);
    const missing = folder({ 'manifest.json': JSON.stringify({ cifar10: { missing: 'The download was refused.' } }) });
    await expect(loadDataset('cifar10', missing)).rejects.toThrow(
      new MissingData('CIFAR-10 is not prepared: The download was refused. Run `npm run data` to get it'),
    );
    await expect(loadDataset('cifar10', folder({ 'manifest.json': '{}' }))).rejects.toThrow(
      new MissingData('CIFAR-10 is not prepared. Run `npm run data` to get it'),
    );
    await expect(loadDataset('cifar10', folder({ 'manifest.json': '<html>' }))).rejects.toThrow('manifest.json is not JSON');
  });

  it('refuses files that do not fit together', async () => {
    const withFile = (name: string, file: Uint8Array) => loadDataset('mnist', folder({ ...mnistFiles, [name]: file }));
    await expect(withFile('mnist/train-labels-idx1-ubyte', idxFile([2], [1, 2]))).rejects.toThrow(
      'mnist/train-labels-idx1-ubyte is 2; expected 3, one label for each image of mnist/train-images-idx3-ubyte',
    );
    await expect(withFile('mnist/t10k-labels-idx1-ubyte', idxFile([1], [10]))).rejects.toThrow('has the label 10 at 0');
    await expect(withFile('mnist/t10k-images-idx3-ubyte', idxFile([1, 28, 27], image(0).slice(28)))).rejects.toThrow(
      'mnist/t10k-images-idx3-ubyte is 1 × 28 × 27; expected images of 28 × 28',
    );
  });

  it('gives the 2-D densities without reading a file', async () => {
    const points = Object.values(datasets).filter((info) => info.kind === 'points');
    expect(points.length).toBe(9);
    for (const info of points) {
      const set = await loadDataset(info.id, folder({}));
      expect(set).toMatchObject({ kind: 'points', id: info.id, name: info.name, shape: [2] });
    }
  });

  it('suggests the nearest id for an unknown one', async () => {
    await expect(loadDataset('minst', folder({}))).rejects.toThrow(
      'There is no data set "minst"; did you mean mnist? Known: mnist, cifar10,',
    );
    await expect(loadDataset('toString', folder({}))).rejects.toThrow('There is no data set "toString"');
  });
});

describe('datasets', () => {
  it('are described in one sentence each, under their own id', () => {
    for (const [id, info] of Object.entries(datasets)) {
      expect(info.id).toBe(id);
      expect(info.summary).toMatch(/^[A-Z][^.]*\.$/);
    }
  });
});

describe('nearest', () => {
  it.each([
    ['minst', 'mnist'],
    ['MNIST', 'mnist'],
    ['cifar', 'cifar10'],
    ['twomoons', 'two-moons'],
    ['checkboard', 'checkerboard'],
  ])('%s → %s', (typed, meant) => expect(nearest(typed, Object.keys(datasets))).toBe(meant));

  it('has no guess for something else entirely', () => {
    expect(nearest('imagenet-21k', ['mnist', 'byol'])).toBeNull();
    expect(nearest('mnist', [])).toBeNull();
    expect(unknown('method', 'qqqqqqqq', ['byol'])).toBe('There is no method "qqqqqqqq"; Known: byol');
  });

  it('forgives one slip of any kind', () => {
    const names = ['simclr', 'deepcluster', 'realnvp', 'mnist'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom('drop', 'double', 'swap', 'replace'), (name, place, slip) => {
        const at = place % name.length;
        const [head, c, tail] = [name.slice(0, at), name[at]!, name.slice(at + 1)];
        const typed = {
          drop: head + tail,
          double: head + c + c + tail,
          swap: head + (tail[0] ?? '') + c + tail.slice(1),
          replace: `${head}%${tail}`,
        }[slip];
        expect(nearest(typed, names)).toBe(name);
      }),
    );
  });
});

describe('readData', () => {
  afterEach(() => vi.unstubAllGlobals());
  const answering = (answer: () => Promise<Response>) => vi.stubGlobal('fetch', vi.fn(answer));

  it('fetches beneath the base address', async () => {
    answering(async () => new Response(Uint8Array.from([1, 2]), { headers: { 'content-type': 'application/octet-stream' } }));
    expect(await readData('/lab/data/')('mnist/x')).toEqual(Uint8Array.from([1, 2]));
    expect(fetch).toHaveBeenCalledWith('/lab/data/mnist/x');
  });

  it.each([
    ['a 404', async () => new Response('', { status: 404 }), 'The data file a is not there. Run `npm run data`, then reload'],
    [
      'a page in its place',
      async () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
      'The data file a is not there. Run `npm run data`, then reload',
    ],
    ['a failing server', async () => new Response('', { status: 503 }), 'The server answered 503 when asked for d/a.'],
    ['no network', () => Promise.reject(new TypeError('fetch failed')), 'The server did not answer when asked for d/a.'],
  ])('turns %s into a sentence', async (_, answer, sentence) => {
    answering(answer);
    const reading = readData('d')('a');
    await expect(reading).rejects.toThrow(MissingData);
    await expect(reading).rejects.toThrow(sentence);
  });
});

describe('readLocal', () => {
  it('reads a file as plain bytes and names one that is not there', async () => {
    const bytes = await readLocal('.')('package.json');
    expect(bytes.constructor).toBe(Uint8Array);
    expect(JSON.parse(new TextDecoder().decode(bytes)).name).toBe('unlabeled');
    await expect(readLocal('.')('nothing/here')).rejects.toThrow(
      new MissingData('The data file nothing/here is not there. Run `npm run data`'),
    );
  });
});
