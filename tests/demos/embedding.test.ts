import { describe, expect, it } from 'vitest';
import { type Embedding, type Moment, openEmbedding, shownOf } from '../../demos/app/embedding.ts';
import { keepMoments } from '../../demos/app/embedding-kept.ts';
import { mostFrames } from '../../demos/app/frames.ts';
import type { Library } from '../../demos/app/library/library.ts';
import type { RunState } from '../../demos/app/run.ts';
import { store } from '../../demos/app/store.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { Cancelled, type Frame, type Projected, type Projection, type Projector } from '../../src/worker/projection.ts';
import { expectClose } from '../close.ts';

/** A projection worker that answers when it is told to. */
function fake() {
  const asked: {
    projection: Projection;
    tell: (frame: Frame) => void;
    answer: (projected: Projected) => void;
    fail: (error: Error) => void;
  }[] = [];
  let cancelled = 0;
  const cancel = () => {
    cancelled++;
    asked.at(-1)?.fail(new Cancelled('cancelled'));
  };
  const projector: Projector = {
    project: (projection, tell = () => {}) => new Promise((answer, fail) => asked.push({ projection, tell, answer, fail })),
    cancel,
    close: cancel,
  };
  return { asked, embedding: openEmbedding(projector), cancelled: () => cancelled };
}
/** The steps of which there is a picture of the kind that was chosen. */
const drawn = ({ get }: Embedding) => {
  const { moments, method, amounts } = get();
  return moments.filter(({ results }) => results[`${method} ${amounts[method]}`]).map(({ step }) => step);
};
const tick = () => new Promise((resolve) => setTimeout(resolve));

const cloud = (n: number, seed = 1) => {
  const r = numbers(seed);
  return Float32Array.from({ length: 3 * n }, (_, at) => r.normal() * (3 - (at % 3)));
};
const artifact = (step: number, values: Float32Array = cloud(30)) =>
  [
    { step, values, columns: 3, kept: 1, dimensions: 3, heldOut: values.length / 3, available: 9999 },
    new Uint8Array(values.length / 3),
  ] as const;
/** The same representations, mirrored along the first axis. */
const mirrored = (features: Float32Array) => features.map((v, at) => (at % 3 === 0 ? -v : v));
const trust = { value: 0.9, k: 10, rows: 30 };

