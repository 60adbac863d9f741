import { describe, expect, it } from 'vitest';
import { openEmbedding, shownOf } from '../../demos/app/embedding.ts';
import { mostFrames } from '../../demos/app/frames.ts';
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
    expect(embedding.frames().map(({ step, method }) => [step, method])).toEqual([
      [0, 'pca'],
      [10, 'pca'],
    ]);
    expect(embedding.frames()[0]!.rows[29]).toBe(29);
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
    expect(embedding.frames().map(({ step }) => step)).toEqual([0, 5, 10]);
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
});
