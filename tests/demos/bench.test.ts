import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { median, openBench } from '../../demos/app/bench.ts';
import type { BenchResult, Rung } from '../../demos/app/bench-result.ts';
import { type Client, Failed } from '../../src/worker/client.ts';
import type { BackendReport, Event, Request } from '../../src/worker/protocol.ts';

const report: BackendReport = {
  name: 'wasm',
  threads: 2,
  reason: 'the fastest here',
  next: null,
  alternatives: [
    { name: 'webgpu', usable: true, software: true, reason: 'in software' },
    { name: 'webgl', usable: true, software: false, reason: 'on the card' },
    { name: 'cpu', usable: true, software: false, reason: 'slow' },
  ],
};
const run = { name: 'M', spec: { method: 'm', data: 'd', seed: 0, settings: { batchSize: 8, steps: 100 } } };

/** Workers that answer at once: a bench step of 2 GFLOP takes `ms`, a matMul of 1 GFLOP a tenth of it. */
function setUp(ms: Partial<Record<Rung, number>> = {}) {
  const asked: (Request & { readonly on: string | null })[] = [];
  const ended: Parameters<Parameters<typeof openBench>[0]['onEnd']>[] = [];
  let open = 0;
  let refuse: (request: Request, on: string | null) => boolean = () => false;
  /** Answers wait for this. */
  let gate: Promise<void> = Promise.resolve();
  const connect = (): Client => {
    open++;
    let on: string | null = null;
    let closed = false;
    let step = 0;
    let tell: (event: Event) => void = () => {};
    const answer = (request: Request): unknown => {
      if (request.type === 'prepare') {
        on = request.backend === 'auto' ? 'wasm' : request.backend;
        return on === 'wasm' ? report : { ...report, name: on, threads: 1 };
      }
      if (request.type === 'bench') {
        const each = ms[on as Rung] ?? 100;
        return request.work === 'step' ? { ms: each, flops: 2e9 } : { ms: each / 10, flops: 1e9 };
      }
      if (request.type === 'step') step++;
      if (request.type === 'train')
        setTimeout(() => {
          step += 10;
          tell({ type: 'phase', phase: 'done', step });
        }, 500);
      return { step };
    };
    return {
      ask: async (request) => {
        asked.push({ ...request, on });
        await gate;
        if (closed) throw new Failed({ message: 'The run has ended', advice: '' });
        if (refuse(request, on)) throw new Failed({ message: 'the driver fell over', advice: '' });
        return answer(request) as never;
      },
      onEvent: (listener) => {
        tell = listener;
        return () => {};
      },
      onCrash: () => () => {},
      close: () => {
        if (!closed) open--;
        closed = true;
      },
    };
  };
  const bench = openBench({
    connect,
    dataUrl: 'data/',
    methods: [run],
    onEnd: (...result) => ended.push(result),
    now: () => Date.now(),
  });
  const backend = (name: Rung) => bench.get().backends.find((each) => each.name === name)!;
  return {
    bench,
    asked,
    ended,
    backend,
    open: () => open,
    refuse: (when: typeof refuse) => {
      refuse = when;
    },
    hold: () => {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
  };
}
const measured = async ({ bench }: ReturnType<typeof setUp>) => {
  const all = bench.measure();
  await vi.runAllTimersAsync();
  await all;
};

it('takes the median', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([5])]).toEqual([2, 2.5, 5]);
});

