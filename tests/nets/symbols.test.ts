import { beforeAll, describe, expect, test } from 'vitest';
import { type Boxes, crop, place } from '../../src/nets/glimpse.ts';
import { boxesOf, cells, initPainter, paint, sharesOf, type Things, thingsOf } from '../../src/nets/symbols.ts';
import { toss, tossStraightThrough } from '../../src/ops/coins.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});

const read = async (t: tf.Tensor) => Array.from(await t.data());
/** Boxes of one image. */
const boxes = (list: readonly (readonly [number, number, number])[]): Boxes => {
  const column = (k: 0 | 1 | 2) =>
    tf.tensor3d(
      list.map((box) => box[k]),
      [1, list.length, 1],
    );
  return { y: column(0), x: column(1), side: column(2) };
};

/** Σ of tent weights, the definition itself, pixel by pixel. */
function placedByHand(
  glyph: readonly number[],
  g: number,
  [y, x, side]: readonly [number, number, number],
  h: number,
  w: number,
): number[] {
  const tent = (d: number) => Math.max(0, 1 - Math.abs(d));
  const within = (u: number, centre: number) => ((u + 0.5 - centre) / side + 0.5) * g - 0.5;
  return Array.from({ length: h * w }, (_, p) => {
    const [v, u] = [within(Math.floor(p / w), y), within(p % w, x)];
    let sum = 0;
    for (let i = 0; i < g; i++) for (let j = 0; j < g; j++) sum += tent(v - i) * tent(u - j) * glyph[i * g + j]!;
    return sum;
  });
}

describe('glimpses', () => {
  test('a glyph whose box is as large as itself arrives untouched; a box at half a pixel averages neighbours', async () => {
    const glyph = tf.tensor3d([1, 2, 3, 4], [1, 2, 2]);
    const whole = await read(place(glyph, boxes([[2, 3, 2]]), [4, 5]));
    expectClose(whole, [0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0], { atol: 1e-6 });
    const half = await read(place(glyph, boxes([[2, 2.5, 2]]), [4, 5]));
    expectClose(half.slice(5, 10), [0, 0.5, 1.5, 1, 0], { atol: 1e-6 });
  });

  test('agree with the sum over all places of the glyph, and add up where boxes overlap', async () => {
    const stream = rng(3);
    const glyphs = stream.uniforms<tf.Rank.R3>([2, 3, 3]);
    const values = await read(glyphs);
    const list = [
      [3.3, 4.1, 4.4],
      [4.9, 2.7, 2.1],
    ] as const;
    const [first, second] = list.map((box, k) => placedByHand(values.slice(9 * k, 9 * k + 9), 3, box, 7, 8));
    expectClose(
      await read(place(glyphs, boxes(list), [7, 8])),
      first!.map((v, p) => v + second![p]!),
      { rtol: 1e-5, atol: 1e-6 },
    );
    // Otherwise nothing overlapped.
    expect(first!.some((v, p) => v > 0 && second![p]! > 0)).toBe(true);
  });

  test('cropping reads what was placed; outside is 0', async () => {
    const glyph = rng(5).uniforms<tf.Rank.R3>([1, 3, 3]);
    const box = boxes([[3.5, 4.5, 3]]);
    expectClose(await read(crop(place(glyph, box, [8, 8]), box, 3)), await read(glyph), { rtol: 1e-5 });
    const [corner] = await read(crop(tf.ones([1, 8, 8]), boxes([[-4, -4, 3]]), 3));
    expect(corner).toBe(0);
  });

  test('slopes by centre and side are those of finite differences', async () => {
    const stream = rng(7);
    const [glyph, weights, image] = [
      stream.uniforms<tf.Rank.R3>([1, 4, 4]),
      stream.normals<tf.Rank.R3>([1, 9, 9]),
      stream.uniforms<tf.Rank.R3>([1, 9, 9]),
    ];
    const there = (b: tf.Tensor) => {
      const [y, x, side] = tf.split(tf.reshape(b, [1, 1, 3]), 3, 2) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
      return { y, x, side };
    };
    for (const value of [
      (b: tf.Tensor) => tf.sum(tf.mul(weights, place(glyph, there(b), [9, 9]))) as tf.Scalar,
      (b: tf.Tensor) => tf.sum(tf.mul(glyph, crop(image, there(b), 4))) as tf.Scalar,
    ]) {
      const at = [4.137, 5.211, 4.732];
      const slope = await read(tf.grad(value)(tf.tensor1d(at)));
      for (let k = 0; k < 3; k++) {
        const shifted = async (by: number) => (await read(value(tf.tensor1d(at.map((v, j) => (j === k ? v + by : v))))))[0]!;
        const h = 2e-3;
        expect(slope[k]).toBeCloseTo(((await shifted(h)) - (await shifted(-h))) / (2 * h), 1);
      }
    }
  });
});

const shape = [32, 32, 1] as const;
const someThings = (presence: readonly number[]): Things => {
  const stream = rng(11);
  return thingsOf(
    {
      presence: tf.tensor2d([...presence], [1, cells]),
      place: stream.normals<tf.Rank.R2>([cells, 4]),
      what: stream.normals<tf.Rank.R2>([cells, 6]),
    },
    shape,
  );
};

