import { describe, expect, it } from 'vitest';
import { type Rgb, rgbOf, splat } from '../../demos/components/panels/splat.ts';

const side = 12;
const picture = (points: number[], { radius = 1.5, colors = [[200, 100, 50]] as Rgb[], alpha = (_: number): number => 1 } = {}) => {
  const data = new Uint8ClampedArray(4 * side * side).fill(9);
  splat({ data, width: side, height: side }, Float32Array.from(points), radius, (i) => colors[i]!, alpha);
  return (x: number, y: number) => Array.from(data.subarray(4 * (y * side + x), 4 * (y * side + x) + 4));
};

describe('dots as pixels', () => {
  it('are discs of their colour with soft rims on a clear ground', () => {
    const at = picture([5.2, 4.9]);
    expect(at(5, 5)).toEqual([200, 100, 50, 255]);
    expect(at(6, 5)).toEqual([200, 100, 50, 255]);
    const [r, g, b, a] = at(6, 6);
    expect([r, g, b]).toEqual([200, 100, 50]);
    expect(a).toBeGreaterThan(0);
    expect(at(7, 5)[3]).toBe(0);
    expect(at(0, 0)).toEqual([0, 0, 0, 0]);
  });

  it('lie over one another in the order of the points, as opaque as they are', () => {
    const colors: Rgb[] = [
      [0, 0, 0],
      [255, 255, 255],
    ];
    expect(picture([5, 5, 5, 5], { colors })(5, 5)).toEqual([255, 255, 255, 255]);
    expect(picture([5, 5, 5, 5], { colors, alpha: (i) => (i === 0 ? 1 : 0.5) })(5, 5)[0]).toBeCloseTo(128, -1);
    expect(picture([5, 5, 5, 5], { colors, alpha: (i) => (i === 0 ? 1 : 0) })(5, 5)).toEqual([0, 0, 0, 255]);
  });

  it('are cut off at the edges, and dots that are no numbers are left out', () => {
    const at = picture([0, 0, side, 5, Number.NaN, 3], {
      colors: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    });
    expect(at(0, 0)).toEqual([1, 2, 3, 255]);
    expect(at(side - 1, 0)[3]).toBe(0);
    expect(at(side - 1, 5)).toEqual([4, 5, 6, 255]);
    expect(at(0, 6)[3]).toBe(0);
  });

  it('read colours as styles write them', () => expect(rgbOf('#0a80ff')).toEqual([10, 128, 255]));
});
