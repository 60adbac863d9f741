import { beforeAll, describe, expect, it } from 'vitest';
import { augment, viewSpecs } from '../../src/data/views.ts';
import { defaults, parse, type Value } from '../../src/hparams.ts';
import { type Rng, rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { useWasm } from '../evaluate/wasm.ts';

type Values = Record<string, Value>;
type Shape = [number, number, number, number];
const OFF_GREY = { rotation: 0, scaling: 0, shear: 0, shift: 0, erasing: 0 };
const OFF_COLOUR = { cropScale: 1, flip: false, brightness: 0, contrast: 0, saturation: 0, hue: 0, grayscale: 0 };

beforeAll(useWasm);

const noise = ([n, h, w, c]: Shape, seed = 1) => Float32Array.from({ length: n * h * w * c }, rng(seed).uniform);

/** `augment` of numbers, as numbers; fails if a tensor is left behind. */
async function view(x: ArrayLike<number>, shape: Shape, values: Values, random: Rng): Promise<Float32Array> {
  const before = tf.memory().numTensors;
  const out = tf.tidy(() => augment(tf.tensor4d(Float32Array.from(x), shape), values, random));
  expect(out.shape).toEqual(shape);
  const result = (await out.data()) as Float32Array;
  out.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

/** Every draw is `u`, or the next of `us`, the last of which repeats. */
function scripted(...us: number[]): Rng {
  let next = 0;
  const uniform = () => us[Math.min(next++, us.length - 1)]!;
  const script: Rng = { ...rng(0), split: () => script, uniform, integer: (n) => Math.floor(uniform() * n) };
  return script;
}

/** Independent bilinear lookup of one channel; outside is 0, or the nearest edge. */
function bilinear(image: (y: number, x: number) => number, y: number, x: number): number {
  const [y0, x0] = [Math.floor(y), Math.floor(x)];
  const [fy, fx] = [y - y0, x - x0];
  const top = (1 - fx) * image(y0, x0) + fx * image(y0, x0 + 1);
  const bottom = (1 - fx) * image(y0 + 1, x0) + fx * image(y0 + 1, x0 + 1);
  return (1 - fy) * top + fy * bottom;
}
const clamp = (v: number, most: number) => Math.max(0, Math.min(most, v));
const luma = (p: ArrayLike<number>, at = 0) => 0.299 * p[at]! + 0.587 * p[at + 1]! + 0.114 * p[at + 2]!;
const lumas = (p: ArrayLike<number>) => Array.from({ length: p.length / 3 }, (_, i) => luma(p, 3 * i));

describe('viewSpecs', () => {
  it('are live, documented and valid at their ends', () => {
    for (const shape of [[28, 28, 1] as const, [32, 32, 3] as const])
      for (const spec of Object.values(viewSpecs(shape))) {
        expect(spec.when).toBe('live');
        expect(spec.doc).toMatch(/^Views: /);
      }
    expect(parse(viewSpecs([28, 28, 1]), OFF_GREY)).toEqual(OFF_GREY);
    expect(parse(viewSpecs([32, 32, 3]), OFF_COLOUR)).toEqual(OFF_COLOUR);
  });
});

describe.each([
  ['1 channel', [6, 28, 28, 1] as Shape, OFF_GREY],
  ['3 channels', [6, 32, 32, 3] as Shape, OFF_COLOUR],
])('views of %s', (_, shape, off) => {
  const [n, h, w, c] = shape;
  const strong = defaults(viewSpecs([h, w, c]));
  const size = h * w * c;

  it('are the images themselves when every strength is 0', async () => {
    const x = noise(shape);
    expect(await view(x, shape, off, rng(3))).toEqual(x);
  });

  it('stay in [0, 1], differ from the images and from each other', async () => {
    const x = noise([1, h, w, c]);
    const y = await view(
      Float32Array.from({ length: n * size }, (_, i) => x[i % size]!),
      shape,
      strong,
      rng(3),
    );
    expect(Math.min(...y)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...y)).toBeLessThanOrEqual(1);
    for (let i = 0; i < n; i++) {
      const row = y.subarray(i * size, (i + 1) * size);
      expect(row).not.toEqual(x);
      for (let j = 0; j < i; j++) expect(row).not.toEqual(y.subarray(j * size, (j + 1) * size));
    }
  });

  it('are decided by the random stream, row by row', async () => {
    const x = noise(shape);
    const y = await view(x, shape, strong, rng(3));
    expect(await view(x, shape, strong, rng(3))).toEqual(y);
    expect(await view(x, shape, strong, rng(4))).not.toEqual(y);
    const other = noise(shape, 2);
    other.set(x.subarray(size, 2 * size), size);
    expect((await view(other, shape, strong, rng(3))).subarray(size, 2 * size)).toEqual(y.subarray(size, 2 * size));
    expect(await view(x.subarray(0, 2 * size), [2, h, w, c], strong, rng(3))).toEqual(y.subarray(0, 2 * size));
  });
});

describe('views of 1 channel', () => {
  const shape: Shape = [1, 28, 28, 1];
  const x = noise(shape);
  const at = (row: number, column: number) => (row < 0 || column < 0 || row > 27 || column > 27 ? 0 : x[28 * row + column]!);
  /** The view whose pixel (row, column) is the image's at `from(row, column)`. */
  const pulled = (from: (row: number, column: number) => [number, number]) =>
    Array.from({ length: 784 }, (_, i) => bilinear(at, ...from(Math.floor(i / 28), i % 28)));

  it.each([10, 37, 90, 180])('turn by %d degrees about the centre, clockwise', async (degrees) => {
    const a = (degrees * Math.PI) / 180;
    const expected = pulled((row, column) => {
      const [dy, dx] = [row - 13.5, column - 13.5];
      return [13.5 + Math.cos(a) * dy - Math.sin(a) * dx, 13.5 + Math.cos(a) * dx + Math.sin(a) * dy];
    });
    expectClose(await view(x, shape, { ...OFF_GREY, rotation: degrees }, scripted(1)), expected, { atol: 2e-5 });
  });

  it('turn a quarter exactly as one turns an array', async () => {
    const y = await view(x, shape, { ...OFF_GREY, rotation: 90 }, scripted(1));
    // Clockwise: the top right corner shows what was at the top left.
    expectClose(y[1 * 28 + 25]!, x[2 * 28 + 1]!, { rtol: 1e-4 });
  });

  it('enlarge, shrink, slant and shift', async () => {
    const check = async (values: Values, u: number, from: (row: number, column: number) => [number, number]) =>
      expectClose(await view(x, shape, { ...OFF_GREY, ...values }, scripted(u)), pulled(from), { atol: 2e-5 });
    await check({ scaling: 0.2 }, 1, (r, c) => [13.5 + (r - 13.5) / 1.2, 13.5 + (c - 13.5) / 1.2]);
    await check({ scaling: 0.2 }, 0, (r, c) => [13.5 + (r - 13.5) / 0.8, 13.5 + (c - 13.5) / 0.8]);
    await check({ shear: 30 }, 1, (r, c) => [r, c - Math.tan(Math.PI / 6) * (r - 13.5)]);
    await check({ shift: 0.1 }, 1, (r, c) => [r - 2.8, c - 2.8]);
  });

  it('shear, then turn, then scale, then shift, when all act at once', async () => {
    const [a, t] = [(20 * Math.PI) / 180, Math.tan((10 * Math.PI) / 180)];
    // The map forward, solved for its source by Cramer's rule.
    const m = [1.2 * Math.cos(a), 1.2 * (Math.cos(a) * t - Math.sin(a)), 1.2 * Math.sin(a), 1.2 * (Math.sin(a) * t + Math.cos(a))] as const;
    const det = m[0] * m[3] - m[1] * m[2];
    const expected = pulled((row, column) => {
      const [dx, dy] = [column - 13.5 - 1.4, row - 13.5 - 1.4];
      return [13.5 + (m[0] * dy - m[2] * dx) / det, 13.5 + (m[3] * dx - m[1] * dy) / det];
    });
    const values = { rotation: 20, shear: 10, scaling: 0.2, shift: 0.05, erasing: 0 };
    expectClose(await view(x, shape, values, scripted(1)), expected, { atol: 2e-5 });
  });

  it('erase one rectangle of half the rows, no larger than asked', async () => {
    const n = 2000;
    const y = await view(new Float32Array(n * 784).fill(1), [n, 28, 28, 1], { ...OFF_GREY, erasing: 0.3 }, rng(5));
    let erased = 0;
    let share = 0;
    for (let i = 0; i < n; i++) {
      const row = y.subarray(i * 784, (i + 1) * 784);
      const holes = [...row.keys()].filter((p) => row[p] === 0);
      if (!holes.length) continue;
      erased++;
      share += holes.length / 784;
      const [ys, xs] = [holes.map((p) => Math.floor(p / 28)), holes.map((p) => p % 28)];
      const box = (Math.max(...ys) - Math.min(...ys) + 1) * (Math.max(...xs) - Math.min(...xs) + 1);
      expect(box).toBe(holes.length);
      // Both sides are rounded to whole pixels.
      expect(box).toBeLessThan((Math.sqrt(0.3 * 3.3) * 28 + 0.5) * (Math.sqrt(0.3 / 3.3) * 28 + 0.5) + 28);
    }
    // Of the chosen half, areas below a quarter pixel or so vanish: under 1 %. Four standard deviations around 1/2.
    expect(Math.abs(erased / n - 0.5)).toBeLessThan(0.045 + 0.005);
    expect(Math.abs(share / erased - 0.15)).toBeLessThan(0.015);
  });
});

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

it('refuses images of 2 channels', () => {
  expect(() => augment(tf.zeros([1, 4, 4, 2]), {}, rng(0))).toThrow('no views of images with 2 channels; expected 1 or 3');
});
