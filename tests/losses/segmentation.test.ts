import { beforeAll, describe, expect, it } from 'vitest';
import { positionContrast, regionContrast, segmentationLoss } from '../../src/losses/segmentation.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('cpu');
});

const numbersOf = (t: tf.Tensor) => Array.from(t.dataSync());
const cosine = (a: number[], b: number[]) => {
  const dot = (x: number[], y: number[]) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
const rowsOf = (t: tf.Tensor2D) => t.arraySync();

describe('positionContrast', () => {
  const parts = [0, 2, 1, 0, 2, 2, 0];

  it('is its definition, pair by pair', () => {
    const z = rng(3).normals<tf.Rank.R2>([7, 4]);
    const rows = rowsOf(z);
    const s = (i: number, j: number) => Math.exp(cosine(rows[i]!, rows[j]!) / 0.3);
    const losses: number[] = [];
    for (let i = 0; i < 7; i++)
      for (let j = 0; j < 7; j++) {
        if (i === j || parts[i] !== parts[j]) continue;
        const others = parts.reduce((sum, part, k) => (part === parts[i] ? sum : sum + s(i, k)), 0);
        losses.push(-Math.log(s(i, j) / (s(i, j) + others)));
      }
    expectClose(numbersOf(positionContrast(z, tf.tensor1d(parts), 0.3))[0]!, losses.reduce((a, v) => a + v) / losses.length, {
      rtol: 1e-5,
    });
  });

  it('is log(1 + n) where all coincide, and 0 where nothing belongs together', () => {
    const same = tf.ones<tf.Rank.R2>([6, 3]);
    expectClose(numbersOf(positionContrast(same, tf.tensor1d([0, 0, 1, 1, 2, 2]), 0.1))[0]!, Math.log(5), { rtol: 1e-5 });
    expect(numbersOf(positionContrast(same, tf.tensor1d([0, 1, 2, 3, 4, 5]), 0.1))).toEqual([0]);
  });

  it('pulls slices of one part together and pushes no other of that part away', () => {
    const slope = tf.grad((x: tf.Tensor) => positionContrast(x as tf.Tensor2D, tf.tensor1d([0, 0, 1]), 1));
    const g = rowsOf(
      slope(
        tf.tensor2d([
          [1, 0.2],
          [1, -0.2],
          [-1, 1],
        ]),
      ) as tf.Tensor2D,
    );
    // Downhill the first two turn towards each other.
    expect(-g[0]![1]!).toBeLessThan(0);
    expect(-g[1]![1]!).toBeGreaterThan(0);
  });
});

describe('regionContrast', () => {
  it('is NT-Xent within each image, over its regions', () => {
    const [f, g] = [rng(1).normals<tf.Rank.R3>([2, 3, 4]), rng(2).normals<tf.Rank.R3>([2, 3, 4])];
    const losses = [0, 1].flatMap((n) => {
      const all = [...f.arraySync()[n]!, ...g.arraySync()[n]!];
      return all.map((row, i) => {
        const sums = all.reduce((sum, other, k) => (k === i ? sum : sum + Math.exp(cosine(row, other) / 0.5)), 0);
        return Math.log(sums) - cosine(row, all[(i + 3) % 6]!) / 0.5;
      });
    });
    expectClose(numbersOf(regionContrast(f, g, 0.5))[0]!, losses.reduce((a, v) => a + v) / losses.length, { rtol: 1e-5 });
  });

  it('is log(2R − 1) where all coincide', () => {
    const same = tf.ones<tf.Rank.R3>([2, 5, 3]);
    expectClose(numbersOf(regionContrast(same, same, 0.1))[0]!, Math.log(9), { rtol: 1e-4 });
  });
});

describe('segmentationLoss', () => {
  it('is cross-entropy plus one minus the soft Dice of the organs, the background left out', () => {
    const logits = rng(5).normals<tf.Rank.R4>([2, 2, 2, 3]);
    const classes = [0, 1, 2, 1, 1, 0, 0, 2];
    const p = rowsOf(tf.softmax(tf.reshape(logits, [8, 3])));
    const crossEntropy = classes.reduce((sum, c, i) => sum - Math.log(p[i]![c]!), 0) / 8;
    const dice = [1, 2].map((c) => {
      const [both, found, there] = [
        classes.reduce((sum, at, i) => sum + (at === c ? p[i]![c]! : 0), 0),
        p.reduce((sum, row) => sum + row[c]!, 0),
        classes.filter((at) => at === c).length,
      ];
      return (2 * both + 1) / (found + there + 1);
    });
    const y = tf.reshape(tf.oneHot(tf.tensor1d(classes, 'int32'), 3), [2, 2, 2, 3]) as tf.Tensor4D;
    expectClose(numbersOf(segmentationLoss(logits, y))[0]!, crossEntropy + 1 - (dice[0]! + dice[1]!) / 2, { rtol: 1e-5 });
  });

  it('is nearly 0 for a perfect answer', () => {
    const y = tf.reshape(tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), 3), [1, 2, 2, 3]) as tf.Tensor4D;
    expect(numbersOf(segmentationLoss(tf.mul(30, y), y))[0]!).toBeLessThan(1e-5);
  });
});
