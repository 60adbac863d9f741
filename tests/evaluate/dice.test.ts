import { beforeAll, describe, expect, it } from 'vitest';
import type { VolumeDataset } from '../../src/data/dataset.ts';
import { diceOf, diceScores, segmentation } from '../../src/evaluate/dice.ts';
import * as tf from '../../src/tf.ts';
import type { Still } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

it('Dice is twice the overlap over the sum of both, class by class, the background left out', () => {
  const truth = Uint8Array.of(0, 0, 1, 1, 1, 2, 2, 0);
  expect(diceOf(truth, truth, 4)).toEqual([1, 1, Number.NaN]);
  expect(diceOf(new Uint8Array(8), truth, 3)).toEqual([0, 0]);
  // One of three found, and one too many: 2 · 1 / (2 + 3).
  expect(diceOf(Uint8Array.of(1, 0, 1, 0, 0, 2, 2, 2), truth, 3)).toEqual([0.4, 0.8]);
});

describe('of held-out volumes', () => {
  beforeAll(loadBackends);

  // Two volumes of two slices of 1 × 2 pixels. Organ 3 is nowhere; the pixels say what is found: 100 of them is class 1, 200 class 2.
  const split = {
    ...{ size: 4, volumes: 2 },
    pixels: Uint8Array.of(100, 100, 0, 200, 0, 100, 200, 200),
    labels: Uint8Array.of(1, 0, 0, 2, 0, 1, 1, 2),
  };
  const data: VolumeDataset = {
    ...{ kind: 'volumes', id: 'organs', name: 'two volumes', shape: [1, 2, 1], slices: 2, classes: ['none', 'a', 'b', 'c'] },
    train: split,
    test: split,
  };
  const pixelClasses = (_: unknown, x: tf.Tensor4D) => {
    const level = tf.mul(x, 2.55);
    return tf.concat(
      [0, 1, 2, 9].map((at) => tf.neg(tf.abs(tf.sub(level, at)))),
      3,
    );
  };
  const session = { method: { pixelClasses }, data, run: {}, context: () => ({}) } as unknown as Still;

  it('scores are the mean over organs, then over volumes, and the worst volume', async () => {
    // Volume 1: 2/3 and 1. Volume 2: 2/3 and 2/3.
    const { dice, diceWorst } = await diceScores(session);
    expectClose(dice!, (5 / 6 + 2 / 3) / 2);
    expectClose(diceWorst!, 2 / 3);
  });

  it('the picture shows one volume, and keeps to those that there are', async () => {
    const second = await segmentation(session, { volume: 2 });
    expect([second.volume, second.volumes, second.images.n]).toEqual([2, 2, 2]);
    expect([...second.images.pixels]).toEqual([0, 100, 200, 200]);
    expect([...second.truth]).toEqual([0, 1, 1, 2]);
    expect([...second.found]).toEqual([0, 1, 2, 2]);
    expectClose(second.dice.slice(0, 2), [2 / 3, 2 / 3]);
    expect(second.dice[2]).toBeNaN();
    expect((await segmentation(session, { volume: 99 })).volume).toBe(2);
    expect((await segmentation(session, {})).volume).toBe(1);
  });
});