describe('painting', () => {
  const painter = () => initPainter(6, rng(1));

  test('shares of a pixel sum to 1; with nothing present all is backdrop', async () => {
    const presence = Array.from({ length: cells }, (_, k) => k % 2);
    const shares = sharesOf(painter(), someThings(presence), shape);
    expect(shares.shape).toEqual([1, cells + 1, 32, 32]);
    expectClose(await read(tf.sum(shares, 1)), Array(1024).fill(1), { rtol: 1e-5 });
    const each = await read(tf.sum(shares, [2, 3]));
    for (let k = 0; k < cells; k++) expect(each[k]! > 1, `cell ${k}`).toBe(k % 2 === 1);
    const empty = await read(paint(painter(), someThings(Array(cells).fill(0)), shape));
    expectClose(empty, Array(1024).fill(1 / (1 + Math.exp(4))), { rtol: 1e-5 });
  });

  test('the image is the mean by shares: a glyph of full ink shows its own share', async () => {
    const { glyph, backdrop } = painter();
    const last = glyph.at(-1)!;
    // All ink, whatever the look.
    const inked = { w: tf.mul(last.w, 0) as tf.Tensor2D, b: tf.concat([tf.fill([144], 50), tf.zeros([144])]) as tf.Tensor1D };
    const white = { glyph: [...glyph.slice(0, -1), inked], backdrop: tf.sub(backdrop, 50) as tf.Tensor1D };
    const things = someThings(Array.from({ length: cells }, (_, k) => Number(k === 5)));
    const shares = sharesOf(white, things, shape);
    expectClose(await read(paint(white, things, shape)), await read(tf.sub(1, tf.slice(shares, [0, cells, 0, 0], [1, 1, 32, 32]))), {
      rtol: 1e-4,
      atol: 1e-6,
    });
  });

  test('of two things in one place the nearer is seen, and boxes stay within a cell of their own', async () => {
    const things = someThings(Array.from({ length: cells }, (_, k) => Number(k < 2)));
    const middleOf: tf.Tensor3D = tf.fill([1, cells, 1], 16);
    const depth = tf.tensor3d(
      Array.from({ length: cells }, (_, k) => (k === 0 ? 4 : -2)),
      [1, cells, 1],
    );
    const stacked = { ...things, boxes: { y: middleOf, x: middleOf, side: things.boxes.side }, depth };
    const middle = await read(tf.slice(sharesOf(painter(), stacked, shape), [0, 0, 16, 16], [1, 2, 1, 1]));
    expect(middle[0]).toBeGreaterThan(0.9);
    expect(middle[1]).toBeLessThan(0.05);
    const far = boxesOf(tf.fill([cells, 4], 100), shape).boxes;
    expectClose(
      await read(far.y),
      Array.from({ length: cells }, (_, k) => 8 * (Math.floor(k / 4) + 1.5)),
      { rtol: 1e-5 },
    );
    expectClose(await read(far.side), Array(cells).fill(12.8 * Math.exp(0.5)), { rtol: 1e-5 });
  });
});

describe('coins', () => {
  test('fall as often as their log-odds say', async () => {
    const odds = [-2, 0, 1.5];
    const logits = tf.tensor2d(Array.from({ length: 4000 }, () => odds).flat(), [4000, 3]);
    const shares = await read(tf.mean(toss(logits, rng(1)), 0));
    // Three standard deviations of 4,000 coins are at most 0.024.
    for (const [k, a] of odds.entries()) expect(Math.abs(shares[k]! - 1 / (1 + Math.exp(-a)))).toBeLessThan(0.025);
  });

  test('straight through: the values of a toss, the slope of the relaxed coin', async () => {
    const [heat, values] = [0.7, [-1.2, 0.3, 2.1, -0.4]];
    const logits = tf.tensor2d(values, [2, 2]);
    expect(await read(tossStraightThrough(logits, rng(4), heat))).toEqual(await read(toss(logits, rng(4))));
    const weights = tf.tensor2d([1, -2, 3, 0.5], [2, 2]);
    const slope = await read(tf.grad((t) => tf.sum(tf.mul(weights, tossStraightThrough(t as tf.Tensor2D, rng(4), heat))))(logits));
    // By finite differences of σ((logits + noise) / heat), in double precision, with the very noise.
    const stream = rng(4);
    const noise = values.map(() => {
      const u = 1e-6 + (1 - 2e-6) * stream.uniform();
      return Math.log(u) - Math.log(1 - u);
    });
    const relaxed = (a: number, k: number) => 1 / (1 + Math.exp(-(a + noise[k]!) / heat));
    const h = 1e-5;
    expectClose(
      slope,
      values.map((a, k) => ([1, -2, 3, 0.5][k]! * (relaxed(a + h, k) - relaxed(a - h, k))) / (2 * h)),
      { rtol: 1e-3, atol: 1e-5 },
    );
  });
});
