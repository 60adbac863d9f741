import { describe, expect, it } from 'vitest';
import { augment, viewSpecs } from '../../src/data/views.ts';
import { defaults, parse } from '../../src/hparams.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { bilinear, noise, OFF_COLOUR, OFF_GREY, type Shape, scripted, type Values, view } from './views.ts';

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

it('refuses images of 2 channels', () => {
  expect(() => augment(tf.zeros([1, 4, 4, 2]), {}, rng(0))).toThrow('no views of images with 2 channels; expected 1 or 3');
});
