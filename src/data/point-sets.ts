import type { ImageDataset, ImageSplit, SetDataset } from './dataset.ts';

/** Points in a set, and half the side of the square that they lie in: the image, centred. */
export const setSize = 32;
const extent = 3;

/** Share of an even density on the square in that of the mean image's ink, which alone would rule out some pixels. */
const even = 0.01;

/**
 * Grey images as sets of points in the plane: each is drawn on its own from the ink of one image, a pixel with the probability of its
 * grey level, then evenly inside the pixel. So a set has a true density, whatever its order, and there is no end of sets.
 * `size` points a set, x to the right and y upwards on [−3, 3]².
 */
export function pointSets(
  { train, test, shape: [height, width] }: ImageDataset,
  size = setSize,
): Pick<SetDataset, 'shape' | 'sample' | 'extent' | 'references'> {
  const pixels = height * width;
  const splits = { train, test };
  /** Grey levels of an image as shares of its ink; of an empty one all alike. Plain loops: every step draws many. */
  const ink = ({ pixels: all }: ImageSplit, image: number): Float64Array => {
    const shares = new Float64Array(pixels);
    let sum = 0;
    for (let p = 0; p < pixels; p++) sum += all[image * pixels + p]!;
    for (let p = 0; p < pixels; p++) shares[p] = sum > 0 ? all[image * pixels + p]! / sum : 1 / pixels;
    return shares;
  };
  const meanInk = (split: ImageSplit): Float64Array => {
    const mean = new Float64Array(pixels);
    for (let i = 0; i < split.size; i++) {
      const shares = ink(split, i);
      for (let p = 0; p < pixels; p++) mean[p]! += shares[p]! / split.size;
    }
    return mean;
  };
  const area = (2 * extent) ** 2 / pixels;
  return {
    shape: [size, 2],
    extent,
    sample: (count, rng, split) => {
      const points = new Float32Array(count * size * 2);
      for (let i = 0; i < count; i++) {
        const sums = ink(splits[split], rng.integer(splits[split].size));
        for (let p = 1; p < pixels; p++) sums[p]! += sums[p - 1]!;
        for (let k = 0; k < size; k++) {
          const pixel = firstAbove(sums, rng.uniform() * sums[pixels - 1]!);
          const [row, column] = [Math.floor(pixel / width), pixel % width];
          const at = 2 * (i * size + k);
          points[at] = extent * ((2 * (column + rng.uniform())) / width - 1);
          points[at + 1] = extent * (1 - (2 * (row + rng.uniform())) / height);
        }
      }
      return points;
    },
    references: () => {
      const [known, held] = [meanInk(train), meanInk(test)];
      let floor = 0;
      for (let i = 0; i < test.size; i++) for (const v of ink(test, i)) if (v > 0) floor -= (v * Math.log(v / area)) / test.size;
      return {
        uniform: Math.log(pixels * area),
        independent: -held.reduce((sum, v, p) => sum + v * Math.log(((1 - even) * known[p]! + even / pixels) / area), 0),
        floor,
      };
    },
  };
}

/** The first place whose running sum lies above `value`. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
