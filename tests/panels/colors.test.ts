import { describe, expect, test } from 'vitest';
import { classColors, heatPixels, logDensity, ramp } from '../../demos/components/panels/colors.ts';
import { expectClose } from '../close.ts';

type Rgb = [number, number, number];
const linear = (byte: number) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]: Rgb) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
/** CIE 1976 lightness, 0 to 100: not the space that the ramp was made in. */
const lightness = (rgb: Rgb) => {
  const y = luminance(rgb);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
};
const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const parse = (hex: string): Rgb => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as Rgb;
const at = (i: number): Rgb => [ramp[3 * i]!, ramp[3 * i + 1]!, ramp[3 * i + 2]!];

describe('the ramp', () => {
  const values = Array.from({ length: 256 }, (_, i) => lightness(at(i)));
  test('grows lighter at every second step and evenly from end to end', () => {
    for (let i = 2; i < 256; i++) expect(values[i]! - values[i - 2]!).toBeGreaterThan(0);
    const steps = Array.from({ length: 15 }, (_, i) => values[17 * (i + 1)]! - values[17 * i]!);
    expect(Math.min(...steps)).toBeGreaterThan(0.6 * (values[255]! - values[0]!) * (1 / 15));
    expect(Math.max(...steps)).toBeLessThan(1.4 * (values[255]! - values[0]!) * (1 / 15));
  });
  test('spans from nearly black to nearly white', () => {
    expect(values[0]).toBeLessThan(12);
    expect(values[255]).toBeGreaterThan(92);
  });
});

describe('class colours', () => {
  // Machado, Oliveira & Fernandes 2009, severity 1, in linear RGB.
  const visions: Record<string, number[][]> = {
    normal: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    protan: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deutan: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  };
  const lab = (rgb: number[]) => {
    const [r, g, b] = rgb.map((v) => Math.min(1, Math.max(0, v))) as Rgb;
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  };
  for (const [scheme, page] of [
    ['light', '#ffffff'],
    ['dark', '#242424'],
  ] as const) {
    test(`stand out from the ${scheme} page by 3 : 1`, () => {
      for (const color of classColors[scheme])
        expect(contrast(luminance(parse(color)), luminance(parse(page))), color).toBeGreaterThanOrEqual(2.95);
    });
    for (const [vision, matrix] of Object.entries(visions))
      test(`differ from each other on the ${scheme} page for ${vision} vision`, () => {
        const seen = classColors[scheme].map((hex) => {
          const rgb = parse(hex).map(linear);
          return lab(matrix.map((row) => row.reduce((sum, w, i) => sum + w * rgb[i]!, 0)));
        });
        for (const [i, a] of seen.entries())
          for (const [j, b] of seen.entries())
            if (i < j) expect(Math.hypot(...a.map((v, k) => v - b[k]!)), `classes ${i} and ${j}`).toBeGreaterThan(0.075);
      });
  }
});

test('the first row of a density is drawn at the bottom, the highest value brightest', () => {
  const pixels = heatPixels(Float32Array.from([1, 0, 0, 0]), 2, 0, 1);
  expect(Array.from(pixels.slice(8, 11))).toEqual(at(255));
  expect(Array.from(pixels.slice(0, 3))).toEqual(at(0));
  expect(pixels[3]).toBe(255);
});

test('values out of range and NaN stay on the ramp', () => {
  const pixels = heatPixels(Float32Array.from([Number.NaN, 9, -9, 0.5]), 2, 0, 1);
  expect(Array.from(pixels.slice(8, 11))).toEqual(at(0));
  expect(Array.from(pixels.slice(12, 15))).toEqual(at(255));
  expect(Array.from(pixels.slice(0, 3))).toEqual(at(0));
});

test('log density is cut off a fixed depth below its top, and 0 is the floor', () => {
  const { values, low, high } = logDensity(Float32Array.from([0, Math.exp(-30), Math.exp(-1), Math.E]), 10);
  expectClose([low, high], [-9, 1], { rtol: 1e-6 });
  expectClose(values, [-9, -9, -1, 1], { rtol: 1e-6 });
});
