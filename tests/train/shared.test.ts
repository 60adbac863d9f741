import { beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import * as tf from '../../src/tf.ts';
import { createSession, type Session } from '../../src/train/session.ts';
import { smallData, smallSettings } from '../contract/small.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(loadBackends);

/** What the runs of an experiment share by construction: random streams depend on seed, epoch, step and name, never on the method. */
const [grey] = smallData;
const open = (method: Method, seed = 5) => createSession(method, grey!, { seed, settings: smallSettings(method, grey!) });
/** The numbers of each part of the next batch. */
function batchOf(session: Session): Readonly<Record<string, number[][]>> {
  const { values } = tf.tidy(() => {
    const parts = Object.entries(session.peek()) as [string, tf.Tensor | readonly tf.Tensor[]][];
    return { values: parts.map(([name, part]) => [name, [part].flat().map((t) => [...(t as tf.Tensor).dataSync()])]) as never };
  });
  return Object.fromEntries(values);
}
const encoderOf = ({ run }: Session) =>
  (run.params as unknown as { encoder: { w: tf.Tensor; b: tf.Tensor }[] }).encoder.map(({ w, b }) => [
    [...w.dataSync()],
    [...b.dataSync()],
  ]);
const step = async (session: Session) => (await session.advance()).metrics;

describe('two methods of one seed', () => {
  it('begin with the same encoder and see the same views in the same order, over the epoch’s end', async () => {
    const [a, b] = [open(methods.simclr), open(methods.byol)];
    expect(encoderOf(a)).toEqual(encoderOf(b));
    for (let i = 0; i < a.stepsPerEpoch + 1; i++) {
      expect(batchOf(a)).toEqual(batchOf(b));
      await Promise.all([step(a), step(b)]);
    }
    // A guard: the methods themselves differ, and so do seeds.
    expect(encoderOf(a)).not.toEqual(encoderOf(b));
    const other = open(methods.simclr, 6);
    const again = open(methods.simclr);
    expect(encoderOf(other)).not.toEqual(encoderOf(again));
    expect(batchOf(other)).not.toEqual(batchOf(again));
    for (const session of [a, b, other, again]) session.dispose();
  });

  it('a method that sees no views gets the same images, and the same encoder where its shape is the same', async () => {
    const [views, plain] = [open(methods.simclr), open(methods.vae)];
    expect(encoderOf(views)).toEqual(encoderOf(plain));
    const index = batchOf(views).index![0]!;
    const size = 16 * 16;
    const { pixels } = (grey as Extract<typeof grey, { kind: 'images' }>).train;
    const rows = index.flatMap((row) => Array.from(pixels.subarray(row * size, (row + 1) * size), (v) => Math.fround(v / 255)));
    expect(batchOf(plain).x![0]).toEqual(rows);
    views.dispose();
    plain.dispose();
  });
});
