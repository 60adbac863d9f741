import { beforeAll, describe, expect, test } from 'vitest';
import { objectSize, packObjects, readObjects } from '../../src/data/objects.ts';
import { mostObjects, shapeScenes } from '../../src/data/scenes.ts';
import { evaluate, isScored } from '../../src/evaluate/evaluate.ts';
import { objects } from '../../src/evaluate/objects.ts';
import type { Method } from '../../src/methods/method.ts';
import { slotPrediction } from '../../src/methods/slot-prediction.ts';
import * as tf from '../../src/tf.ts';
import { createBatcher } from '../../src/train/batches.ts';
import { createSession } from '../../src/train/session.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('wasm');
});

const data = shapeScenes({ id: 'shapes', name: 'Shapes' }, { train: 40, test: 30 });
const size = 32 * 32 * 3;
/** The same numbers with presences of 0.3 and 0.7. */
const unsure = (numbers: Float32Array) => numbers.map((v, i) => (i % objectSize === 0 ? 0.3 + 0.4 * v : v));
/** Set prediction that cheats: it knows a scene by its pixels, and says the truth, a share of the side too far right, and never quite surely. */
const oracle = (off: number): Method => ({
  ...(slotPrediction as unknown as Method),
  describe: (_run, x) => {
    const shown = Array.from(x.dataSync(), (v) => Math.round(255 * v));
    const scenes = Array.from({ length: x.shape[0] }, (_, i) => {
      const pixels = shown.slice(i * size, (i + 1) * size).join();
      const row = data.test.objects.findIndex((_, k) => data.test.pixels.subarray(k * size, (k + 1) * size).join() === pixels);
      return data.test.objects[row]!.map((object) => ({ ...object, x: object.x + 32 * off }));
    });
    const told = tf.tensor3d(unsure(packObjects(scenes, 32)), [scenes.length, mostObjects, objectSize]);
    return { objects: told, attention: tf.fill([scenes.length, mostObjects, 2, 2], 0.2) };
  },
});
const start = (method: Method) => createSession(method, data, { seed: 0, settings: { batchSize: 8, width: 8 } });

describe('named objects', () => {
  const scores = async (method: Method) => {
    const session = start(method);
    const found = await evaluate(session, 0);
    session.dispose();
    return found;
  };
  const keys = [
    'averagePrecision',
    'averagePrecision4',
    'averagePrecision8',
    'averagePrecision16',
    'averagePrecision32',
    'countRight',
  ] as const;

  test('score 1 for who knows the truth, and nothing within less than they are off', async () => {
    expect(isScored(oracle(0), data)).toBe(true);
    const [perfect, near] = [await scores(oracle(0)), await scores(oracle(0.1))];
    for (const key of keys) expect(perfect[key]).toBeCloseTo(1, 9);
    expect([near.averagePrecision, near.averagePrecision4, near.averagePrecision8, near.countRight]).toEqual([1, 1, 1, 1]);
    // Off by 3.2 pixels: only a twin of the same colour and shape could be hit by chance.
    expect(near.averagePrecision16).toBeLessThan(0.05);
    expect(near.averagePrecision32).toBeLessThan(0.05);
  });

  test('the picture shows the first held-out scenes, their truth and what is said of it', async () => {
    const session = start(oracle(0));
    const before = tf.memory().numTensors;
    const { originals, truth, slots, seen, attention } = await objects(session, { count: 4 });
    expect(tf.memory().numTensors).toBe(before);
    expect([originals.n, slots, seen.length, attention.side, attention.shares.length]).toEqual([4, 5, 20 * objectSize, [2, 2], 80]);
    expect(seen).toEqual(unsure(truth));
    expect(originals.pixels).toEqual(data.test.pixels.subarray(0, 4 * size));
    session.dispose();
  });
});

test('a batch of scenes brings the objects of its own images', async () => {
  const batcher = createBatcher(data, 'scenes', 4);
  const order = Int32Array.from([7, 3, 0, 21, 9, 9, 9, 9]);
  const { x, objects } = batcher.batch(0, order, {}, undefined as never) as { x: tf.Tensor4D; objects: tf.Tensor3D };
  expect(objects.shape).toEqual([4, mostObjects, objectSize]);
  const told = readObjects(Float32Array.from(await objects.data()), 32);
  const pixels = await x.data();
  for (const [i, row] of [7, 3, 0, 21].entries()) {
    const there = told.slice(i * mostObjects, (i + 1) * mostObjects).filter(({ presence }) => presence === 1);
    expect(there.map(({ shape, colour }) => ({ shape, colour }))).toEqual(
      data.train.objects[row]!.map(({ shape, colour }) => ({ shape, colour })),
    );
    expect(Math.round(255 * pixels[i * size]!)).toBe(data.train.pixels[row * size]);
  }
  tf.dispose([x, objects]);
  batcher.dispose();
});