describe('pictures over training time', () => {
  it('shows principal components at once, turned to match the moment before, and asks for their trustworthiness', async () => {
    const { asked, embedding } = fake();
    const features = cloud(30);
    embedding.add(...artifact(0, features));
    const before = shownOf(embedding.get())!;
    expectClose(before.points.subarray(0, 2), features.subarray(0, 2));
    expect(before.result).toBe(null);
    embedding.add(...artifact(10, mirrored(features)));
    expectClose(shownOf(embedding.get())!.points, before.points, { atol: 1e-5 });
    asked[0]!.answer({ points: before.points, trust });
    await tick();
    // The last moment comes next.
    expect(asked[1]!.projection.features.values).toEqual(mirrored(features));
    asked[1]!.answer({ points: mirrored(features).filter((_, at) => at % 3 < 2), trust });
    await tick();
    expect(shownOf(embedding.get())!.result?.trust).toEqual(trust);
    expectClose(shownOf(embedding.get())!.points, before.points, { atol: 1e-5 });
    expect(drawn(embedding)).toEqual([0, 10]);
  });

  it('makes the last picture first, then goes back in time, each from the one beside it', async () => {
    const { asked, embedding, cancelled } = fake();
    for (const step of [0, 5, 10]) embedding.add(...artifact(step, cloud(30, step + 1)));
    embedding.chooseMethod('umap');
    expect(cancelled()).toBe(1);
    await tick();
    const umap = () => asked.filter(({ projection }) => projection.method === 'umap');
    expect(umap()).toHaveLength(1);
    expect(umap()[0]!.projection).toMatchObject({ amount: 15, start: null, features: { values: cloud(30, 11) } });
    // A picture under way is shown as it comes.
    const points = Float32Array.from({ length: 60 }, (_, at) => at);
    umap()[0]!.tell({ points, done: 1, total: 4 });
    expect(embedding.get().progress).toMatchObject({ step: 10, done: 1, total: 4 });
    umap()[0]!.answer({ points, trust });
    await tick();
    expect(umap()[1]!.projection.features.values).toEqual(cloud(30, 6));
    expectClose(umap()[1]!.projection.start!, shownOf(embedding.get())!.points);
    umap()[1]!.answer({ points, trust });
    await tick();
    // A newer moment goes before an older one.
    embedding.add(...artifact(20, cloud(30, 21)));
    umap()[2]!.answer({ points, trust });
    await tick();
    expect(umap()[3]!.projection.features.values).toEqual(cloud(30, 21));
    expect(drawn(embedding)).toEqual([0, 5, 10]);
  });

  it('keeps a picture that is stopped, makes none until it shall go on, and then goes on from there', async () => {
    const { asked, embedding } = fake();
    for (const step of [0, 10]) embedding.add(...artifact(step, cloud(30, step + 1)));
    embedding.chooseMethod('tsne');
    await tick();
    const count = asked.length;
    const points = Float32Array.from({ length: 60 }, (_, at) => at * at);
    asked.at(-1)!.tell({ points, done: 240, total: 600 });
    const seen = shownOf(embedding.get())!.points;
    embedding.stop();
    embedding.add(...artifact(20, cloud(30, 21)));
    await tick();
    expect(asked).toHaveLength(count);
    expect(embedding.get()).toMatchObject({ method: 'tsne', stopped: true, progress: null });
    embedding.scrub(10);
    expect(shownOf(embedding.get())).toMatchObject({
      points: seen,
      result: { trust: null, reached: { done: 240, total: 600, warm: false } },
    });

    // The last moment comes first, as ever; it does not start from a picture that is not done.
    embedding.goOn();
    await tick();
    expect(asked.at(-1)!.projection).toMatchObject({ start: null, features: { values: cloud(30, 21) } });
    asked.at(-1)!.answer({ points, trust });
    await tick();
    const { projection, tell, answer } = asked.at(-1)!;
    expect(projection).toMatchObject({ start: seen, reached: { done: 240, total: 600, warm: false } });
    expect(embedding.get().progress).toMatchObject({ step: 10, done: 240, total: 600 });
    // What comes is shown in the place of what was kept, and is kept itself when it is stopped again.
    tell({ points: mirrored(points), done: 300, total: 600 });
    expect(shownOf(embedding.get())!.points).not.toEqual(seen);
    embedding.stop();
    expect(shownOf(embedding.get())!.result?.reached).toEqual({ done: 300, total: 600, warm: false });
    embedding.goOn();
    await tick();
    expect(asked.at(-1)!.projection.reached?.done).toBe(300);
    answer({ points, trust });
    asked.at(-1)!.answer({ points, trust });
    await tick();
    expect(shownOf(embedding.get())!.result).toMatchObject({ trust });
    expect(shownOf(embedding.get())!.result!.reached).toBe(undefined);
  });

  it('asks for nothing more once it is closed, though a picture was under way', async () => {
    const { asked, embedding } = fake();
    for (const step of [0, 5]) embedding.add(...artifact(step, cloud(30, step + 1)));
    embedding.chooseMethod('umap');
    await tick();
    const count = asked.length;
    embedding.close();
    await tick();
    expect(asked).toHaveLength(count);
  });

  it('forgets what a changed choice has made obsolete, and takes known pictures from memory', async () => {
    const { asked, embedding } = fake();
    embedding.add(...artifact(0));
    asked[0]!.answer({ points: new Float32Array(60), trust });
    await tick();
    embedding.chooseMethod('tsne');
    embedding.chooseAmount(5);
    await tick();
    const last = asked.at(-1)!;
    expect(last.projection).toMatchObject({ method: 'tsne', amount: 5 });
    const count = asked.length;
    embedding.chooseMethod('pca');
    await tick();
    expect(asked).toHaveLength(count);
    expect(shownOf(embedding.get())!.result?.trust).toEqual(trust);
    last.answer({ points: new Float32Array(60), trust });
    await tick();
    expect(embedding.get()).toMatchObject({ progress: null, failure: null });
  });

  it('says why there is no picture, until something else is chosen', async () => {
    const { asked, embedding } = fake();
    embedding.add(...artifact(0));
    asked[0]!.fail(new Error('no memory'));
    await tick();
    expect(embedding.get().failure).toBe('no memory');
    expect(asked).toHaveLength(1);
    embedding.chooseMethod('umap');
    await tick();
    expect(embedding.get().failure).toBe(null);
    expect(asked).toHaveLength(2);
  });

  it('keeps the first 1,000 rows of what is over, and so many moments at most', () => {
    const { embedding } = fake();
    embedding.add(...artifact(0, cloud(1500)));
    expect(embedding.get().moments[0]!.labels).toHaveLength(1500);
    for (let step = 1; step <= 60; step++) embedding.add(...artifact(step, cloud(4, step)));
    const { moments } = embedding.get();
    expect(moments).toHaveLength(mostFrames);
    expect(moments[0]!.rough).toHaveLength(2000);
    expect(moments[0]!.features.values).toHaveLength(3000);
  });

  it('begins anew where a run does, and follows the run unless an earlier moment is looked at', () => {
    const { embedding } = fake();
    for (const step of [0, 10, 20]) embedding.add(...artifact(step));
    embedding.scrub(14);
    expect(shownOf(embedding.get())!.moment.step).toBe(10);
    embedding.add(...artifact(30));
    expect(shownOf(embedding.get())!.moment.step).toBe(10);
    embedding.scrub(null);
    expect(shownOf(embedding.get())!.moment.step).toBe(30);
    embedding.scrub(10);
    embedding.add(...artifact(0));
    expect(embedding.get().moments.map(({ step }) => step)).toEqual([0]);
    expect(embedding.get().at).toBe(null);
  });

  it('takes back what was kept of the run, before what there is already, and forgets it for another run', async () => {
    const { embedding } = fake();
    for (const step of [0, 5, 10]) embedding.add(...artifact(step, cloud(30, step + 1)));
    const kept = structuredClone(embedding.kept());
    embedding.clear();
    expect(embedding.get().moments).toEqual([]);
    embedding.add(...artifact(7, cloud(30, 8)));
    embedding.restore(kept);
    expect(embedding.get().moments.map(({ step }) => step)).toEqual([0, 5, 7]);
    expect(new Set(embedding.get().moments.map(({ id }) => id)).size).toBe(3);
    expect(embedding.get().moments[1]!.features).toEqual(kept[1]!.features);
    embedding.restore(kept);
    expect(embedding.get().moments).toHaveLength(3);
  });
});

