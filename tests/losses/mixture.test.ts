import { beforeAll, describe, expect, it } from 'vitest';
import { areaEntropy, mixtureNll, overlap, responsibilities } from '../../src/losses/mixture.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('cpu');
});

const numbersOf = (t: tf.Tensor) => Array.from(t.dataSync());
const drawn = (of: string, shape: [number, number, number]) => rng(4).split(of).normals<tf.Rank.R3>(shape);

describe('whose a pixel is', () => {
  it('is Bayes’ rule, pixel by pixel', () => {
    const [shares, colours, x] = [tf.softmax(drawn('shares', [2, 5, 3])), drawn('colours', [2, 3, 2]), drawn('x', [2, 5, 2])];
    const [m, c, pixels] = [shares.arraySync(), colours.arraySync(), x.arraySync()];
    const expected = m.flatMap((scene, n) =>
      scene.flatMap((prior, p) => {
        const joint = prior.map((share, k) => {
          const distance = c[n]![k]!.reduce((sum, v, i) => sum + (v - pixels[n]![p]![i]!) ** 2, 0);
          return share * Math.exp(-distance / (2 * 0.7 ** 2));
        });
        const all = joint.reduce((a, b) => a + b);
        return joint.map((v) => v / all);
      }),
    );
    expectClose(numbersOf(responsibilities({ shares, colours }, x, 0.7)), expected, { rtol: 1e-4, atol: 1e-5 });
  });

  it('is for the colour to say where it is exact, and for the share where colours are one', () => {
    const shares = tf.tensor3d([[[0.9, 0.1]]]);
    const black = tf.tensor3d([[[0, 0, 0]]]);
    const of = (second: number) =>
      numbersOf(
        responsibilities(
          {
            shares,
            colours: tf.tensor3d([
              [
                [1, 1, 1],
                [second, second, second],
              ],
            ]),
          },
          black,
          0.1,
        ),
      );
    expectClose(of(0), [0, 1], { atol: 1e-6 });
    expectClose(of(1), [0.9, 0.1], { rtol: 1e-4 });
  });

  it('is what the likelihood asks of the shares: by a share’s logit its gradient is share less responsibility', () => {
    const [logits, colours, x] = [drawn('logits', [1, 4, 3]), drawn('colours', [1, 3, 3]), drawn('x', [1, 4, 3])];
    const slope = tf.grad((t) => mixtureNll({ shares: tf.softmax(t as tf.Tensor3D), colours }, x, 0.9))(logits);
    const shares = tf.softmax(logits);
    const expected = tf.div(tf.sub(shares, responsibilities({ shares, colours }, x, 0.9)), 4);
    expectClose(numbersOf(slope), numbersOf(expected), { rtol: 1e-3, atol: 1e-5 });
  });
});

describe('overlap', () => {
  it('is 0 where each pixel has one slot, 1 − 1/n where n share it alike, and the mean over pixels', () => {
    const of = (rows: number[][]) => numbersOf(overlap(tf.tensor3d([rows])))[0]!;
    expect(of([[0, 1, 0, 0]])).toBe(0);
    expectClose(of([[0.25, 0.25, 0.25, 0.25]]), 0.75, { rtol: 1e-6 });
    expectClose(
      of([
        [0, 1, 0, 0],
        [0.5, 0, 0.5, 0],
      ]),
      0.25,
      { rtol: 1e-6 },
    );
  });
});

describe('the entropy of areas', () => {
  const of = (rows: number[][]) => numbersOf(areaEntropy(tf.tensor3d([rows])))[0]!;

  it('is 0 of one area, log n of n equal ones, however pixels share them, and that of a part halved more by its area times log 2', () => {
    expectClose(
      of([
        [1, 0, 0],
        [1, 0, 0],
      ]),
      0,
      { atol: 1e-5 },
    );
    expectClose(
      of([
        [1, 0],
        [0, 1],
      ]),
      Math.log(2),
      { rtol: 1e-5 },
    );
    expectClose(
      of([
        [0.5, 0.5],
        [0.5, 0.5],
      ]),
      Math.log(2),
      { rtol: 1e-5 },
    );
    const rows = (second: number) => [
      [1, 0, 0],
      [1, 0, 0],
      [1, 0, 0],
      [0, second, 1 - second],
    ];
    expectClose(of(rows(0.5)) - of(rows(1)), 0.25 * Math.log(2), { rtol: 1e-4 });
  });

  it('is the mean over images', () => {
    expectClose(numbersOf(areaEntropy(tf.tensor3d([[[1, 0]], [[0.5, 0.5]]])))[0]!, Math.log(2) / 2, { rtol: 1e-5 });
  });
});
