import { flag, real, type Specs, type Value, type Values } from '../hparams.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import type { ImageShape } from './dataset.ts';

const greyViews = {
  rotation: real(15, { min: 0, max: 180, doc: 'Views: turned by up to ± this many degrees' }),
  scaling: real(0.2, { min: 0, max: 0.5, doc: 'Views: enlarged or shrunk by up to this share of the size' }),
  shear: real(10, { min: 0, max: 45, doc: 'Views: slanted by up to ± this many degrees' }),
  shift: real(0.1, { min: 0, max: 0.5, doc: 'Views: moved by up to ± this share of the side, in x and in y' }),
  erasing: real(0.2, { min: 0, max: 0.6, doc: 'Views: every second one loses a rectangle of up to this share of the area' }),
};

const colourViews = {
  cropScale: real(0.25, { min: 0.05, max: 1, doc: 'Views: smallest share of the area that a random crop keeps (1 = no crop)' }),
  flip: flag(true, { doc: 'Views: mirrored left to right, every second one' }),
  brightness: real(0.4, { min: 0, max: 1, doc: 'Views: all values times a factor from 1 − this to 1 + this' }),
  contrast: real(0.4, { min: 0, max: 1, doc: "Views: distance to the image's mean grey times a factor from 1 − this to 1 + this" }),
  saturation: real(0.4, { min: 0, max: 1, doc: 'Views: distance to grey times a factor from 1 − this to 1 + this' }),
  hue: real(0.1, { min: 0, max: 0.5, doc: 'Views: colours turned by up to ± this share of the colour circle' }),
  grayscale: real(0.2, { min: 0, max: 1, doc: 'Views: probability of losing all colour' }),
};

type GreyViews = Values<typeof greyViews>;
type ColourViews = Values<typeof colourViews>;

/** The strengths of the views of images of this shape: affine and erasing for 1 channel, crop, flip and colour for 3. */
export const viewSpecs = ([, , channels]: ImageShape): Specs => (channels === 1 ? greyViews : colourViews);

/**
 * One random view of each row of `x` [N, H, W, C], values in [0, 1] in and out; C = 1 or 3 decides which of
 * `viewSpecs` rule. Row i draws from `rng.split(i)`: rows are independent of each other and of N. No gradient.
 * Leaves intermediate tensors behind: call it inside `tf.tidy`. Every strength at 0 (cropScale 1, flip off) gives x itself.
 *
 * C = 1: affine about the centre (shift · rotation · scale · shear), bilinear, 0 outside; then with probability 1/2 a
 * rectangle of uniform area and log-uniform aspect 0.3 to 3.3 is set to 0.
 * C = 3: random resized crop and flip, bilinear, edges repeated; with probability 0.8 brightness, contrast,
 * saturation, hue; with probability `grayscale` grey; clipped to [0, 1]. As SimCLR (Chen et al. 2020, appendix A).
 * Differs: torchvision's ColorJitter shuffles its four steps, clips after each and turns hue in HSV; here the order is
 * fixed, there is one clip at the end and hue turns in YIQ, which keeps luma. No blur, as SimCLR on CIFAR-10.
 */
export function augment(x: tf.Tensor4D, values: Readonly<Record<string, Value>>, rng: Rng): tf.Tensor4D {
  const [n, , , channels] = x.shape;
  const rows = Array.from({ length: n }, (_, i) => rng.split(i));
  if (channels === 1) return greyView(x, values as GreyViews, rows);
  if (channels === 3) return colourView(x, values as ColourViews, rows);
  throw new Error(`There are no views of images with ${channels} channels; expected 1 or 3`);
}

const within = (rng: Rng, low: number, high: number) => low + (high - low) * rng.uniform();
/** Uniform in the logarithm, from 1 / most to most. */
const ratio = (rng: Rng, most: number) => most ** within(rng, -1, 1);
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** A random rotation, scale, shear and shift of each row, as a grey view has it; any number of channels, 0 outside. */
export function move(x: tf.Tensor4D, hp: Omit<GreyViews, 'erasing'>, rows: readonly Rng[]): tf.Tensor4D {
  const [n, height, width] = x.shape;
  const maps = rows.flatMap((rng) => affine(hp, height, width, rng));
  return tf.image.transform(x, tf.tensor2d(maps, [n, 8]), 'bilinear', 'constant', 0);
}

function greyView(x: tf.Tensor4D, hp: GreyViews, rows: readonly Rng[]): tf.Tensor4D {
  const [n, height, width] = x.shape;
  const moved = move(x, hp, rows);
  const kept = new Float32Array(n * height * width).fill(1);
  rows.forEach((rng, i) => {
    const chosen = rng.uniform() < 0.5;
    const area = rng.uniform() * hp.erasing * height * width;
    const aspect = ratio(rng, 3.3);
    const tall = chosen ? Math.min(height, Math.round(Math.sqrt(area * aspect))) : 0;
    const wide = Math.min(width, Math.round(Math.sqrt(area / aspect)));
    const top = rng.integer(height - tall + 1);
    const left = rng.integer(width - wide + 1);
    for (let row = top; row < top + tall; row++) {
      const at = (i * height + row) * width + left;
      kept.fill(0, at, at + wide);
    }
  });
  return tf.mul(moved, tf.tensor4d(kept, x.shape));
}