describe('moments of a run', () => {
  it('are kept when it rests, come back with it, and go with another run', async () => {
    const shelves = new Map<string, readonly Moment[]>();
    const shelf = {
      saveMoments: async (id: string, moments: readonly Moment[]) => void shelves.set(id, structuredClone(moments)),
      moments: async (id: string) => shelves.get(id) ?? [],
    } as unknown as Library;
    const session = store({ id: null, status: 'ready' } as unknown as RunState);
    const go = (change: Partial<RunState>) => session.set({ ...session.get(), ...change });
    const { embedding } = fake();
    const end = keepMoments(session, embedding, async () => shelf);
    embedding.add(...artifact(0));
    go({ id: 'a', status: 'running' });
    await tick();
    embedding.add(...artifact(5, cloud(30, 2)));
    go({ status: 'paused' });
    await tick();
    expect(shelves.get('a')?.map(({ step }) => step)).toEqual([0, 5]);
    go({ id: null });
    expect(embedding.get().moments).toEqual([]);
    embedding.add(...artifact(0, cloud(30, 3)));
    go({ id: 'b', status: 'running' });
    await tick();
    expect(embedding.get().moments).toHaveLength(1);
    // Back to the first one, which stands at step 5.
    go({ id: 'a', status: 'paused' });
    embedding.add(...artifact(5, cloud(30, 2)));
    await tick();
    expect(embedding.get().moments.map(({ step }) => step)).toEqual([0, 5]);
    embedding.add(...artifact(9, cloud(30, 4)));
    end();
    await tick();
    expect(shelves.get('a')?.map(({ step }) => step)).toEqual([0, 5, 9]);
    expect(shelves.has('b')).toBe(false);
  });
});
