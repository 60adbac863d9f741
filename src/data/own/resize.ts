import type { Choices, Pixels } from './found.ts';
import { shapes } from './found.ts';

/** For each output place the first input place that it sees, and the weights from there on, which add up to 1. */
type Kernel = readonly { readonly from: number; readonly weights: Float64Array }[];

/**
 * The triangle filter that widens as it shrinks, weight(x) = max(0, 1 − |x − centre| / max(1, in/out)) at pixel centres: bilinear
 * where it enlarges, an average of all that falls together where it shrinks. As Pillow's and torchvision's antialiased bilinear.
 */
function triangle(input: number, output: number): Kernel {
  const scale = input / output;
  const reach = Math.max(1, scale);
  return Array.from({ length: output }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - reach + 0.5));
    const to = Math.min(input, Math.floor(centre + reach + 0.5));
    const weights = Float64Array.from({ length: to - from }, (_, k) => Math.max(0, 1 - Math.abs(from + k + 0.5 - centre) / reach));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * A picture as an image of a set: 28 × 28 × 1 or 32 × 32 × 3 bytes, HWC. Opacity is mixed with the background, colours become
 * grey by their luma (ITU-R BT.601), and it is cropped, fitted between bars or stretched, with one resampling. A picture that
 * already has the shape comes out byte for byte.
 */
export function toShape(picture: Pixels, { kind, fit, background }: Pick<Choices, 'kind' | 'fit' | 'background'>): Uint8Array {
  const [side, , channels] = shapes[kind];
  const { width, height } = picture;
  const back = background === 'white' ? 255 : 0;
  const square = Math.min(width, height);
  const [w, h] = fit === 'crop' ? [square, square] : [width, height];
  const [left, top] = [(width - w) >> 1, (height - h) >> 1];
  const longest = Math.max(width, height);
  const scaled = (length: number) => (fit === 'fit' ? Math.max(1, Math.round((side * length) / longest)) : side);
  const [wide, tall] = [scaled(width), scaled(height)];
  const across = triangle(w, wide);
  const down = triangle(h, tall);

  const narrow = new Float32Array(h * wide * channels);
  const row = new Float32Array(w * channels);
  for (let y = 0; y < h; y++) {
    flatten(picture, left, top + y, row, channels, back);
    across.forEach(({ from, weights }, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * row[(from + k) * channels + c]!;
        narrow[(y * wide + x) * channels + c] = sum;
      }
    });
  }
  const out = new Uint8Array(side * side * channels).fill(back);
  const [atX, atY] = [(side - wide) >> 1, (side - tall) >> 1];
  const line = wide * channels;
  down.forEach(({ from, weights }, y) => {
    for (let i = 0; i < line; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrow[(from + k) * line + i]!;
      out[((atY + y) * side + atX) * channels + i] = Math.round(sum);
    }
  });
  return out;
}

/** One row of a picture from column `left` on, without opacity, in as many channels as `row` has room for. */
function flatten({ width, channels: have, data }: Pixels, left: number, y: number, row: Float32Array, want: number, back: number): void {
  const columns = row.length / want;
  for (let x = 0; x < columns; x++) {
    const at = (y * width + left + x) * have;
    const opacity = have === 4 ? data[at + 3]! / 255 : 1;
    const value = (c: number) => back + opacity * (data[at + (have === 1 ? 0 : c)]! - back);
    if (want === 3) for (let c = 0; c < 3; c++) row[3 * x + c] = value(c);
    else row[x] = have === 1 ? value(0) : 0.299 * value(0) + 0.587 * value(1) + 0.114 * value(2);
  }
}
