import { describe, expect, test } from 'vitest';
import { digitScenes, drawDigitScenes, sceneSide } from '../../src/data/digit-scenes.ts';
import { cleanGlyphs, reader } from '../../src/data/glyphs.ts';
import { judge } from '../../src/evaluate/rule.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { digits } from '../contract/small.ts';

const info = { id: 'digit-scenes', name: 'Digit scenes' };
const mnist = { train: digits(200), test: digits(80) };
const data = digitScenes(info, mnist, { train: 60, test: 60 });
const read = judge(data.rule!);
const scene = (i: number): Float32Array => Float32Array.from(data.test.pixels.subarray(i * 1024, (i + 1) * 1024), (v) => v / 255);
const all = Array.from({ length: 60 }, (_, i) => i);
const share = (of: (i: number) => Float32Array, what: 'obeys' | 'whole' = 'obeys') =>
  all.filter((i) => read(of(i))[what]).length / all.length;

describe('digit scenes', () => {
  test('are the same for a seed, and a scene does not depend on how many are drawn', () => {
    const { train } = cleanGlyphs(mnist);
    const [few, more] = [5, 9].map((n) => drawDigitScenes(n, train, numbers(1)));
    expect(drawDigitScenes(5, train, numbers(1))).toEqual(few);
    expect(more!.pixels.subarray(0, 5 * 1024)).toEqual(few!.pixels);
    expect(drawDigitScenes(5, train, numbers(2)).pixels).not.toEqual(few!.pixels);
  });

  test('hold one digit inside each quarter, each one more than the one before it, 0 after 9', () => {
    const firsts = new Set<number>();
    for (const [i, objects] of data.train.objects.entries()) {
      const found = objects.map(({ shape }) => Number(shape));
      firsts.add(found[0]!);
      expect(found).toEqual([0, 1, 2, 3].map((k) => (data.train.labels[i]! + k) % 10));
      for (const [k, { x, y, radius }] of objects.entries()) {
        expect([x - radius, y - radius].map((v) => Math.floor(v / 16))).toEqual([k & 1, k >> 1]);
        expect([x + radius, y + radius].map((v) => Math.ceil(v / 16) - 1)).toEqual([k & 1, k >> 1]);
      }
    }
    expect(firsts.size).toBe(10);
    expect(data.classes[8]).toBe('8 9 0 1');
  });

  test('have masks that name the digit of every pixel that is not dark', () => {
    const { pixels, masks, objects } = data.train;
    for (let p = 0; p < masks.length; p++) {
      expect(masks[p]! > 0).toBe(pixels[p]! > 64);
      if (!masks[p]) continue;
      const { x, y, radius } = objects[Math.floor(p / 1024)]![masks[p]! - 1]!;
      expect(Math.abs((p % sceneSide) + 0.5 - x)).toBeLessThan(radius);
      expect(Math.abs((Math.floor(p / sceneSide) % sceneSide) + 0.5 - y)).toBeLessThan(radius);
    }
  });

  test('say which digit images lack', () => {
    const odd = { ...mnist.train, labels: mnist.train.labels.map((label) => (label === 4 ? 5 : label)) };
    expect(() => digitScenes(info, { train: odd, test: mnist.test })).toThrow('No image shows a 4');
  });
});

describe('the judge', () => {
  test('passes every true scene, wherever its digits lie in their quarters', () => {
    expect(share(scene)).toBe(1);
    for (const i of all) expect(read(scene(i)).digits).toEqual(data.test.objects[i]!.map(({ shape }) => Number(shape)));
  });

  test('passes hardly any broken one', () => {
    const other = (i: number) => scene((i + 1) % all.length);
    const quarter = (p: number) => 2 * Math.floor(p / 512) + Math.floor((p % 32) / 16);
    // A digit is missing; two scenes lie over each other; a stranger in one quarter; upper and lower half swapped; dust.
    expect(share((i) => scene(i).map((v, p) => (quarter(p) === i % 4 ? 0 : v)))).toBe(0);
    expect(
      share((i) => scene(i).map((v, p) => (data.test.labels[i] === data.test.labels[(i + 1) % 60] ? 0 : Math.max(v, other(i)[p]!)))),
    ).toBe(0);
    const strangers = share((i) => scene(i).map((v, p) => (quarter(p) === 2 ? other(i)[p]! : v)));
    // Once in ten it is no stranger.
    expect(strangers).toBe(all.filter((i) => data.test.labels[i] === data.test.labels[(i + 1) % 60]).length / 60);
    expect(share((i) => scene(i).map((_, p, from) => from[(p + 512) % 1024]!))).toBe(0);
    const dust = numbers(3);
    expect(share(() => Float32Array.from({ length: 1024 }, () => Number(dust.uniform() < 0.2)))).toBe(0);
    expect(share(() => new Float32Array(1024))).toBe(0);
  });

  test('takes half a digit for none', () => {
    const glyph = reader(data.rule!, data.rule!.limit);
    const square = (f: (p: number) => boolean) =>
      Float32Array.from({ length: 256 }, (_, p) => {
        const [r, c] = [Math.floor(p / 16) - 2, (p % 16) - 2];
        return r >= 0 && r < 12 && c >= 0 && c < 12 && f(c) ? data.rule!.pixels[r * 12 + c]! / 255 : 0;
      });
    expect(glyph(square(() => true)).digit).toBe(data.rule!.labels[0]);
    expect(glyph(square((c) => c < 6)).digit).toBe(-1);
    // However far a digit may be: a faint copy is a blur, and ink beside it counts against it.
    const lenient = reader(data.rule!, Number.POSITIVE_INFINITY);
    const whole = square(() => true);
    expect(lenient(whole)).toEqual({ digit: data.rule!.labels[0], d: 0 });
    expect(lenient(whole.map((v) => 0.6 * v)).digit).toBe(-1);
    expect(lenient(whole.with(0, 1)).d).toBeGreaterThan(0.99);
  });
});
