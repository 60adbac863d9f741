import { describe, expect, test } from 'vitest';
import type { ImageDataset } from '../../src/data/dataset.ts';
import { pointSets } from '../../src/data/point-sets.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { expectClose } from '../close.ts';

const split = (...images: number[][]) => ({
  size: images.length,
  pixels: Uint8Array.from(images.flat()),
  labels: new Uint8Array(images.length),
});
/** Images of 2 × 2: training has ink above, held-out images have it on the left. */
const data: ImageDataset = {
  kind: 'images',
  id: 'tiny',
  name: 'tiny',
  shape: [2, 2, 1],
  classes: ['0'],
  train: split([30, 90, 0, 0]),
  test: split([255, 0, 0, 0], [40, 0, 40, 0]),
};

describe('sets of points drawn from images', () => {
  const { shape, sample, references, extent } = pointSets(data, 5);

  test('lie where there is ink, in its shares, and evenly inside the pixels; x to the right, y upwards', () => {
    expect([shape, extent]).toEqual([[5, 2], 3]);
    const n = 4000;
    const drawn = sample(n, numbers(1), 'train');
    const [xs, ys] = [0, 1].map((axis) => Array.from(drawn).filter((_, i) => i % 2 === axis)) as [number[], number[]];
    expect(drawn.length).toBe(n * 10);
    expect([Math.min(...ys) >= 0, Math.max(...ys) <= 3, Math.min(...xs) >= -3, Math.max(...xs) <= 3]).toEqual([true, true, true, true]);
    const share = (holds: (x: number, y: number) => boolean) => xs.filter((x, i) => holds(x, ys[i]!)).length / xs.length;
    expectClose([share((x) => x > 0), share((x) => x > 1.5), share((_, y) => y > 1.5)], [0.75, 0.375, 0.5], { atol: 0.012 });
  });

  test('of the asked split, with the same seed the same', () => {
    const held = sample(500, numbers(1), 'test');
    expect(held.filter((v, i) => i % 2 === 0 && v > 0).length).toBe(0);
    expect(held.some((v, i) => i % 2 === 1 && v < 0)).toBe(true);
    expect(sample(500, numbers(1), 'test')).toEqual(held);
    // A set is of one image: the first kind of held-out image has no ink below.
    const below = Array.from({ length: 500 }, (_, i) => held.slice(10 * i, 10 * i + 10).filter((v, j) => j % 2 === 1 && v < 0).length);
    expect(below.filter((count) => count === 0).length / 500).toBeGreaterThan(0.45);
  });

  test('the references are those of an even density, of the mean training ink, and of the image itself', () => {
    const { uniform, independent, floor } = references();
    // A pixel has the area 9. Training ink: ¼, ¾, 0, 0, with 1 % of an even density; held-out ink ¾ above on the left, ¼ below.
    const at = (share: number) => -Math.log((0.99 * share + 0.01 / 4) / 9);
    expectClose([uniform, independent, floor], [Math.log(36), 0.75 * at(0.25) + 0.25 * at(0), 0.5 * Math.log(9) + 0.5 * Math.log(18)], {
      rtol: 1e-6,
    });
  });
});
