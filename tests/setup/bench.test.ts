import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stockModules } from '../../scripts/bench/bundles.mjs';
import { median, start, takeTurns } from '../../scripts/bench/children.mjs';
import { tableOf } from '../../scripts/bench/table.mjs';
import { complete, readArguments } from '../../scripts/bench.mjs';
import { root } from '../../scripts/setup.mjs';

describe('the command line', () => {
  test('runs everything but the long part by default, and what is named otherwise', () => {
    expect(readArguments([])).toMatchObject({ chosen: ['step', 'methods', 'growth', 'kernels', 'evaluate', 'gpu', 'page'], json: false });
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
    ratios: { oursToStock: 0.1, gflopsToMatmul: 0.5, oursToTorchOneThread: null, webgpuOursToStock: null },
    reasons: {
      'benchStep.torchOneThreadMs': 'no python3',
      pageJsGzipBytes: 'it did not build',
      longestTaskMs: 'it did not build',
      webgpuDispatches: 'not asked for (--only)',
      methods: 'not asked for (--only)',
    },
  });
  const table = tableOf(result);
  expect(table).toMatch(/bench step, ours +100 ms/);
  expect(table).toMatch(/PyTorch, one thread +– +≤ 3/);
  expect(table).toContain('benchStep.torchOneThreadMs: no python3');
  expect(table).not.toMatch(/WebGPU|not asked/);
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