/** Random affine map as `tf.image.transform` wants it: eight numbers that take a place in the view to its place in x. */
function affine(hp: Omit<GreyViews, 'erasing'>, height: number, width: number, rng: Rng): number[] {
  const angle = radians(within(rng, -hp.rotation, hp.rotation));
  const slant = Math.tan(radians(within(rng, -hp.shear, hp.shear)));
  const scale = within(rng, 1 - hp.scaling, 1 + hp.scaling);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // The inverse of scale · [cos −sin; sin cos] · [1 slant; 0 1].
  const [a, b] = [(cos + slant * sin) / scale, (sin - slant * cos) / scale];
  const [c, d] = [-sin / scale, cos / scale];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const x = cx + within(rng, -hp.shift, hp.shift) * width;
  const y = cy + within(rng, -hp.shift, hp.shift) * height;
  return [a, b, cx - a * x - b * y, c, d, cy - c * x - d * y, 0, 0];
}

function colourView(x: tf.Tensor4D, hp: ColourViews, rows: readonly Rng[]): tf.Tensor4D {
  const [n, height, width] = x.shape;
  const maps = rows.flatMap((rng) => crop(hp, height, width, rng));
  const cropped = tf.image.transform(x, tf.tensor2d(maps, [n, 8]), 'bilinear', 'nearest');
  return recolour(
    cropped,
    rows.map((rng) => colour(hp, rng)),
  );
}

/** Random resized crop (torchvision's rule) and flip, as eight numbers for `tf.image.transform`. */
function crop(hp: ColourViews, height: number, width: number, rng: Rng): number[] {
  let [tall, wide] = [height, width];
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = within(rng, hp.cropScale, 1) * height * width;
    const aspect = ratio(rng, 4 / 3);
    const [h, w] = [Math.round(Math.sqrt(area / aspect)), Math.round(Math.sqrt(area * aspect))];
    if (h <= height && w <= width) {
      [tall, wide] = [Math.max(1, h), Math.max(1, w)];
      break;
    }
  }
  const top = rng.integer(height - tall + 1);
  const left = rng.integer(width - wide + 1);
  const flipped = rng.uniform() < 0.5 && hp.flip;
  // Pixel i covers [i, i + 1]: its centre i + 1/2 is what is scaled.
  const [sx, sy] = [wide / width, tall / height];
  const horizontal = flipped ? [-sx, 0, left + (width - 0.5) * sx - 0.5] : [sx, 0, left + 0.5 * sx - 0.5];
  return [...horizontal, 0, sy, top + 0.5 * sy - 0.5, 0, 0];
}

/** Luma of ITU-R BT.601. */
const [red, green, blue] = [0.299, 0.587, 0.114];
/** x ↦ x · luma: each of three columns gives the grey of x. */
const LUMA = [red, red, red, green, green, green, blue, blue, blue];
/**
 * x ↦ x · TURN: the chroma of x turned by 90° in the YIQ (or YUV) plane, from red towards yellow. With U = 0.492 (B − Y)
 * and V = 0.877 (R − Y), d(R − Y) = (B − Y) / ρ, d(B − Y) = −ρ (R − Y), and dG follows from dY = 0.
 */
const TURN = (() => {
  const rho = 0.877 / 0.492;
  const turned = (r: number, g: number, b: number) => {
    const y = red * r + green * g + blue * b;
    const [dr, db] = [(b - y) / rho, -rho * (r - y)];
    return [dr, -(red * dr + blue * db) / green, db];
  };
  return [...turned(1, 0, 0), ...turned(0, 1, 0), ...turned(0, 0, 1)];
})();

/** Shares of x, of its grey, of its turned chroma and of its mean grey in a view. */
type Mixture = readonly [own: number, grey: number, turned: number, mean: number];

function colour(hp: ColourViews, rng: Rng): Mixture {
  const factor = (strength: number) => within(rng, 1 - strength, 1 + strength);
  const jittered = rng.uniform() < 0.8;
  const [brightness, contrast, saturation] = [factor(hp.brightness), factor(hp.contrast), factor(hp.saturation)];
  const angle = 2 * Math.PI * within(rng, -hp.hue, hp.hue);
  const [b, c, s, h] = jittered ? [brightness, contrast, saturation, angle] : [1, 1, 1, 0];
  // Grey is no saturation at all. Chroma, x − luma, is scaled by s and turned by h; luma stays.
  const chroma = rng.uniform() < hp.grayscale ? 0 : s;
  const own = chroma * Math.cos(h);
  return [b * c * own, b * c * (1 - own), b * c * chroma * Math.sin(h), b * (1 - c)];
}

/**
 * The affine colour map x' = own · x + grey · luma(x) + turned · TURN(x) + mean · mean(luma(x)) of each row, clipped.
 * Two products with matrices that all rows share cost a third of one batched product with a 3 × 3 matrix per row (wasm).
 */
function recolour(x: tf.Tensor4D, mixtures: readonly Mixture[]): tf.Tensor4D {
  const [n, height, width] = x.shape;
  const share = (k: number) =>
    tf.tensor4d(
      mixtures.map((mixture) => mixture[k]!),
      [n, 1, 1, 1],
    );
  const pixels = tf.reshape(x, [-1, 3]);
  const product = (matrix: number[]): tf.Tensor4D => tf.reshape(tf.matMul(pixels, tf.tensor2d(matrix, [3, 3])), x.shape);
  const grey = product(LUMA);
  const mean = tf.avgPool(grey, [height, width], 1, 'valid');
  const own = tf.add(tf.mul(x, share(0)), tf.mul(grey, share(1)));
  const rest = tf.add(tf.mul(product(TURN), share(2)), tf.mul(mean, share(3)));
  return tf.clipByValue<tf.Tensor4D>(tf.add(own, rest), 0, 1);
}