describe('the bench', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('offers what there is, software unticked, and holds no worker meanwhile', async () => {
    const { bench, backend, open } = setUp();
    await bench.look();
    expect(bench.get()).toMatchObject({ phase: 'ready', wanted: ['webgl', 'wasm'] });
    expect(backend('webgpu')).toMatchObject({ state: 'skipped', reason: 'in software' });
    expect(open()).toBe(0);
    bench.toggle('webgpu');
    bench.toggle('wasm');
    expect(bench.get().wanted).toEqual(['webgpu', 'webgl']);
  });

  it('measures the own choice first, and methods on it alone', async () => {
    const all = setUp({ wasm: 400, webgl: 50 });
    await all.bench.look();
    await measured(all);
    expect(all.bench.get().phase).toBe('done');
    expect(all.backend('wasm')).toMatchObject({ state: 'done', threads: 2, rounds: 7, stepMs: 400, gflops: 5, matmulGflops: 25 });
    expect(all.backend('webgl')).toMatchObject({ state: 'done', threads: 1, rounds: 7, stepMs: 50, gflops: 40, matmulGflops: 200 });
    expect(all.backend('webgpu')).toMatchObject({ state: 'skipped', rounds: 0, stepMs: null });
    // Ten steps in the half second after the first.
    expect(all.bench.get().methods).toEqual([{ method: 'm', data: 'd', backend: 'wasm', batchSize: 8, steps: 100, msPerStep: 50 }]);
    const prepared = all.asked.filter(({ type }) => type === 'prepare').map((each) => 'backend' in each && each.backend);
    expect(prepared).toEqual(['auto', 'wasm', 'webgl']);
    expect(all.asked.filter(({ type }) => type === 'start').map(({ on }) => on)).toEqual(['wasm']);
    expect(all.open()).toBe(0);
    expect(all.ended).toEqual([
      [{ chosen: { name: 'wasm', reason: 'the fastest here' }, backends: all.bench.get().backends, methods: all.bench.get().methods }, 2],
    ]);
  });

  it('repeats fast work within a trial', async () => {
    const all = setUp({ wasm: 30 });
    await all.bench.look();
    await measured(all);
    const times = all.asked.flatMap((each) => (each.type === 'bench' && each.work === 'step' && each.on === 'wasm' ? [each.times] : []));
    expect(times).toEqual([1, 5, 5, 5, 5, 5, 5, 5]);
  });

  it('goes on with the others when one fails', async () => {
    const all = setUp();
    await all.bench.look();
    all.refuse((request, on) => request.type === 'bench' && on === 'wasm');
    await measured(all);
    expect(all.bench.get().phase).toBe('done');
    expect(all.backend('wasm')).toMatchObject({ state: 'failed', reason: 'the driver fell over', rounds: 0 });
    expect(all.backend('webgl')).toMatchObject({ state: 'done', rounds: 7 });
    expect(all.ended).toHaveLength(1);
  });

  it('leaves out a method that fails', async () => {
    const all = setUp();
    await all.bench.look();
    all.refuse(({ type }) => type === 'start');
    await measured(all);
    expect(all.backend('wasm').state).toBe('done');
    expect(all.bench.get()).toMatchObject({ phase: 'done', methods: [] });
  });

  it('stops at once and keeps what there is', async () => {
    const all = setUp();
    await all.bench.look();
    let release = () => {};
    all.refuse((request, on) => {
      if (request.type === 'bench' && request.work === 'step' && on === 'wasm' && all.backend('wasm').rounds === 2) release = all.hold();
      return false;
    });
    const whole = all.bench.measure();
    await vi.advanceTimersByTimeAsync(0);
    expect(all.bench.get().phase).toBe('running');
    all.bench.stop();
    expect(all.bench.get().phase).toBe('stopped');
    expect(all.backend('wasm')).toMatchObject({ state: 'stopped', rounds: 3, stepMs: 100 });
    expect(all.backend('webgl')).toMatchObject({ state: 'skipped', rounds: 0 });
    expect(all.open()).toBe(0);
    release();
    await vi.runAllTimersAsync();
    await whole;
    expect(all.ended).toHaveLength(1);
    expect((all.ended[0]![0] as BenchResult).backends.map(({ rounds }) => rounds)).toEqual([0, 0, 3]);
  });

  it('can be left and opened again while it looks', async () => {
    const { bench, open } = setUp();
    const first = bench.look();
    bench.stop();
    await Promise.all([first, bench.look()]);
    expect(bench.get()).toMatchObject({ phase: 'ready', failure: null });
    expect(open()).toBe(0);
  });

  it('says why nothing can be measured', async () => {
    const all = setUp();
    all.refuse(() => true);
    await all.bench.look();
    expect(all.bench.get()).toMatchObject({ phase: 'failed', failure: { message: 'the driver fell over' } });
  });
});
