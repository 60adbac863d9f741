import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, ImageShape } from '../../src/data/dataset.ts';
import { objectNumbers, objectSize } from '../../src/data/objects.ts';
import { defaults, parse, problems } from '../../src/hparams.ts';
import { methods } from '../../src/methods/index.ts';
import type { Batches, BatchKind, Method, Rows } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import { leaves, paths, type Tree, tidy } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { toImages } from '../../src/train/batches.ts';
import { createSession, type Session } from '../../src/train/session.ts';
import { acceptedData } from '../../src/train/settings.ts';
import type { Snapshot } from '../../src/train/snapshot.ts';
import { expectClose } from '../close.ts';
import { loadBackends } from '../ops/backends.ts';
import { smallData, smallSettings } from './small.ts';

/** What every method owes, generated from the registry: a new method needs no new test here. */
beforeAll(loadBackends);

const registry: Readonly<Record<string, Method>> = methods;
const all = Object.entries(registry);
const pairs = all.flatMap(([id, method]) =>
  smallData
    .filter((data) => acceptedData(method).includes(data.id))
    .flatMap((data) =>
      (data.kind === 'points' ? ['wasm', 'cpu'] : ['wasm']).map((backend) => ({ id, method, data, on: data.name, backend })),
    ),
);

describe.each(all)('%s', (id, method) => {
  test('is filed, exported and explained under its own id', () => {
    expect(method.id).toBe(id);
    expect(existsSync(new URL(`../../src/methods/${id}.ts`, import.meta.url)), 'its file').toBe(true);
    expect(existsSync(new URL(`../../demos/lessons/${id}.mdx`, import.meta.url)), 'its lesson').toBe(true);
  });
  test('says what it is', () => {
    expect(method.summary).toMatch(/^[A-Z].*\.$/s);
    expect(method.equation.length).toBeGreaterThan(5);
    expect(method.paper.arxiv).toMatch(/^\d{4}\.\d{4,5}$/);
    expect(2000 + Number(method.paper.arxiv.slice(0, 2))).toBeGreaterThanOrEqual(method.paper.year - 1);
  });
  test('documents its hyperparameters, whose defaults are valid; refuses all unknown ones together', () => {
    expect(parse(method.hparams, defaults(method.hparams))).toEqual(defaults(method.hparams));
    for (const { doc } of Object.values(method.hparams)) expect(doc.length).toBeGreaterThan(10);
    expect(Object.keys(problems(method.hparams, { nonsense: 1, more: 2 }))).toEqual(['nonsense', 'more']);
  });
});

const start = (method: Method, data: Dataset, seed: number, more: object = {}): Session =>
  createSession(method, data, { seed, settings: smallSettings(method, data), ...more });

/** The metrics of some steps. */
async function advance(session: Session, steps: number) {
  const found = [];
  for (let i = 0; i < steps; i++) found.push(await (await session.advance()).metrics);
  return found;
}
const memory = () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes, buffers: tf.backend().numDataIds() });
/** The names of the tensors in which two snapshots differ by a bit. */
const different = (a: Snapshot, b: Snapshot) =>
  Object.keys(a.tensors).filter((name) => {
    const [x, y] = [a.tensors[name]!.values, b.tensors[name]!.values];
    return x.length !== y.length || x.some((v, i) => !Object.is(v, y[i]));
  });
const values = async (tree: Tree) => Promise.all(leaves(tree).map(async (t) => (await t.data()).slice()));

