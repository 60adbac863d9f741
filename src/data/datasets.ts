import { unknown } from '../nearest.ts';
import { numbers } from '../ops/numbers.ts';
import { readCifar10 } from './cifar10.ts';
import { type Dataset, type ImageDataset, type ImageSplit, MissingData, type ReadFile, type Shape } from './dataset.ts';
import { densities } from './densities.ts';
import { readIdx } from './idx.ts';
import { pointSets, setSize } from './point-sets.ts';

export type DatasetInfo = {
  readonly id: string;
  readonly name: string;
  readonly kind: Dataset['kind'];
  readonly shape: Shape;
  /** One sentence. */
  readonly summary: string;
  readonly classes?: readonly string[];
  /** Whether its energy is known: some methods train on that. */
  readonly energy?: true;
  /** Whether its scenes keep a rule, so that one can tell how well a method draws such. */
  readonly rule?: true;
};

type PointId = keyof typeof densities;
const points = (id: PointId, summary: string): DatasetInfo => ({
  ...{ id, name: densities[id].name, kind: 'points', shape: [2], summary },
  ...(densities[id].energy ? { energy: true } : {}),
});

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const things = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;

const tissues = ['background', 'chamber', 'wall', 'crescent'] as const;

const mnist = {
  id: 'mnist',
  name: 'MNIST',
  kind: 'images',
  shape: [28, 28, 1],
  summary: 'Handwritten digits, centred, white on black, 28 × 28.',
  classes: digits,
} as const satisfies DatasetInfo;

const cifar10 = {
  id: 'cifar10',
  name: 'CIFAR-10',
  kind: 'images',
  shape: [32, 32, 3],
  summary: 'Small colour photographs of ten kinds of animals and vehicles, 32 × 32.',
  classes: things,
} as const satisfies DatasetInfo;

const mnistPoints = {
  id: 'mnist-points',
  name: 'MNIST as points',
  kind: 'sets',
  shape: [setSize, 2],
  summary: 'Handwritten digits as sets of 32 points drawn from their ink.',
} as const satisfies DatasetInfo;

const shapes = {
  id: 'shapes',
  name: 'Shapes',
  kind: 'scenes',
  shape: [32, 32, 3],
  summary: 'Scenes of one to five coloured shapes that may hide each other, 32 × 32, with the object of each pixel.',
} as const satisfies DatasetInfo;

const organs = {
  id: 'organs',
  name: 'Organs',
  kind: 'volumes',
  shape: [32, 32, 1],
  summary: 'Made-up scans of 42 patients, 16 slices of 32 × 32 each: three organs, with noise and uneven light.',
  classes: tissues,
} as const satisfies DatasetInfo;

const digitScenes = {
  id: 'digit-scenes',
  name: 'Digit scenes',
  kind: 'scenes',
  shape: [32, 32, 1],
  summary: 'Scenes of four small digits, one in each quarter, of which each is one more than the one before it.',
  rule: true,
} as const satisfies DatasetInfo;

const simulated = {
  id: 'simulated',
  name: 'Simulated',
  kind: 'simulated',
  shape: [],
  summary: 'A problem that the settings describe and the seed draws, so that the truth is known.',
} as const satisfies DatasetInfo;

/** What is known of each data set before any of it is loaded, in the order that the page lists them. */
export const datasets = {
  mnist,
  cifar10,
  'mnist-points': mnistPoints,
  'two-moons': points('two-moons', 'Two interleaved half circles with Gaussian noise.'),
  'eight-gaussians': points('eight-gaussians', 'Eight narrow Gaussians on a circle.'),
  checkerboard: points('checkerboard', 'Uniform on every second square of a 4 × 4 board: sharp edges and separate pieces.'),
  'four-circles': points('four-circles', 'Four thin rings that cross each other.'),
  corners: points('corners', 'Four L-shaped blocks with sharp edges, twice as dense where the arms meet.'),
  spirals: points('spirals', 'Two spiral arms wound around each other.'),
  pinwheel: points('pinwheel', 'Five Gaussian blades that swirl around the centre.'),
  'double-well': points('double-well', 'Two valleys of unequal height, with a pass of 9 kT between them.'),
  smiley: points('smiley', 'A face drawn with a soft pen: an outline, two eyes and a mouth, none of which touch.'),
  shapes,
  organs,
  'digit-scenes': digitScenes,
  simulated,
} as const satisfies Record<
  PointId | 'mnist' | 'cifar10' | 'mnist-points' | 'shapes' | 'organs' | 'digit-scenes' | 'simulated',
  DatasetInfo
