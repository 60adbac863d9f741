import { beforeAll, describe, expect, test } from 'vitest';
import type { ImageDataset } from '../../src/data/dataset.ts';
import { densities } from '../../src/data/densities.ts';
import { int, real } from '../../src/hparams.ts';
import { defineMethod, type Method } from '../../src/methods/method.ts';
import { vae } from '../../src/methods/vae.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { createBatcher, mapRows, toImages } from '../../src/train/batches.ts';
import { createSession } from '../../src/train/session.ts';
import { type Snapshot, unpackTensors } from '../../src/train/snapshot.ts';
import { Diverged, train } from '../../src/train/train.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';

beforeAll(loadBackends);

const split = { size: 10, pixels: Uint8Array.from({ length: 160 }, (_, i) => i), labels: new Uint8Array(10) };
const tiny: ImageDataset = { kind: 'images', id: 'tiny', name: 'Tiny', shape: [4, 4, 1], classes: ['0'], train: split, test: split };
const still = { rotation: 0, scaling: 0, shear: 0, shift: 0, erasing: 0 };

/** A method of one number w that counts: loss (w − 3)², a metric, an aux that `after` adds up, and `epoch` calls noted. */
function counter(notes: { epochs: number[]; rows: number[][] } = { epochs: [], rows: [] }) {
  return defineMethod({
    id: 'counter',
    name: 'Counter',
    family: 'contrastive',
    paper: { authors: '', year: 2020, title: '', arxiv: '' },
    summary: '',
    equation: '',
    data: 'view',
    hparams: { goal: real(3, { min: -9, max: 9, doc: 'where w shall go' }), width: int(1, { min: 1, max: 2, doc: 'numbers' }) },
    init: ({ hp }) => ({ params: { w: tf.zeros([hp.width]), other: tf.ones([1]) }, state: { sum: tf.scalar(0) } }),
    loss: ({ w, other }, _, { index }, { hp }) => {
      notes.rows.push(Array.from(index.dataSync()));
      const loss = tf.sum(tf.square(tf.sub(w, hp.goal))) as tf.Scalar;
      return { loss, metrics: { w: tf.sum(w) as tf.Scalar }, aux: { seen: tf.sum(tf.stack([w, w])), unused: tf.clone(other) } };
    },
    after: (_params, { sum }, { seen }) => ({ sum: tf.add(sum, seen) as tf.Scalar }),
    epoch: async (_params, { sum }, data, { progress }) => {
      notes.epochs.push(Math.round(progress * 12));
      expect(data.size).toBe(10);
      return { state: { sum: tf.clone(sum) }, metrics: { epoch: notes.epochs.length } };
    },
  }) as unknown as Method;
}
const settings = { ...still, steps: 12, batchSize: 4, schedule: 'constant', weightDecay: 0, learningRate: 0.01 };

