import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stockModules } from '../../scripts/bench/bundles.mjs';
import { median, start, takeTurns } from '../../scripts/bench/children.mjs';
import { tableOf } from '../../scripts/bench/table.mjs';
import { tasksOf } from '../../scripts/bench/trace.mjs';
import { complete, readArguments } from '../../scripts/bench.mjs';
import { root } from '../../scripts/setup.mjs';

describe('the command line', () => {
  test('runs everything but the long part by default, and what is named otherwise', () => {
    expect(readArguments([])).toMatchObject({
      chosen: ['step', 'methods', 'growth', 'kernels', 'evaluate', 'gpu', 'page', 'compare'],
      json: false,
    });
    expect(readArguments(['--long']).chosen).toContain('memory');
    expect(readArguments(['--only', 'page,step', '--json'])).toMatchObject({ chosen: ['step', 'page'], json: true });
    expect(readArguments(['--only=memory']).chosen).toEqual(['memory']);
  });
  test.each([
    [['--fast'], /Unknown option '--fast'.*Usage/],
    [['simclr'], /simclr.*Usage/],
    [['--only', 'step,speed'], /no part “speed”; --only takes step, methods/],
    [['--route', 'method/simclr'], /--route is “method\/simclr”, expected/],
  ])('refuses %j', (args, sentence) => {
    expect(() => readArguments(args)).toThrow(sentence);
  });
});

test('every promised figure is there, null with its reason where it was not measured', () => {
  const result = complete(
    { benchStep: { oursMs: 100, stockMs: 1000, torchOneThreadMs: null, gflops: 5 }, matmulGflops: 10 },
    ['step', 'page'],
    {
      torch: 'no python3',
      page: 'it did not build',
    },
  );
  expect(result).toMatchObject({
    benchStep: { oursMs: 100, torchOneThreadMs: null },
    methods: {},
    webgpuDispatches: { ours: null, stock: null },
    webglDraws: { ours: null, stock: null },
    pageJsGzipBytes: null,
    longestTaskMs: null,
    compare: null,
    ratios: { oursToStock: 0.1, gflopsToMatmul: 0.5, oursToTorchOneThread: null, webgpuOursToStock: null },
    reasons: {
      'benchStep.torchOneThreadMs': 'no python3',
      pageJsGzipBytes: 'it did not build',
      longestTaskMs: 'it did not build',
      webgpuDispatches: 'not asked for (--only)',
      methods: 'not asked for (--only)',
      compare: 'not asked for (--only)',
    },
  });
  const table = tableOf(result);
  expect(table).toMatch(/bench step, ours +100 ms/);
  expect(table).toMatch(/PyTorch, one thread +– +≤ 3/);
  expect(table).toContain('benchStep.torchOneThreadMs: no python3');
  expect(table).not.toMatch(/WebGPU|Compare|not asked/);
});

test('tasks take turns, spread evenly; one that fails is left out and its error kept', async () => {
  const order: string[] = [];
  const task = (name: string, trials: number, fails = false) => ({
    trials,
    run: async () => {
      order.push(name);
      if (fails) throw new Error('broken');
      return name;
    },
  });
  const results = await takeTurns({ a: task('a', 4), b: task('b', 2), c: task('c', 4, true) });
  expect(order).toEqual(['a', 'c', 'a', 'b', 'a', 'a', 'b']);
  expect(results).toEqual({ a: ['a', 'a', 'a', 'a'], b: ['b', 'b'], c: new Error('broken') });
});

test('tasks are those of the page that set the mark, by the clock and by the processor', () => {
  const task = (pid: number, tid: number, ms: number, processor: number) => ({
    name: 'ThreadControllerImpl::RunTask',
    ph: 'X',
    pid,
    tid,
    dur: 1000 * ms,
    tdur: 1000 * processor,
  });
  const others = [task(1, 3, 900, 900), task(2, 1, 900, 900), { ...task(1, 1, 900, 900), name: 'LocalFrameView::layout' }];
  const traceEvents = [{ name: 'bench', ph: 'I', pid: 1, tid: 1 }, task(1, 1, 70, 20), task(1, 1, 60, 51), task(1, 1, 3, 2), ...others];
  expect(tasksOf({ traceEvents })).toEqual({ taskMs: 70, taskProcessorMs: 51, tasksOver50: 2, tasksOver50Processor: 1 });
  expect(() => tasksOf({ traceEvents: others })).toThrow('lacks the page');
});

test('the Compare page: still, and while a run streams', () => {
  const seen = { taskMs: 70, taskProcessorMs: 20, tasksOver50: 2, tasksOver50Processor: 0, paintMs: 0, paintsOver100: 0 };
  const frames = { frames: 60, frameMs: 33, framesOver50: 1 };
  const of = { still: { ...seen, ...frames }, streaming: { ...seen, ...frames, paintMs: 120, paintsOver100: 1 } };
  const table = tableOf(complete({ compare: of }, ['compare'], {}));
  expect(table).toMatch(/one of them streaming: longest main-thread task +70.0 ms +2 over 50 ms/);
  expect(table).toMatch(/paint +< 16 ms +0 over 100 ms[\s\S]*paint +120 ms +1 over 100 ms/);
  expect(table).toMatch(/frames +33.0 ms +1 of 60 over 50 ms/);
  expect(tableOf(complete({ compare: null }, ['compare'], { browser: 'no browser' }))).toMatch(/Compare.*–[\s\S]*compare: no browser/);
});

test('the median', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test('a process answers, says its errors, and one that ends fails whoever waits', async () => {
  const program = `console.log('{"value":"ready"}'); require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.includes('die')) throw new Error('out of memory');
    console.log(line.includes('no') ? '{"error":"not today"}' : '{"value":' + line + '}');
  });`;
  const child = await start('toy', process.execPath, ['-e', program]);
  expect(await child.ask({ n: 1 })).toEqual({ n: 1 });
  await expect(child.ask({ no: 1 })).rejects.toThrow('toy: not today');
  await expect(child.ask({ die: 1 })).rejects.toThrow('toy ended: Error: out of memory');
  await expect(child.ask({ n: 2 })).rejects.toThrow('toy ended');
  await expect(start('nothing', join(root, 'no-such-program'), [])).rejects.toThrow('nothing ended');
});

test.each(Object.entries(stockModules))('%s and its stand-in export the same', async (ours, stock) => {
  const names = async (path: string) => Object.keys((await import(join(root, path))) as object).sort();
  expect(await names(stock)).toEqual(await names(ours));
});
