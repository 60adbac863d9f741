import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSession, type Whole } from '../../demos/app/run.ts';
import { fresh } from '../../demos/app/run-state.ts';
import { type Client, Failed } from '../../src/worker/client.ts';
import type { Checkpoint, Event, Failure, Ready, Request, RunSpec } from '../../src/worker/protocol.ts';

const spec: RunSpec = { method: 'm', data: 'd', seed: 0, backend: 'auto', settings: { temperature: 0.5, width: 8 } };
const ready: Ready = {
  backend: { name: 'wasm', threads: 1, reason: 'because', next: null, alternatives: [] },
  parameters: 1,
  steps: 100,
  stepsPerEpoch: 10,
  step: 0,
  artifacts: [],
  scored: true,
};
const oops: Failure = { message: 'oops', advice: 'try' };

/** A worker's stand-in that answers at once and writes down what it was asked. */
function setUp() {
  const asked: Request[] = [];
  const kept: Whole[] = [];
  let opened = 0;
  let refuse: Request['type'] | null = null;
  let event: (event: Event) => void = () => {};
  let crash: (failure: Failure) => void = () => {};
  let step = 0;
  const connect = (): Client => {
    opened++;
    const answer = (request: Request): unknown => {
      asked.push(request);
      if (request.type === refuse) throw new Failed(oops);
      if (request.type === 'start') step = request.from?.step ?? 0;
      if (request.type === 'train') event({ type: 'phase', phase: 'running', step });
      if (request.type === 'start') return { ...ready, step };
      if (request.type === 'checkpoint') return { spec, step, seconds: 0, tensors: {}, order: null } satisfies Checkpoint;
      if (request.type === 'evaluate') return { scores: { knn: 0.9 }, step };
      return { step };
    };
    return {
      ask: async (request) => answer(request) as never,
      onEvent: (listener) => {
        event = listener;
        return () => {};
      },
      onCrash: (listener) => {
        crash = listener;
        return () => {};
      },
      close: () => {},
    };
  };
  const session = openSession(spec, {
    connect,
    dataUrl: 'data/',
    isLive: (key) => key === 'temperature',
    keep: (run) => void kept.push(run),
    forget: (id) => {
      kept.splice(
        kept.findIndex((run) => run.id === id),
        1,
      );
    },
  });
  const rows = (n: number) => {
    const steps = Array.from({ length: n }, (_, i) => step + i + 1);
    step += n;
    event({
      type: 'metrics',
      step: steps,
      seconds: steps.map((s) => s / 10),
      metrics: { loss: steps.map((s) => 1 / s) },
      stepsPerSecond: 10,
    });
  };
  return {
    session,
    asked,
    kept,
    rows,
    opened: () => opened,
    refuse: (type: Request['type'] | null) => {
      refuse = type;
    },
    event: (e: Event) => event(e),
    crash: (failure: Failure) => crash(failure),
  };
}
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a session', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('starts, trains, and lets the page redraw at most four times a second', async () => {
    const { session, rows } = setUp();
    await session.begin(spec);
    expect(session.get().status).toBe('ready');
    await session.train();
    expect(session.get().status).toBe('running');
    let redrawn = 0;
    session.subscribe(() => redrawn++);
    for (let i = 0; i < 100; i++) {
      rows(10);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(redrawn).toBeLessThanOrEqual(4);
    await vi.advanceTimersByTimeAsync(300);
    expect(session.get()).toMatchObject({ rows: 1000, step: 1000, stepsPerSecond: 10 });
  });

  it('shows the first loss at once', async () => {
    const { session, rows } = setUp();
    await session.begin(spec);
    await session.train();
    rows(1);
    expect(session.get()).toMatchObject({ rows: 1, step: 1 });
    rows(1);
    expect(session.get().rows).toBe(1);
  });

  it('trains once it is ready when Train is pressed before', async () => {
    const { session, asked } = setUp();
    const started = session.begin(spec);
    await session.train();
    await started;
    await settled();
    expect(asked.map(({ type }) => type)).toEqual(['start', 'train']);
    expect(session.get()).toMatchObject({ status: 'running', goesOn: false });
  });

  it('sends a live setting to the run, and restarts for any other: curve kept, training goes on, undo brings all back', async () => {
    const { session, asked, kept, rows } = setUp();
    await session.begin(spec);
    await session.train();
    rows(5);
    await session.apply({ ...spec, settings: { temperature: 1, width: 8 } });
    expect(asked.at(-1)).toEqual({ type: 'set', settings: { temperature: 1 } });
    expect(kept).toHaveLength(0);

    const wider = { ...spec, settings: { temperature: 1, width: 16 } };
    await session.apply(wider);
    expect(asked.slice(-4).map(({ type }) => type)).toEqual(['pause', 'checkpoint', 'start', 'train']);
    expect(kept.map((run) => [run.spec.settings.width, run.curve.length])).toEqual([[8, 5]]);
    expect(session.get()).toMatchObject({ status: 'running', rows: 0, spec: wider, before: { step: 5 } });

    rows(3);
    await session.undo();
    expect(asked.at(-1)).toMatchObject({ type: 'start', from: { step: 5 }, spec: { settings: { width: 8 } } });
    expect(session.get()).toMatchObject({ status: 'paused', step: 5, rows: 5 });
    expect(kept.map((run) => [run.spec.settings.width, run.curve.length])).toEqual([[16, 3]]);
  });

  it('ignores what the run before it still had to say', async () => {
    const { session, rows } = setUp();
    await session.begin(spec);
    const restarting = session.apply({ ...spec, seed: 1 });
    rows(4);
    await restarting;
    await vi.advanceTimersByTimeAsync(300);
    expect(session.get().curve.length).toBe(0);
  });

  it('keeps the curve and offers the last good checkpoint when the run stops by itself', async () => {
    const { session, asked, rows, event } = setUp();
    await session.begin(spec);
    await session.train();
    rows(10);
    event({ type: 'stopped', failure: oops, checkpoint: { spec, step: 8, seconds: 0, tensors: {}, order: null }, next: null });
    expect(session.get()).toMatchObject({ status: 'failed', failure: oops, rows: 10 });
    await session.apply({ ...spec, settings: { temperature: 2, width: 8 } });
    await session.retry();
    expect(asked.at(-1)).toMatchObject({ type: 'start', from: { step: 8 }, spec: { settings: { temperature: 2 } } });
    expect(session.get()).toMatchObject({ status: 'paused', step: 8, rows: 8, failure: null });
    // Whoever trains it again has to know.
    expect(session.get().changes).toEqual([{ step: 8, settings: { temperature: 2 } }]);
  });

  it('goes on by itself on the next backend when its device is lost, and says so', async () => {
    const { session, asked, rows, event, opened } = setUp();
    await session.begin(spec);
    await session.train();
    rows(10);
    event({ type: 'stopped', failure: oops, checkpoint: { spec, step: 8, seconds: 0, tensors: {}, order: null }, next: 'wasm' });
    await settled();
    expect(opened()).toBe(2);
    const [start, train] = asked.slice(-2);
    expect(start).toMatchObject({ type: 'start', from: { step: 8 }, spec: { ...spec, backend: 'wasm' } });
    expect(train).toEqual({ type: 'train' });
    expect(session.get()).toMatchObject({ status: 'running', rows: 8, failure: null, spec });
    expect(session.get().complaint?.message).toBe('oops. The run goes on from step 8 on wasm.');
  });

  it('stays paused on the next backend when it was not training', async () => {
    const { session, asked, rows, event } = setUp();
    await session.begin(spec);
    await session.train();
    rows(10);
    event({ type: 'phase', phase: 'paused', step: 10 });
    event({ type: 'stopped', failure: oops, checkpoint: { spec, step: 8, seconds: 0, tensors: {}, order: null }, next: 'wasm' });
    await settled();
    expect(asked.at(-1)).toMatchObject({ type: 'start', spec: { backend: 'wasm' } });
  });

  it('takes the scores by itself when the run is done', async () => {
    const { session, event, rows } = setUp();
    await session.begin(spec);
    await session.train();
    rows(100);
    event({ type: 'phase', phase: 'done', step: 100 });
    expect(session.get()).toMatchObject({ status: 'done', evaluating: true });
    await settled();
    expect(session.get()).toMatchObject({ evaluating: false, scores: { step: 100, scores: { knn: 0.9 } } });
  });

  it('labels scores with the step they belong to, and takes the final ones too when the run ended meanwhile', async () => {
    const { session, asked, event, rows } = setUp();
    await session.begin(spec);
    await session.train();
    rows(40);
    const early = session.evaluate();
    rows(60);
    event({ type: 'phase', phase: 'done', step: 100 });
    const taken: unknown[] = [];
    session.subscribe(() => taken.push(session.get().scores?.step));
    await early;
    expect(new Set(taken)).toEqual(new Set([40, 100]));
    expect(session.get()).toMatchObject({ evaluating: false, scores: { step: 100 } });
    expect(asked.filter(({ type }) => type === 'evaluate')).toHaveLength(2);
  });

  it('takes the scores of a run that comes back at its end without them, and only then', async () => {
    const { session, asked } = setUp();
    const checkpoint: Checkpoint = { spec, step: 100, seconds: 1, tensors: {}, order: null };
    const whole = { ...fresh(spec), id: 'a', checkpoint };
    await session.open({ ...whole, history: [{ step: 100, scores: { knn: 0.5 } }] });
    await settled();
    expect([session.get().status, asked.filter(({ type }) => type === 'evaluate').length]).toEqual(['done', 0]);
    await session.open({ ...whole, history: [{ step: 50, scores: { knn: 0.4 } }] });
    await settled();
    expect(session.get()).toMatchObject({ status: 'done', evaluating: false, scores: { step: 100, scores: { knn: 0.9 } } });
    expect(session.get().history.map(({ step }) => step)).toEqual([50, 100]);
  });

  it('opens a new worker after a crash, and keeps the curve', async () => {
    const { session, kept, rows, crash, opened } = setUp();
    await session.begin(spec);
    await session.train();
    rows(10);
    crash(oops);
    expect(session.get()).toMatchObject({ status: 'failed', goesOn: false, failure: oops, rows: 10 });
    await session.retry();
    expect([opened(), kept.length, session.get().status, session.get().rows]).toEqual([2, 1, 'ready', 0]);
  });

  it('says why a start was refused, and why a single request was', async () => {
    const { session, refuse } = setUp();
    refuse('start');
    const starting = session.begin(spec);
    // Pressed too early: it must not look as if it were still starting.
    void session.train();
    await starting;
    expect(session.get()).toMatchObject({ status: 'failed', goesOn: false, failure: oops });
    refuse('evaluate');
    await session.retry();
    await session.evaluate();
    expect(session.get()).toMatchObject({ status: 'ready', failure: null, complaint: oops, evaluating: false });
  });
});