>;

/**
 * Loads a data set by its id; image files come from `readFile`, all others need none.
 * Throws `MissingData` when set-up has not prepared it, and an Error for an unknown id or a file that is not what it should be.
 */
export async function loadDataset(id: string, readFile: ReadFile): Promise<Dataset> {
  if (id === 'mnist') return mnistImages(readFile);
  if (id === 'mnist-points') return { ...mnistPoints, ...pointSets(await mnistImages(readFile)) };
  if (id === 'cifar10') {
    const batches = await cifar10Batches(readFile);
    const read = async (name: string) => readCifar10(await readFile(name), name);
    const [test, ...train] = await Promise.all(['cifar10/test_batch.bin', ...batches].map(read));
    return { ...cifar10, train: concatenate(train), test: test! };
  }
  if (id === 'shapes') return (await import('./scenes.ts')).shapeScenes(shapes);
  if (id === 'organs') {
    const { drawVolumes, volumeSlices } = await import('./volumes.ts');
    const [train, test] = [drawVolumes(32, numbers(0).split('train')), drawVolumes(10, numbers(0).split('test'))];
    return { ...organs, slices: volumeSlices, train, test };
  }
  if (id === 'digit-scenes') return (await import('./digit-scenes.ts')).digitScenes(digitScenes, await mnistImages(readFile));
  if (id === 'simulated') return simulated;
  if (Object.hasOwn(densities, id)) return densities[id as PointId];
  throw new Error(unknown('data set', id, Object.keys(datasets)));
}

async function mnistImages(readFile: ReadFile): Promise<ImageDataset> {
  const [train, test] = await Promise.all([mnistSplit('train', readFile), mnistSplit('t10k', readFile)]);
  return { ...mnist, train, test };
}

async function mnistSplit(prefix: 'train' | 't10k', readFile: ReadFile): Promise<ImageSplit> {
  const names = [`mnist/${prefix}-images-idx3-ubyte`, `mnist/${prefix}-labels-idx1-ubyte`] as const;
  const [images, labels] = await Promise.all(names.map(async (name) => readIdx(await readFile(name), name)));
  const [size = 0, ...sides] = images!.dims;
  const again = 'Run `npm run data` to get both anew';
  if (sides.join() !== '28,28') throw new Error(`${names[0]} is ${images!.dims.join(' × ')}; expected images of 28 × 28. ${again}`);
  if (labels!.dims.join() !== String(size))
    throw new Error(`${names[1]} is ${labels!.dims.join(' × ')}; expected ${size}, one label for each image of ${names[0]}. ${again}`);
  const wrong = labels!.values.findIndex((label) => label > 9);
  if (wrong >= 0) throw new Error(`${names[1]} has the label ${labels!.values[wrong]} at ${wrong}; expected labels from 0 to 9. ${again}`);
  return { size, pixels: images!.values, labels: labels!.values };
}

/** The training files that set-up wrote, as `manifest.json` lists them. */
async function cifar10Batches(readFile: ReadFile): Promise<string[]> {
  const text = new TextDecoder().decode(await readFile('manifest.json'));
  let entry: { files?: Record<string, unknown>; missing?: string } | undefined;
  try {
    entry = JSON.parse(text).cifar10;
  } catch {
    throw new Error('manifest.json is not JSON; expected the list of files that `npm run data` writes. Run it again');
  }
  const names = Object.keys(entry?.files ?? {}).filter((name) => name.startsWith('data_batch_'));
  if (names.length) return names.sort().map((name) => `cifar10/${name}`);
  throw new MissingData(`CIFAR-10 is not prepared${entry?.missing ? `: ${entry.missing}` : '.'} Run \`npm run data\` to get it`);
}

function concatenate(splits: readonly ImageSplit[]): ImageSplit {
  if (splits.length === 1) return splits[0]!;
  const size = splits.reduce((sum, split) => sum + split.size, 0);
  const joined = { size, pixels: new Uint8Array(size * 3072), labels: new Uint8Array(size) };
  let at = 0;
  for (const split of splits) {
    joined.pixels.set(split.pixels, at * 3072);
    joined.labels.set(split.labels, at);
    at += split.size;
  }
  return joined;
}