describe.each(pairs)('$id on $on, $backend', ({ method, data, backend }) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  // Its seed draws the problem: there is no batch, and nothing but its own measure to fall.
  test.runIf(method.iterate)('iterates towards 0', async () => {
    const session = start(method, data, 1);
    const losses = (await advance(session, 12)).map(({ loss }) => loss!);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(session.step).toBe(12);
    expect(losses[0]!).toBeGreaterThan(0);
    expect(Math.max(...losses.slice(-3))).toBeLessThan(0.5 * losses[0]!);
    session.dispose();
  });

  test.skipIf(method.iterate)('learns one batch by heart, and moves every parameter', async () => {
    let batch: Batches[BatchKind] | undefined;
    // The same noise as well: its luck would drown a few steps' progress.
    const noise = rng(1);
    const again: Method = {
      ...method,
      loss: (params, state, given, c) => method.loss(params, state, (batch ?? given) as never, { ...c, rng: noise }),
    };
    // Twelve steps of 8 fit into the first epoch of 96 rows.
    const session = createSession(again, data, { seed: 1, settings: { ...smallSettings(method, data), batchSize: 8 } });
    const before = await values(session.run.params);
    await advance(session, 1);
    batch = tidy(() => session.peek());
    const losses = (await advance(session, 11)).map(({ loss }) => loss!);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(Math.max(...losses.slice(-3))).toBeLessThan(losses[0]!);
    const names = paths(session.run.params);
    const after = await values(session.run.params);
    expect(names.filter((_, i) => after[i]!.every((v, j) => v === before[i]![j]))).toEqual([]);
    tf.dispose(batch as unknown as tf.TensorContainer);
    session.dispose();
  });

  test('leaves no tensor behind, over steps, epochs and its own end', async () => {
    const empty = memory();
    const session = start(method, data, 1);
    await advance(session, 2);
    const warm = memory();
    await advance(session, 5);
    expect(memory()).toEqual(warm);
    await session.snapshot();
    expect(memory()).toEqual(warm);
    session.dispose();
    expect(memory()).toEqual(empty);
  });

  test('repeats a seed’s run, and goes on from a snapshot along the very same curve', async () => {
    const session = start(method, data, 7);
    const other = start(method, data, 8);
    const head = await advance(session, 2);
    expect((await advance(other, 2))[1]!.loss).not.toBe(head[1]!.loss);
    const saved = structuredClone(await session.snapshot());
    // Three steps an epoch: the rest crosses the end of one, and begins on it.
    const tail = await advance(session, 3);
    const resumed = start(method, data, 7, { from: saved });
    expect(resumed.step).toBe(2);
    const first = await advance(resumed, 1);
    const onTheEdge = structuredClone(await resumed.snapshot());
    resumed.dispose();
    const again = start(method, data, 7, { from: onTheEdge });
    expect([...first, ...(await advance(again, 2))]).toEqual(tail);
    expect(different(await session.snapshot(), await again.snapshot())).toEqual([]);
    const fresh = start(method, data, 7);
    expect(await advance(fresh, 2)).toEqual(head);
    for (const each of [session, other, again, fresh]) each.dispose();
  });

  test('keeps what its capabilities promise', async () => {
    const session = start(method, data, 3);
    await advance(session, 2);
    // What it simulates has no rows to try its capabilities on: its own test does.
    if (data.kind === 'simulated' || data.kind === 'volumes') return session.dispose();
    const { run } = session;
    const n = 5;
    const dimensions = data.shape.reduce<number>((d, s) => d * s, 1);
    const found = tf.tidy(() => {
      const c = session.context('test');
      const x =
        data.kind === 'images' || data.kind === 'scenes'
          ? toImages(data.test.pixels, data.shape, 0, n)
          : (tf.tensor(data.sample(n, rng(1), 'test'), [n, ...data.shape]) as Rows);
      const row = tf.slice(x, [2], [1]);
      const out: Record<string, tf.Tensor> = {};
      const shapes: [string, tf.Tensor, (number | null)[]][] = [];
      const check = (name: string, t: tf.Tensor, shape: (number | null)[]) => {
        out[name] = t;
        shapes.push([name, t, shape]);
      };
      if (method.embed) {
        check('embed', method.embed(run, x as tf.Tensor4D, c), [n, null]);
        check('embed of a row', method.embed(run, row as tf.Tensor4D, c), [1, null]);
      }
      if (method.project) check('project', method.project(run, x as tf.Tensor4D, c), [n, null]);
      if (method.assignments && data.kind === 'images') check('assignments', method.assignments(run), [data.train.size]);
      if (method.encode) {
        const { mu, logVar } = method.encode(run, x as tf.Tensor4D, c);
        check('mu', mu, [n, null]);
        check('logVar', logVar, [...mu.shape]);
        check('decode', method.decode!(run, mu, c), [n, ...data.shape]);
      }
      if (method.elboTerms) {
        const { reconstruction, kl } = method.elboTerms(run, x as tf.Tensor4D, c);
        check('reconstruction', reconstruction, [n]);
        check('kl', kl, [n, null]);
        if (method.logWeights) check('logWeights', method.logWeights(run, x as tf.Tensor4D, 40, c), [n, 40]);
      }
      if (method.logProb) check('logProb', method.logProb(run, x, c), [n]);
      if (method.forward) {
        const z = method.forward(run, x as tf.Tensor4D | tf.Tensor2D, c);
        check('forward', z, [n, dimensions]);
        check('inverse', method.inverse!(run, z, c), [n, ...data.shape]);
        check('x', x, [n, ...data.shape]);
        if (method.stages && data.kind === 'points') {
          const stages = method.stages(run, z, c);
          check('first stage', stages[0]!, [n, 2]);
          check('last stage', stages.at(-1)!, [n, 2]);
        }
      }
      for (const [t, { masks, images, attention }] of (method.segment?.(run, x as tf.Tensor4D, c) ?? []).entries()) {
        const [h, w] = data.shape as ImageShape;
        check(`masks ${t}`, masks, [n, null, h, w]);
        check(`parts ${t}`, images, [n, masks.shape[1], ...data.shape]);
        check(`attention ${t}`, attention, [n, masks.shape[1], null, null]);
        for (const shares of [masks, attention]) check(`shares ${t}`, tf.sum(shares, 1), [n, ...shares.shape.slice(2)]);
      }
      if (method.describe) {
        const { objects, attention } = method.describe(run, x as tf.Tensor4D, c);
        check('objects', objects, [n, null, objectSize]);
        check('attention', attention, [n, objects.shape[1], null, null]);
        check('shares of slots', tf.sum(attention, 1), [n, ...attention.shape.slice(2)]);
        let at: number = objectNumbers.free;
        for (const [g, size] of objectNumbers.groups.entries()) {
          check(`shares of group ${g}`, tf.sum(tf.slice(objects, [0, 0, at], [-1, -1, size]), 2), [...objects.shape.slice(0, 2)]);
          at += size;
        }
      }
      if (method.perceive && method.compose) {
        const things = method.perceive(run, x as tf.Tensor4D, c);
        check('presence', things.presence, [n, null]);
        const { image, shares } = method.compose(run, things, c);
        const [h, w] = data.shape as ImageShape;
        check('composed', image, [n, ...data.shape]);
        check('each share', shares, [n, things.presence.shape[1] + 1, h, w]);
        check('shares of things', tf.sum(shares, 1), [n, h, w]);
      }
      if (method.sample) check('sample', method.sample(run, 3, 1, c), [3, ...data.shape]);
      for (const [name, t, shape] of shapes)
        expect(
          t.shape.map((s, i) => (shape[i] === null ? null : s)),
          name,
        ).toEqual(shape);
      return out;
    });
    const read = Object.fromEntries(
      await Promise.all(Object.entries(found).map(async ([key, t]) => [key, Array.from(await t.data())] as const)),
    );
    for (const [name, numbers] of Object.entries(read)) expect(numbers.every(Number.isFinite), name).toBe(true);
    if (read.embed) {
      const width = read['embed of a row']!.length;
      expectClose(read['embed of a row']!, read.embed.slice(2 * width, 3 * width), { rtol: 1e-5, atol: 1e-6 });
      expect(read.embed.slice(0, width)).not.toEqual(read.embed.slice(width, 2 * width));
    }
    if (read.logWeights) {
      // Their mean over draws is an unbiased ELBO.
      const [sum, mean] = [(xs: number[]) => xs.reduce((a, v) => a + v, 0), (xs: number[]) => xs.reduce((a, v) => a + v, 0) / xs.length];
      expectClose(-mean(read.logWeights), (sum(read.reconstruction!) + sum(read.kl!)) / n, { rtol: 0.05 });
    }
    for (const key of ['decode', 'sample'])
      if (read[key] && data.kind === 'images') expect(Math.min(...read[key])).toBeGreaterThanOrEqual(-0.1);
    for (const [key, shares] of Object.entries(read))
      if (key.startsWith('shares')) expectClose(shares, Array(shares.length).fill(1), { rtol: 1e-5 });
    if (read.inverse) expectClose(read.inverse, read.x!, { rtol: 1e-3, atol: 1e-3 });
    if (read['first stage']) expectClose(read['first stage'], read.forward!, { rtol: 1e-6 });
    if (read['last stage']) expectClose(read['last stage'], read.inverse!, { rtol: 1e-6 });
    tf.dispose(found);
    session.dispose();
  });
});