describe('the session', () => {
  test('calls epoch before the first step and then between passes; each pass visits its rows once, in an order of its own', async () => {
    const notes = { epochs: [] as number[], rows: [] as number[][] };
    const session = createSession(counter(notes), tiny, { seed: 1, settings });
    expect(session.stepsPerEpoch).toBe(2);
    const found = [];
    for (let i = 0; i < 6; i++) found.push(await (await session.advance()).metrics);
    expect(notes.epochs).toEqual([0, 2, 4]);
    expect(found.map(({ epoch }) => epoch)).toEqual([1, undefined, 2, undefined, 3, undefined]);
    const passes = [0, 2, 4].map((i) => [...notes.rows[i]!, ...notes.rows[i + 1]!]);
    for (const pass of passes) expect(new Set(pass).size).toBe(8);
    expect(passes[1]).not.toEqual(passes[0]);
    session.dispose();
  });

  test('takes the metrics before the step, adds aux up in state, and leaves an unused parameter where it is', async () => {
    const session = createSession(counter(), tiny, { seed: 1, settings });
    const metrics = [];
    for (let i = 0; i < 3; i++) metrics.push(await (await session.advance()).metrics);
    // Adam's first steps move by the learning rate, whatever the gradient.
    expectClose(
      metrics.map(({ w }) => w!),
      [0, 0.01, 0.02],
      { rtol: 1e-3, atol: 1e-6 },
    );
    expectClose(
      metrics.map(({ loss }) => loss!),
      [9, 2.99 ** 2, 2.98 ** 2],
      { rtol: 1e-4 },
    );
    const { params, state } = session.run as { params: { w: tf.Tensor; other: tf.Tensor }; state: { sum: tf.Tensor } };
    expectClose(await state.sum.data(), [2 * (0 + 0.01 + 0.02)], { rtol: 1e-3 });
    expect(Array.from(await params.other.data())).toEqual([1]);
    session.dispose();
  });

  test('leaves no tensor behind, metrics and aux included', async () => {
    const before = tf.memory().numTensors;
    const session = createSession(counter(), tiny, { seed: 1, settings });
    const counts = [];
    for (let i = 0; i < 5; i++) {
      await (await session.advance()).metrics;
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('lets live settings change, and names those that would need a new run', async () => {
    const session = createSession(counter(), tiny, { seed: 1, settings });
    session.set({ goal: -3, width: 1 });
    const { loss } = await (await session.advance()).metrics;
    expect(loss).toBe(9);
    expect((await (await session.advance()).metrics).w).toBeCloseTo(-0.01, 5);
    expect(() => session.set({ goal: 1, width: 2, batchSize: 5 })).toThrow(/^width, batchSize cannot change during a run/);
    expect(() => session.set({ goal: 99 })).toThrow(/goal must lie from -9 to 9, got 99/);
    expect(session.settings.goal).toBe(-3);
    session.dispose();
  });

  test('the learning rate falls as a cosine, to almost nothing at the end', async () => {
    const session = createSession(counter(), tiny, { seed: 1, settings: { ...settings, schedule: 'cosine', goal: 9 } });
    const at: number[] = [];
    for (let i = 0; i < 12; i++) at.push((await (await session.advance()).metrics).w!);
    const moves = at.slice(1).map((w, i) => w - at[i]!);
    expectClose(
      moves,
      moves.map((_, i) => (0.01 * (1 + Math.cos((Math.PI * i) / 12))) / 2),
      { rtol: 0.02 },
    );
    session.dispose();
  });

  test('peek shows the batch of the next step', async () => {
    const notes = { epochs: [] as number[], rows: [] as number[][] };
    const session = createSession(counter(notes), tiny, { seed: 1, settings });
    await (await session.advance()).metrics;
    const shown = tf.tidy(() => (session.peek() as unknown as { index: tf.Tensor }).index.clone());
    await (await session.advance()).metrics;
    expect(Array.from(await shown.data())).toEqual(notes.rows[1]);
    shown.dispose();
    session.dispose();
  });

  test('refuses a batch larger than the set', () => {
    expect(() => createSession(counter(), tiny, { seed: 1, settings: { ...settings, batchSize: 11 } })).toThrow(
      'batchSize is 11, but Tiny has only 10 training images: take a smaller batch',
    );
  });

  test('a snapshot of another method or size is refused by the name of the tensor', async () => {
    const session = createSession(counter(), tiny, { seed: 1, settings });
    const from = await session.snapshot();
    session.dispose();
    expect(() => createSession(counter(), tiny, { seed: 1, settings: { ...settings, width: 2 }, from })).toThrow(
      /"params.w" has shape \[1\], but these settings need \[2\]/,
    );
    expect(() => unpackTensors(from.tensors, { params: { v: tf.zeros([1]) } })).toThrow(/no tensor "params.v"/);
  });
});

describe('the order of a snapshot', () => {
  /** A method that chooses its rows: each epoch visits them backwards. */
  const choosing: Method = {
    ...counter(),
    epoch: async (_params, { sum }: { sum?: tf.Tensor }) => ({
      state: { sum: tf.clone(sum!) },
      order: Int32Array.from({ length: 10 }, (_, i) => 9 - i),
    }),
  } as Method;
  const begun = async (method: Method) => {
    const session = createSession(method, tiny, { seed: 1, settings });
    await (await session.advance()).metrics;
    const from = await session.snapshot();
    session.dispose();
    return from;
  };
  const resume = (method: Method, from: Snapshot) => createSession(method, tiny, { seed: 1, settings, from });

  test('is taken as it was, up to both ends of the data', async () => {
    const session = resume(choosing, await begun(choosing));
    const index = tf.tidy(() => (session.peek() as unknown as { index: tf.Tensor }).index.clone());
    expect(Array.from(await index.data())).toEqual([5, 4, 3, 2]);
    tf.dispose(index);
    session.dispose();
  });

  test.each([
    ['a row beyond the data', [9, 8, 10, 6, 5, 4, 3, 2], /"order" is 10 at place 2, but the training images of Tiny are rows 0 to 9/],
    ['a row before them', [9, 8, 7, 6, 5, 4, 3, -1], /"order" is -1 at place 7/],
    ['too few rows', [9, 8, 7], /"order" has 3 rows, but an epoch of Tiny in batches of 4 visits 8 images/],
  ])('with %s is refused, and no tensor stays', async (_, order, sentence) => {
    const from = await begun(choosing);
    const before = tf.memory().numTensors;
    expect(() => resume(choosing, { ...from, order: Int32Array.from(order) })).toThrow(sentence);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('is refused where the method chooses none', async () => {
    const { epoch: _, ...plain } = counter();
    const from = await begun(plain as Method);
    expect(() => resume(plain as Method, { ...from, order: new Int32Array(10) })).toThrow(/which Counter on Tiny never does/);
  });
});

describe('train', () => {
  test('yields every step once, in order, and ends at the last', async () => {
    const run = train(counter(), tiny, { seed: 1, settings });
    const steps = [];
    for await (const { step } of run) steps.push(step);
    expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    run.session.dispose();
  });

  test('stops where a metric is no number, naming it and the step', async () => {
    const base = counter();
    const broken: Method = {
      ...base,
      loss: (params, state, batch, c) => {
        const found = base.loss(params, state, batch, c);
        return { ...found, metrics: { w: (Math.round(c.progress * 12) < 3 ? found.metrics!.w! : tf.scalar(Number.NaN)) as tf.Scalar } };
      },
    };
    const run = train(broken, tiny, { seed: 1, settings });
    const steps: number[] = [];
    const all = async () => {
      for await (const { step } of run) steps.push(step);
    };
    await expect(all()).rejects.toThrow(new Diverged('The w became NaN at step 4: try a smaller learning rate'));
    expect(steps).toEqual([1, 2, 3]);
    run.session.dispose();
  });
});

describe('batches', () => {
  test('images are bytes / 255, the rows asked for', async () => {
    const x = toImages(split.pixels, [4, 4, 1], 2, 3);
    expect(x.shape).toEqual([3, 4, 4, 1]);
    expectClose(
      await x.data(),
      Array.from({ length: 48 }, (_, i) => (32 + i) / 255),
      { rtol: 1e-6 },
    );
    x.dispose();
  });

  test('mapRows joins its batches, a shorter last one included', async () => {
    const x = toImages(split.pixels, [4, 4, 1]);
    const before = tf.memory().numTensors;
    const { values, columns } = await mapRows(
      10,
      (from, count) => tf.mul(255, tf.max(tf.slice(x, [from, 0, 0, 0], [count, -1, -1, -1]), [2, 3])) as tf.Tensor2D,
      { batch: 4 },
    );
    expect(columns).toBe(4);
    expectClose(
      values,
      Array.from({ length: 40 }, (_, i) => 4 * i + 3),
      { rtol: 1e-5 },
    );
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });

  test('views of one row differ from each other, from step to step, and repeat with the seed', async () => {
    const moving = { ...still, rotation: 90, scaling: 0.3 };
    const batcher = createBatcher(tiny, 'views', 4);
    const take = async (step: number, seed: number) => {
      const { views } = tf.tidy(() => batcher.batch(step, null, moving, rng(seed)) as never) as { views: [tf.Tensor, tf.Tensor] };
      return Promise.all(views.map(async (t) => Array.from(await t.data())));
    };
    const [a, b] = await take(0, 1);
    expect(b).not.toEqual(a);
    expect((await take(2, 1))[0]).not.toEqual(a);
    expect(await take(0, 1)).toEqual([a, b]);
    expect((await take(0, 2))[0]).not.toEqual(a);
    batcher.dispose();
  });

  test('a method may ask for more views: the first two stay what they were', async () => {
    const moving = { ...still, rotation: 90, scaling: 0.3 };
    const batcher = createBatcher(tiny, 'views', 4);
    const take = async (settings: Record<string, number>) => {
      const { views } = tf.tidy(() => batcher.batch(0, null, { ...moving, ...settings }, rng(1)) as never) as { views: tf.Tensor[] };
      return Promise.all(views.map(async (t) => Array.from(await t.data())));
    };
    const [two, five] = [await take({}), await take({ views: 5 })];
    expect([two.length, five.length]).toEqual([2, 5]);
    expect(five.slice(0, 2)).toEqual(two);
    expect(new Set(five.map(String)).size).toBe(5);
    batcher.dispose();
  });

  test('points are drawn afresh at every step, and have no training set to pass over', async () => {
    const batcher = createBatcher(densities['two-moons'], 'any', 5);
    const take = async (step: number) =>
      Array.from(await tf.tidy(() => (batcher.batch(step, null, {}, rng(1)) as { x: tf.Tensor }).x).data());
    expect(await take(1)).not.toEqual(await take(0));
    expect(await take(1)).toEqual(await take(1));
    await expect(batcher.epochData.map(() => tf.zeros([1, 1]))).rejects.toThrow(/drawn without end/);
    batcher.dispose();
  });
});

test('unknown settings of a run are refused before anything is built', () => {
  const before = tf.memory().numTensors;
  expect(() => createSession(vae as Method, tiny, { seed: 1, settings: { nonsense: 1, beta: 99 } })).toThrow(
    /nonsense is not.*\nbeta must lie/s,
  );
  expect(tf.memory().numTensors).toBe(before);
});
