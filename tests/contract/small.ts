import type { Dataset, ImageDataset, ImageSplit, VolumeSplit } from '../../src/data/dataset.ts';
import { densities } from '../../src/data/densities.ts';
import { digitScenes } from '../../src/data/digit-scenes.ts';
import { pointSets } from '../../src/data/point-sets.ts';
import { shapeScenes } from '../../src/data/scenes.ts';
import type { Value } from '../../src/hparams.ts';
import type { Method } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import { flatten, settingsOf } from '../../src/train/settings.ts';

/** Images of 16 × 16 made of plain squares: their rows differ, and nothing is as large as the real sets. */
function images(size: number, channels: 1 | 3, seed: number): ImageSplit {
  const pixels = new Uint8Array(size * 256 * channels);
  for (let i = 0; i < size; i++) {
    const stream = rng(seed).split(i);
    const levels = Array.from({ length: 16 * channels }, () => stream.integer(256));
    for (let p = 0; p < 256; p++)
      for (let c = 0; c < channels; c++) pixels[(i * 256 + p) * channels + c] = levels[((p >> 6) * 4 + ((p & 15) >> 2)) * channels + c]!;
  }
  return { size, pixels, labels: Uint8Array.from({ length: size }, (_, i) => i % 4) };
}

/** Images of 28 × 28 in ten classes, each a pattern of squares of its own. */
export function digits(size: number): ImageSplit {
  const labels = Uint8Array.from({ length: size }, (_, i) => i % 10);
  const pixels = new Uint8Array(size * 784);
  for (let i = 0; i < size; i++) {
    const [pattern, noise] = [rng(labels[i]!), rng(100).split(size, i)];
    const levels = Array.from({ length: 49 }, (_, k) => (k % 7 > 0 && k % 7 < 6 ? 255 * pattern.integer(2) : 0));
    for (let p = 0; p < 784; p++)
      pixels[i * 784 + p] = levels[7 * Math.floor(p / 112) + Math.floor((p % 28) / 4)]! * (0.7 + 0.3 * noise.uniform());
  }
  return { size, pixels, labels };
}

const imageSet = (channels: 1 | 3): ImageDataset => ({
  kind: 'images',
  id: channels === 1 ? 'mnist' : 'cifar10',
  name: channels === 1 ? 'grey squares' : 'coloured squares',
  shape: [16, 16, channels],
  classes: ['0', '1', '2', '3'],
  train: images(96, channels, 1),
  test: images(40, channels, 2),
});

const squares = imageSet(1);

/** Volumes of three slices of 24 × 24 each, with the class of each pixel. */
const volumes = (count: number, seed: number): VolumeSplit => {
  const squares = images(3 * count, 3, seed);
  // 16 × 16 of three channels are bytes enough for 24 × 24 of one.
  const pixels = Uint8Array.from({ length: squares.size * 576 }, (_, i) => squares.pixels[Math.floor(i / 576) * 768 + (i % 576)]!);
  return { size: squares.size, volumes: count, pixels, labels: pixels.map((p) => (p > 128 ? 1 : 0)) };
};

/** A small data set of each kind. */
export const smallData: readonly Dataset[] = [
  squares,
  imageSet(3),
  { ...pointSets(squares, 4), kind: 'sets', id: 'mnist-points', name: 'squares as points' },
  densities['two-moons'],
  densities['double-well'],
  shapeScenes({ id: 'shapes', name: 'Shapes' }, { train: 96, test: 40 }),
  {
    ...{ kind: 'volumes', id: 'organs', name: 'striped organs', shape: [24, 24, 1], slices: 3, classes: ['background', 'organ'] },
    train: volumes(12, 3),
    test: volumes(2, 4),
  },
  digitScenes({ id: 'digit-scenes', name: 'Digit scenes' }, { train: digits(100), test: digits(40) }, { train: 96, test: 40 }),
  { kind: 'simulated', id: 'simulated', name: 'Simulated', shape: [] },
];

const sizes: Readonly<Record<string, Value>> = {
  batchSize: 32,
  steps: 100,
  learningRate: 2e-3,
  projection: 8,
  views: 3,
  clusters: 4,
  components: 8,
  couplings: 2,
  width: 8,
  channels: 4,
  layers: 2,
  latents: 4,
  pairs: 3,
  bridges: 3,
  samples: 8,
  variables: 3,
  cells: 6,
  stages: 6,
  share: 0.1,
  // What keeps slots apart grows dearer by the step; the loss is to fall all the same.
  sharing: 0.1,
  parting: 0.02,
};

/** Small values for those settings that a method has. */
export function smallSettings(method: Method, data: Dataset): Record<string, Value> {
  const known = flatten(settingsOf(method, data));
  return Object.fromEntries(Object.entries(sizes).filter(([key]) => key in known));
}
