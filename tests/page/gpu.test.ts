import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { rng } from '../../src/ops/random.ts';
import { createSession } from '../../src/train/session.ts';
import { acceptedData } from '../../src/train/settings.ts';
import { expectClose } from '../close.ts';
import { smallData, smallSettings } from '../contract/small.ts';
import golden from '../golden/adam.json';
import reference from '../golden/reference-losses.json';
import { loadBackends } from '../ops/backends.ts';
import type * as Gpu from './gpu.ts';
import { onSite } from './lab.ts';
import { serveModule } from './sources.ts';

const here = onSite(() => serveModule('tests/page/gpu.ts'));
beforeAll(loadBackends);

type Exported = { readonly exported: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> };

const registry: Readonly<Record<string, Method>> = methods;
/** Every method on points, if it takes them, and on images, grey and coloured in turn: compiling shaders takes the time. */
const runs = Object.entries(registry).flatMap(([id, method], turn) =>
  smallData
    .map((set, data) => ({ id, on: set.name, data, set }))
    .filter(({ set, data }) => acceptedData(method).includes(set.id) && (set.kind === 'points' || data === turn % 2)),
);
const firstLosses = 5;

describe.each(['webgpu', 'webgl'] as const)('on %s', (backend) => {
  let page: Page;
  const errors: string[] = [];
  /** Calls a function of tests/page/gpu.ts in the page. */
  const ask = <K extends keyof typeof Gpu>(name: K, ...args: Parameters<(typeof Gpu)[K]>): Promise<Awaited<ReturnType<(typeof Gpu)[K]>>> =>
    page.evaluate(([name, args]) => (globalThis as unknown as Exported).exported[name]!(...args), [name, args] as const) as never;

  beforeAll(async () => {
    page = await here.browser.newPage();
    // A program that does not compile only says so on the console, and gives zeros.
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(here.site.url);
    await page.waitForFunction(() => 'exported' in globalThis);
    expect(await ask('prepare', backend)).toBe(backend);
  });
  afterAll(async () => {
    await page?.close();
    expect(errors.filter((text) => /shader|pipeline|WGSL|GLSL|Uncaptured|INVALID/i.test(text))).toEqual([]);
  });

  it.each(golden.cases)("takes five steps of PyTorch's AdamW, weight decay $weightDecay", async ({ steps, ...options }) => {
    const order = ['matrix', 'bias'] as const;
    const start = order.map((name) => ({ shape: golden.shapes[name], values: golden.start[name] }));
    const gradients = golden.gradients.map((step) => order.map((name) => step[name]));
    const found = await ask('adamSteps', start, gradients, options);
    for (const [i, step] of steps.entries())
      for (const [j, name] of order.entries()) expectClose(found.steps[i]![j]!, step[name], { rtol: 1e-5, atol: 1e-6 });
    expect(found.left).toBe(0);
  });

  it.each(['nt_xent_t0.1', 'nt_xent_t0.5'] as const)('computes NT-Xent and its gradients (%s)', async (name) => {
    const { inputs, attrs, loss, grads } = reference[name];
    const { a, b } = inputs;
    const [value, da, db] = await ask('contrast', a.shape[0]!, a.data, b.data, attrs.temperature);
    expectClose(value!, [loss], { rtol: 1e-5 });
    for (const [found, wanted] of [
      [da, grads.a],
      [db, grads.b],
    ] as const)
      expectClose(found!, wanted, { rtol: 1e-4, atol: 2e-6 * Math.max(...wanted.map(Math.abs)) });
  });

  it.each([
    [[7, 5], [0], false],
    [[3, 4, 6, 5], [0, 1, 2], false],
    [[40, 40, 3], [0, 1], true],
    [[9, 11, 13, 2], [1, 0, 2], false],
    [[600, 1], [0], false],
    [[2, 3, 4, 5], [0], false],
  ])('sums %j over axes %j', async (shape, axes, keepDims) => {
    const inner = shape.slice(axes.length).reduce((n, s) => n * s, 1);
    const size = shape.reduce((n, s) => n * s, 1);
    const stream = rng(1);
    const wanted = new Array<number>(inner).fill(0);
    for (let i = 0; i < size; i++) wanted[i % inner]! += Math.fround(stream.normal());
    const [found] = await ask('sums', shape, axes, keepDims);
    expectClose(found!, wanted, { rtol: 1e-5, atol: 1e-4 });
  });

  it.each([
    ['conv2d', 'relu'],
    ['conv2d', 'linear'],
    ['dense', 'relu'],
    ['dense', 'linear'],
  ] as const)("%s with %s is tfjs's own ops, gradients included", async (kind, activation) => {
    const found = await ask('layer', kind, activation);
    for (let i = 0; i < 4; i++) expectClose(found[i]!, found[i + 4]!, { rtol: 1e-5, atol: 1e-4 });
  });

  it.each(runs)('$id on $on has the losses of wasm within 1e-3', async ({ id, data, set }) => {
    const method = registry[id]!;
    const session = createSession(method, set, { seed: 1, settings: { ...smallSettings(method, set), batchSize: 8 } });
    const wanted: number[] = [];
    for (let i = 0; i < firstLosses; i++) wanted.push((await (await session.advance()).metrics).loss!);
    session.dispose();
    const { values, step } = await ask('losses', id, data, firstLosses);
    expect(step.readbacks, 'readbacks').toBeLessThan(10);
    expectClose(values, wanted, { rtol: 1e-3 });
  });
});
