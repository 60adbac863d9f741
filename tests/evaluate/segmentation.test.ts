import { beforeAll, describe, expect, test } from 'vitest';
import { shapeScenes } from '../../src/data/scenes.ts';
import { evaluate, isScored } from '../../src/evaluate/evaluate.ts';
import { foregroundAri, parts } from '../../src/evaluate/segmentation.ts';
import type { Method } from '../../src/methods/method.ts';
import { slotAttention } from '../../src/methods/slot-attention.ts';
import * as tf from '../../src/tf.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/evaluation.json';
import { loadBackends } from '../ops/backends.ts';

beforeAll(loadBackends);

describe('foreground ARI', () => {
  test('is 1 where every object is a part of its own, whatever the names and whatever becomes of the background', () => {
    const truth = [0, 0, 1, 1, 2, 2, 2, 0];
    expect(foregroundAri(truth, [7, 7, 4, 4, 0, 0, 0, 7])).toBe(1);
    expect(foregroundAri(truth, [0, 4, 4, 4, 0, 0, 0, 1])).toBe(1);
  });

  test('is 0 where everything is one part, or each pixel one of its own', () => {
    const truth = [0, 1, 1, 2, 2, 2];
    expect(foregroundAri(truth, [3, 3, 3, 3, 3, 3])).toBe(0);
    expect(foregroundAri(truth, [0, 1, 2, 3, 4, 5])).toBe(0);
  });

  test('of one object: 1 if it stays whole, 0 if a pixel of it goes elsewhere', () => {
    expect(foregroundAri([0, 1, 1, 1], [0, 5, 5, 5])).toBe(1);
    expect(foregroundAri([0, 1, 1, 1], [0, 5, 5, 0])).toBe(0);
  });

  test('is that of scikit-learn over the pixels of objects, and can be worked out by hand', () => {
    const { labels, clusters, ari } = golden.clustering_scores;
    // Its classes as objects, with a background that would change everything if it counted.
    const [behind, lost] = [labels.map(() => 0), labels.map((_, p) => p % 3)];
    expectClose(foregroundAri([...behind, ...labels.map((k) => k + 1)], [...lost, ...clusters]), ari, { rtol: 1e-8 });
    // Objects of 3, 3 and 4 pixels, found as parts of 2, 4, 3 and 1.
    const [together, objects, parts, all] = [1 + 3 + 3, 3 + 3 + 6, 1 + 6 + 3 + 0, 45];
    const chance = (objects * parts) / all;
    const found = foregroundAri([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3], [5, 5, 1, 1, 2, 2, 2, 2, 0, 0, 3, 0]);
    expectClose(found, (together - chance) / ((objects + parts) / 2 - chance), { rtol: 1e-12 });
  });
});

const data = shapeScenes({ id: 'shapes', name: 'Shapes' }, { train: 40, test: 30 });
/** Slot attention that cheats: it gives each pixel to its true object, scene by scene in the order of the held-out split. */
const oracle = (wrong: number): Method => {
  const method = slotAttention as unknown as Method;
  const area = 1024;
  return {
    ...method,
    segment: (_run, x) => {
      const size = area * 3;
      // It knows a scene by its pixels.
      const shown = Array.from(x.dataSync(), (v) => Math.round(255 * v));
      const ids = Array.from({ length: x.shape[0] }, (_, i) => {
        const pixels = shown.slice(i * size, (i + 1) * size).join();
        const row = Array.from({ length: data.test.size }, (_, k) => k).find(
          (k) => data.test.pixels.subarray(k * size, (k + 1) * size).join() === pixels,
        )!;
        return [...data.test.masks.subarray(row * area, (row + 1) * area)].map((k, p) => (p % 10 < wrong ? (k * 7 + p) % 6 : k));
      });
      const owners = tf.cast(tf.transpose(tf.oneHot(tf.tensor(ids.flat(), [ids.length, 32, 32], 'int32'), 6), [0, 3, 1, 2]), 'float32');
      // Masks that know no object from another.
      const masks = tf.fill([ids.length, 6, 32, 32], 1 / 6) as tf.Tensor4D;
      const images = tf.tile(tf.expandDims(x, 1), [1, 6, 1, 1, 1]) as tf.Tensor5D;
      return [{ masks, images, owners: owners as tf.Tensor4D, attention: tf.ones([ids.length, 6, 2, 2]) }];
    },
  };
};

describe('scores of scenes', () => {
  const scores = async (method: Method) => {
    const session = createSession(method, data, { seed: 0, settings: { batchSize: 8, width: 8 } });
    const found = await evaluate(session, 0);
    session.dispose();
    return found;
  };

  test('are perfect for who knows the truth, and fall with every tenth of the pixels that goes astray', async () => {
    expect(isScored(oracle(0), data)).toBe(true);
    const [perfect, worse, worst] = [await scores(oracle(0)), await scores(oracle(2)), await scores(oracle(5))];
    expect(perfect.foregroundAri).toBe(1);
    expect(perfect.foregroundAriMasks).toBeCloseTo(0, 6);
    expect(perfect.sceneError).toBeLessThan(1e-10);
    expect(worse.foregroundAri).toBeLessThan(0.9);
    expect(worst.foregroundAri).toBeLessThan(worse.foregroundAri! - 0.1);
    // Colour tells apart all objects but those of one colour.
    expect(perfect.foregroundAriColour).toBe(worst.foregroundAriColour);
    expect(perfect.foregroundAriColour).toBeGreaterThan(0.5);
    expect(perfect.foregroundAriColour).toBeLessThan(1);
  });

  test('the picture shows scenes of several objects, and its own ARI is that of what it shows', async () => {
    const session = createSession(oracle(0), data, { seed: 0, settings: { batchSize: 8, width: 8 } });
    const before = tf.memory().numTensors;
    const { originals, truth, rounds, ...rest } = await parts(session, { count: 4 });
    expect(tf.memory().numTensors).toBe(before);
    expect([originals.n, rest.parts, rounds.length, truth.length]).toEqual([4, 6, 1, 4096]);
    const { ari, found, masks, images, whole, attention } = rounds[0]!;
    expect([...ari]).toEqual([1, 1, 1, 1]);
    expect(whole.pixels).toEqual(originals.pixels);
    expect([images.n, images.pixels.length, attention.shares.length]).toEqual([24, 24 * 3072, 4 * 6 * 4]);
    expect(found).toEqual(truth);
    expect(masks).toEqual(new Uint8Array(4 * 6 * 1024).fill(Math.round(255 / 6)));
    session.dispose();
  });
});
