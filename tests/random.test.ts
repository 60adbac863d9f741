import { beforeAll, expect, test } from 'vitest';
import { rng } from '../src/ops/random.ts';
import * as tf from '../src/tf.ts';
import { expectClose } from './close.ts';

beforeAll(async () => {
  await tf.loaders.cpu();
  await tf.setBackend('cpu');
});

const draw = (n: number, f: () => number) => Float64Array.from({ length: n }, f);
const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
/** E[(x − E x)^k], in units of the standard deviation. */
function moment(x: Float64Array, k: number): number {
  const m = mean(x);
  const sd = Math.sqrt(mean(x.map((v) => (v - m) ** 2)));
  return mean(x.map((v) => ((v - m) / sd) ** k));
}
const correlation = (x: Float64Array, y: Float64Array) => {
  const [mx, my] = [mean(x), mean(y)];
  const c = mean(x.map((v, i) => (v - mx) * (y[i]! - my)));
  return c / Math.sqrt(mean(x.map((v) => (v - mx) ** 2)) * mean(y.map((v) => (v - my) ** 2)));
};

// Bounds are five standard errors of the estimate, so that a change of generator still passes.
const n = 400_000;
const error = 5 / Math.sqrt(n);

test('normal numbers have the moments of a normal', () => {
  const r = rng(1);
  const x = draw(n, r.normal);
  expect(Math.abs(mean(x))).toBeLessThan(error);
  expect(Math.abs(mean(x.map((v) => v * v)) - 1)).toBeLessThan(error * Math.SQRT2);
  expect(Math.abs(moment(x, 3))).toBeLessThan(error * Math.sqrt(6));
  expect(Math.abs(moment(x, 4) - 3)).toBeLessThan(error * Math.sqrt(24));
});

test('normal numbers have the tails of a normal, where the ziggurat takes another path', () => {
  const r = rng(2);
  const x = draw(n, r.normal);
  // P(|x| > c) = erfc(c / √2).
  for (const [c, p] of [
    [1, 0.3173105],
    [2, 0.0455003],
    [3, 0.0026998],
    [3.4426, 0.00057609],
  ] as const) {
    const share = x.filter((v) => Math.abs(v) > c).length / n;
    expect(Math.abs(share - p), `|x| > ${c}`).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
  }
  const [up, down] = [x.filter((v) => v > 3).length, x.filter((v) => v < -3).length];
  expect(Math.abs(up - down)).toBeLessThan(5 * Math.sqrt(up + down));
});

test('uniform numbers fill [0, 1) evenly', () => {
  const r = rng(3);
  const x = draw(n, r.uniform);
  const cells = new Float64Array(50);
  expect(x.every((v) => v >= 0 && v < 1)).toBe(true);
  for (const v of x) cells[Math.floor(v * 50)]! += 1;
  const chi = cells.reduce((sum, c) => sum + (c - n / 50) ** 2 / (n / 50), 0);
  // χ² with 49 degrees of freedom: mean 49, standard deviation √98.
  expect(Math.abs(chi - 49)).toBeLessThan(5 * Math.sqrt(98));
});

test('neighbours, splits and seeds are independent', () => {
  const streams = [
    rng(7),
    rng(8),
    rng(7).split('a'),
    rng(7).split('b'),
    rng(7).split('a', 1),
    rng(7).split('a', 2),
    rng(7).split(1),
    rng(7).split('1'),
  ];
  const columns = streams.map((r) => draw(100_000, r.normal));
  for (const [i, x] of columns.entries()) {
    expect(Math.abs(correlation(x.slice(1), x.slice(0, -1)))).toBeLessThan(5 / Math.sqrt(100_000));
    for (const y of columns.slice(i + 1)) expect(Math.abs(correlation(x, y))).toBeLessThan(5 / Math.sqrt(100_000));
  }
});

test('the first numbers of neighbouring paths are independent and fair', () => {
  const root = rng(0);
  const first = Float64Array.from({ length: 100_000 }, (_, step) => root.split('step', step).uniform());
  expect(Math.abs(mean(first) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 100_000));
  expect(Math.abs(correlation(first.slice(1), first.slice(0, -1)))).toBeLessThan(5 / Math.sqrt(100_000));
  expect(new Set(first).size).toBeGreaterThan(99_990);
});

test('the same path gives the same numbers; splitting does not move a stream', () => {
  const [a, b] = [rng(5).split('x', 3), rng(5).split('x', 3)];
  const expected = Array.from({ length: 20 }, a.normal);
  expect(
    Array.from({ length: 20 }, () => {
      b.split('elsewhere');
      return b.normal();
    }),
  ).toEqual(expected);
  expect(Array.from({ length: 20 }, rng(5).split('x', 4).normal)).not.toEqual(expected);
});

test('a permutation holds each number once, each order equally often', () => {
  const order = rng(9).permutation(1000);
  expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect([...order]).not.toEqual([...order].sort((x, y) => x - y));
  expect([...rng(9).permutation(0)]).toEqual([]);
  const counts = new Map<string, number>();
  const r = rng(10);
  for (let i = 0; i < 60_000; i++) {
    const key = r.permutation(3).join('');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt((60_000 * 5) / 36));
});

test('tensors hold the stream in order', async () => {
  const x = rng(4).normals([2, 3]);
  const u = rng(4).uniforms([1000], -2, 3);
  const r = rng(4);
  expectClose(await x.data(), Array.from({ length: 6 }, r.normal), { rtol: 1e-6 });
  const values = await u.data();
  expect(x.shape).toEqual([2, 3]);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
  expect(Math.max(...values)).toBeLessThan(3);
  expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(4.9);
  tf.dispose([x, u]);
});
