import { describe, expect, it } from 'vitest';
import { rng } from '../../src/ops/random.ts';
import { expectClose } from '../close.ts';
import { bilinear, clamp, lumas, noise, OFF_COLOUR, type Shape, scripted, type Values, view } from './views.ts';

describe('views of 3 channels', () => {
  const shape: Shape = [1, 32, 32, 3];
  const x = noise(shape);
  const seen = (values: Values, ...us: number[]) => view(x, shape, { ...OFF_COLOUR, ...values }, scripted(...us));
  /** Ten attempts at most: area, aspect each; then top, left, flip; jitter, brightness, contrast, saturation, hue, grey. */
  const whole = [1, 0.5, 0, 0];

  it('mirror left to right, and twice is not at all', async () => {
    const flipped = await seen({ flip: true }, ...whole, 0);
    expect(flipped).toEqual(x.map((_, i) => x[3 * (32 * Math.floor(i / 96) + 31 - (Math.floor(i / 3) % 32)) + (i % 3)]!));
    expect(await view(flipped, shape, { ...OFF_COLOUR, flip: true }, scripted(...whole, 0))).toEqual(x);
    expect(await seen({ flip: true }, ...whole, 0.5)).toEqual(x);
    expect(await seen({ flip: false }, ...whole, 0)).toEqual(x);
  });

  it.each([false, true])('crop and resize with pixel centres at halves, edges repeated (mirrored: %s)', async (flip) => {
    // Area 1/4 of 32 × 32 at aspect 4/3: 14 rows of 18 columns; a third of the way down, to the far right.
    const cropped = await seen({ cropScale: 0.25, flip }, 0, 1, 1 / 3, 0.999, 0, 0.9);
    const [h, w, top, left] = [14, 18, 6, 14];
    const expected = Array.from(x, (_, i) => {
      const [row, column, channel] = [Math.floor(i / 96), Math.floor(i / 3) % 32, i % 3];
      const at = (y: number, c: number) => x[3 * (32 * clamp(y, 31) + clamp(c, 31)) + channel]!;
      const to = flip ? 31 - column : column;
      return bilinear(at, top + ((row + 0.5) * h) / 32 - 0.5, left + ((to + 0.5) * w) / 32 - 0.5);
    });
    expectClose(cropped, expected, { atol: 1e-5 });
  });

  it('keep the whole image when no crop of ten fits', async () => {
    expect(await seen({ cropScale: 1 }, ...new Array(20).fill(1), 0)).toEqual(x);
  });

  it('brighten by a factor, clipped', async () => {
    expectClose(
      await seen({ brightness: 0.4 }, ...whole, 0.9, 0, 1),
      x.map((v) => Math.min(1, 1.4 * v)),
      { rtol: 1e-6 },
    );
  });

  it('lower contrast towards the mean grey, after brightness', async () => {
    const mean = lumas(x).reduce((a, b) => a + b, 0) / 1024;
    expectClose(
      await seen({ contrast: 0.4, brightness: 0.5 }, ...whole, 0.9, 0, 0),
      x.map((v) => 0.5 * (0.6 * v + 0.4 * mean)),
      { rtol: 1e-4 },
    );
  });

  it('without saturation show luma', async () => {
    const expected = lumas(x).flatMap((y) => [y, y, y]);
    expectClose(await seen({ saturation: 1 }, ...whole, 0.9, 0, 0.5, 0.5, 0, 0.5, 1), expected, { rtol: 1e-5 });
    expectClose(await seen({ grayscale: 1 }, ...whole, 0.9), expected, { rtol: 1e-5 });
    // Not jittered (0.85 ≥ 0.8), yet greyed.
    expectClose(await seen({ saturation: 1, brightness: 1, grayscale: 1 }, ...whole, 0.85), expected, { rtol: 1e-5 });
  });

  it('saturate away from luma', async () => {
    const greys = lumas(x);
    const expected = x.map((v, i) => clamp(greys[Math.floor(i / 3)]! + 1.4 * (v - greys[Math.floor(i / 3)]!), 1));
    expectClose(await seen({ saturation: 0.4 }, ...whole, 0, 0.5, 0.5, 1), expected, { atol: 1e-5 });
  });

  it('brighten, then change contrast, then saturation, when all act at once', async () => {
    const dim = x.map((v) => 0.3 + 0.2 * v);
    const brighter = dim.map((v) => 1.2 * v);
    const mean = lumas(brighter).reduce((p, q) => p + q, 0) / 1024;
    const flatter = brighter.map((v) => mean + 0.7 * (v - mean));
    const greys = lumas(flatter);
    const paler = flatter.map((v, i) => greys[Math.floor(i / 3)]! + 0.9 * (v - greys[Math.floor(i / 3)]!));
    const values = { ...OFF_COLOUR, brightness: 0.2, contrast: 0.3, saturation: 0.1 };
    expectClose(await view(dim, shape, values, scripted(...whole, 0.9, 0, 1, 0, 0)), paler, { rtol: 1e-5 });
  });

  describe('turn hue', () => {
    const soft = x.map((v) => 0.4 + 0.2 * v);
    const turn = (share: number, image: Float32Array = soft) =>
      view(image, shape, { ...OFF_COLOUR, hue: Math.abs(share) }, scripted(...whole, 0.9, 0.5, 0.5, 0.5, 0.5, share < 0 ? 0 : 1));
    it('keeping luma, and grey', async () => {
      expectClose(lumas(await turn(0.1)), lumas(soft), { rtol: 1e-5 });
      const grey = lumas(x).flatMap((y) => [y, y, y]);
      expectClose(await turn(0.3, Float32Array.from(grey)), grey, { atol: 1e-6 });
    });

    it('there and back, and half a turn to the opposite chroma', async () => {
      expectClose(await turn(-0.1, await turn(0.1)), soft, { rtol: 1e-5 });
      const greys = lumas(soft);
      expectClose(
        await turn(0.5),
        soft.map((v, i) => 2 * greys[Math.floor(i / 3)]! - v),
        { rtol: 1e-5 },
      );
    });

    it('in the YIQ plane: I and Q turn by the angle (from their published coefficients, four digits)', async () => {
      const iq = (p: ArrayLike<number>, at: number) => [
        0.5959 * p[at]! - 0.2746 * p[at + 1]! - 0.3213 * p[at + 2]!,
        0.2115 * p[at]! - 0.5227 * p[at + 1]! + 0.3112 * p[at + 2]!,
      ];
      const turned = await turn(0.1);
      const [cos, sin] = [Math.cos(0.2 * Math.PI), Math.sin(0.2 * Math.PI)];
      for (let at = 0; at < 300; at += 3) {
        const [i, q] = iq(soft, at) as [number, number];
        expectClose(iq(turned, at), [cos * i + sin * q, cos * q - sin * i], { atol: 5e-4 });
      }
    });

    it('as HSV does within 20 degrees on pure colours: +0.1 of the circle, from red towards yellow', async () => {
      const hsv = ([r, g, b]: [number, number, number]) => (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI;
      const colours: [number, number, number][] = [
        [0.6, 0.5, 0.5],
        [0.6, 0.6, 0.5],
        [0.5, 0.6, 0.5],
        [0.5, 0.6, 0.6],
        [0.5, 0.5, 0.6],
        [0.6, 0.5, 0.6],
      ];
      for (const colour of colours) {
        const turned = await turn(
          0.1,
          Float32Array.from({ length: 3072 }, (_, i) => colour[i % 3]!),
        );
        const gap = (hsv([turned[0]!, turned[1]!, turned[2]!]) - hsv(colour) + 720) % 360;
        expect(Math.abs(gap - 36), `${colour}: ${gap} degrees`).toBeLessThan(20);
      }
    });
  });

  it('have the statistics of their strengths', async () => {
    const n = 1000;
    const colour = [0.5, 0.4, 0.3];
    const many: Shape = [n, 8, 8, 3];
    const flat = Float32Array.from({ length: n * 192 }, (_, i) => colour[i % 3]!);
    const firsts = (y: Float32Array) => Array.from({ length: n }, (_, i) => y.subarray(i * 192, i * 192 + 3));
    const bright = firsts(await view(flat, many, { ...OFF_COLOUR, brightness: 0.4 }, rng(6)));
    const factors = bright.map((p) => p[0]! / 0.5);
    // Uniform on [0.6, 1.4] with probability 0.8: mean 1, variance 0.8 · 0.64 / 12.
    const mean = factors.reduce((a, b) => a + b, 0) / n;
    const variance = factors.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(0.0427 / n));
    expect(Math.abs(variance - 0.0427)).toBeLessThan(0.006);
    expect(Math.abs(factors.filter((f) => f === 1).length / n - 0.2)).toBeLessThan(0.05);
    const greyed = firsts(await view(flat, many, { ...OFF_COLOUR, grayscale: 0.2 }, rng(7)));
    expect(Math.abs(greyed.filter((p) => Math.abs(p[0]! - p[2]!) < 1e-6).length / n - 0.2)).toBeLessThan(0.05);
  });
});
