import { type Client, Failed } from '../../src/worker/client.ts';
import type { Artifact, ArtifactKind, ArtifactOptions, BackendName, Event, Failure, RunSpec } from '../../src/worker/protocol.ts';
import { atCheckpoint, type Before, type Complaint, fresh, type RunState, type Whole, wholeOf, withScores } from './run-state.ts';
import { append } from './series.ts';
import { type Store, store } from './store.ts';

export type { RunState, Status, Whole } from './run-state.ts';

export type Dependencies = {
  readonly connect: () => Client;
  readonly dataUrl: string;
  /** Whether a changed setting can be sent to the running run. */
  readonly isLive: (key: string) => boolean;
  /** Keeps the curve of a run that is about to go on the chart. */
  readonly keep: (run: Whole) => void;
  /** Takes it off again, as the run has come back. */
  readonly forget: (id: string) => void;
};

export type Session = ReturnType<typeof openSession>;

/** Where the data of the built-in sets lie: beside the page. */
export const dataUrl = (): string => new URL('data/', document.baseURI).href;

/** New curve rows reach the page at most four times a second, the first at once. */
const redraw = 250;

/** One visit of a method's page: a worker, its run, and what is known of it. Nothing of React in it. */
export function openSession(first: RunSpec, { connect, dataUrl, isLive, keep, forget }: Dependencies) {
  let client: Client | null = null;
  /** Grows with each start: replies and events of earlier ones are no longer wanted. */
  let generation = 0;
  let drawing: ReturnType<typeof setTimeout> | null = null;
  /** A run of which nothing is known yet. */
  const untouched = {
    status: 'starting',
    ready: null,
    stepsPerSecond: 0,
    loading: null,
    failure: null,
    complaint: null,
    scores: null,
    evaluating: false,
  } as const;
  const state: Store<RunState> = store<RunState>({
    ...untouched,
    ...fresh(first),
    goesOn: false,
    step: 0,
    rows: 0,
    revision: 0,
    before: null,
    scoring: { every: 0, options: {} },
  });
  const patch = (change: Partial<RunState>) => state.set({ ...state.get(), ...change });

  const onEvent = (event: Event) => {
    const now = state.get();
    if (event.type === 'loading') return patch({ loading: event });
    // Messages arrive in order: before the start is answered, these belong to the run before it.
    if (now.status === 'starting') return;
    if (event.type === 'metrics') {
      append(now.curve, event);
      pending = { step: event.step.at(-1) ?? now.step, stepsPerSecond: event.stepsPerSecond };
      if (now.rows === 0) draw();
      else drawing ??= setTimeout(draw, redraw);
    } else if (event.type === 'phase') {
      draw();
      patch({ status: event.phase, step: event.step, goesOn: now.goesOn && event.phase !== 'running' && event.phase !== 'done' });
      if (event.phase === 'done' && now.ready?.scored && !now.evaluating) void evaluate();
    } else if (event.type === 'scores') {
      const { type: _, ...scores } = event;
      patch(withScores(now, scores));
    } else if (event.type === 'checkpoint') {
      patch({ checkpoint: event.checkpoint });
    } else if (event.type === 'stopped') {
      draw();
      patch({ status: 'failed', goesOn: false, failure: event.failure, ...(event.checkpoint ? { checkpoint: event.checkpoint } : {}) });
      if (event.next) void carryOn(event.next, now.status === 'running', event.failure);
    }
  };
  let pending: Pick<RunState, 'step' | 'stepsPerSecond'> | null = null;
  const draw = () => {
    if (drawing) clearTimeout(drawing);
    drawing = null;
    const { id, curve } = state.get();
    if (pending) patch({ ...pending, rows: curve.length, id: id ?? crypto.randomUUID() });
    pending = null;
  };

  const connection = (): Client => {
    if (client) return client;
    const fresh = connect();
    client = fresh;
    fresh.onEvent((event) => client === fresh && onEvent(event));
    fresh.onCrash((failure) => {
      if (client !== fresh) return;
      disconnect();
      draw();
      patch({ status: 'failed', goesOn: false, failure, evaluating: false });
    });
    return fresh;
  };
  const disconnect = () => {
    generation++;
    client?.close();
    client = null;
  };

  /** Begins a run, or brings one back to its checkpoint; `on` overrides the backend that was asked for. */
  const start = async (run: Whole, then: { train: boolean; before?: Before | null; on?: BackendName }) => {
    const mine = ++generation;
    if (drawing) clearTimeout(drawing);
    drawing = pending = null;
    const back = atCheckpoint(run);
    const { checkpoint } = back;
    patch({
      ...untouched,
      ...back,
      scores: back.history.at(-1) ?? null,
      goesOn: then.train,
      step: checkpoint?.step ?? 0,
      rows: back.curve.length,
      before: then.before ?? null,
    });
    try {
      const backend = then.on ?? run.spec.backend;
      const ready = await connection().ask({
        type: 'start',
        spec: { ...run.spec, backend },
        dataUrl,
        ...(checkpoint ? { from: checkpoint } : {}),
      });
      if (mine !== generation) return;
      const status = ready.step >= ready.steps ? 'done' : ready.step > 0 ? 'paused' : 'ready';
      patch({ status, ready, step: ready.step, loading: null, revision: state.get().revision + 1 });
      if (state.get().scoring.every > 0) await watch();
      // It came to its end before its scores could be taken.
      if (status === 'done' && ready.scored && back.history.at(-1)?.step !== ready.step) void evaluate();
      if (state.get().goesOn) await request(() => connection().ask({ type: 'train' }));
    } catch (error) {
      if (mine === generation) patch({ status: 'failed', goesOn: false, failure: failureOf(error), loading: null });
    }
  };

  /** After the loss of a device: the run goes on by itself, from its last good checkpoint, on the next backend. */
  const carryOn = async (on: BackendName, train: boolean, { message }: Failure) => {
    const run = state.get();
    disconnect();
    const step = run.checkpoint?.step ?? 0;
    const mine = generation + 1;
    await start(wholeOf(run), { train, before: run.before, on });
    if (mine !== generation || state.get().failure) return;
    const sentence = message.replace(/\.?$/, '.');
    patch({
      complaint: { message: `${sentence} The run goes on from step ${step} on ${on}.`, advice: 'Reset tries the first choice again.' },
    });
  };

  /** A request whose failure is worth a word, not the end of the run. */
  const request = async <T>(ask: () => Promise<T>): Promise<T | null> => {
    const mine = generation;
    try {
      const answer = await ask();
      return mine === generation ? answer : null;
    } catch (error) {
      // Of a failed run everything else fails too, which is no news.
      if (mine === generation && state.get().status !== 'failed') patch({ complaint: failureOf(error) });
      return null;
    }
  };

  const watch = () => request(() => connection().ask({ type: 'watch', ...state.get().scoring }));

  const evaluate = async () => {
    const mine = generation;
    patch({ evaluating: true });
    const scores = await request(() => connection().ask({ type: 'evaluate', options: state.get().scoring.options }));
    if (mine !== generation) return;
    patch({ evaluating: false, ...(scores ? withScores(state.get(), scores) : {}) });
    // The run trained on meanwhile, and came to its end.
    const { status, step } = state.get();
    if (scores && status === 'done' && scores.step !== step) await evaluate();
  };

  /** Replaces the run; its curve is kept, and with a checkpoint it can come back. */
  const replace = async (next: Whole, why: string, train: boolean) => {
    const old = state.get();
    const mine = ++generation;
    patch({ status: 'starting', goesOn: train, spec: next.spec, loading: null });
    let checkpoint = old.checkpoint;
    if (old.curve.length > 0 && client && old.status !== 'starting' && old.status !== 'failed') {
      try {
        await client.ask({ type: 'pause' });
        checkpoint = await client.ask({ type: 'checkpoint' });
      } catch {
        // Then the one before has to do.
      }
      if (mine !== generation) return;
      patch({ checkpoint });
    }
    const goOn = state.get().status === 'starting' && state.get().goesOn;
    if (old.curve.length < 2) return start(next, { train: goOn, before: old.before });
    const whole = { ...wholeOf(old), checkpoint };
    keep(whole);
    await start(next, { train: goOn, before: checkpoint && { run: whole, step: checkpoint.step, why } });
  };

  return {
    get: state.get,
    subscribe: state.subscribe,
    begin: (spec: RunSpec) => start(fresh(spec), { train: false }),
    /** Brings a kept run back to its checkpoint. */
    open: (run: Whole) => (state.get().curve.length > 0 ? replace(run, 'Another run was opened', false) : start(run, { train: false })),
    /** Trains, as soon as it can; `pause` takes that back. */
    async train() {
      patch({ goesOn: true });
      if (state.get().status === 'starting') return;
      const begun = await request(async () => ({ answer: await connection().ask({ type: 'train' }) }));
      if (!begun) patch({ goesOn: false });
    },
    async pause() {
      patch({ goesOn: false });
      if (state.get().status !== 'starting') await request(() => connection().ask({ type: 'pause' }));
    },
    step: () => request(() => connection().ask({ type: 'step' })),
    reset: () => replace(fresh(state.get().spec), 'Reset', false),
    /** Takes over a changed description of the run: live settings at once, anything else by a restart. */
    async apply(next: RunSpec) {
      const { spec: old, status, goesOn } = state.get();
      const settings = Object.entries(next.settings).filter(([key, value]) => old.settings[key] !== value);
      const whole = (['method', 'data', 'seed', 'backend'] as const).filter((key) => old[key] !== next[key]);
      if (settings.length === 0 && whole.length === 0) return;
      const restarts = [...whole, ...settings.map(([key]) => key).filter((key) => !isLive(key))];
      if (restarts.length > 0 || status === 'starting')
        return replace(fresh(next), `${restarts.join(', ') || 'A setting'} changed`, status === 'running' || goesOn);
      patch({ spec: next, revision: state.get().revision + 1 });
      const changed = Object.fromEntries(settings);
      // A failed run takes the change along when it is tried again from its checkpoint.
      const at = { step: state.get().checkpoint?.step ?? 0 };
      const done = status === 'failed' ? at : await request(() => connection().ask({ type: 'set', settings: changed }));
      // Before the first step nothing has been computed with the old value.
      if (done?.step === 0) patch({ origin: next });
      else if (done) patch({ changes: [...state.get().changes, { step: done.step, settings: changed }] });
    },
    /** Back to the run before the last restart, at the step and with the weights it had. */
    async undo() {
      const now = state.get();
      if (!now.before) return;
      if (now.curve.length > 1) keep(wholeOf(now));
      if (now.before.run.id) forget(now.before.run.id);
      await start(now.before.run, { train: false });
    },
    /** After a failure: from the last good checkpoint where there is one, else from the start (the curve is kept). */
    async retry() {
      const now = state.get();
      disconnect();
      if (now.checkpoint) return start(wholeOf(now), { train: false });
      if (now.curve.length > 1) keep(wholeOf(now));
      await start(fresh(now.spec), { train: false });
    },
    evaluate,
    /** How often to score while training, and with which options; holds for later runs of this page too. */
    async score(change: Partial<RunState['scoring']>) {
      patch({ scoring: { ...state.get().scoring, ...change } });
      if (state.get().status !== 'starting' && state.get().status !== 'failed') await watch();
    },
    /** Makes an artifact; throws when it cannot, returns null when its run is gone. */
    async artifact(kind: ArtifactKind, options?: ArtifactOptions): Promise<Artifact | null> {
      const mine = generation;
      const made = await connection().ask({ type: 'artifact', kind, ...(options ? { options } : {}) });
      return mine === generation ? made : null;
    },
    complain: (complaint: Complaint) => patch({ complaint }),
    hush: () => patch({ complaint: null }),
    forgetBefore: () => patch({ before: null }),
    /** Ends the run where it stands: its last rows and weights still come. */
    async close() {
      const { status, curve } = state.get();
      const leaving = client;
      try {
        if (curve.length > 0 && (status === 'running' || status === 'paused')) await client?.ask({ type: 'pause' });
      } catch {
        // Then the last good checkpoint has to do.
      }
      if (client !== leaving) return;
      if (drawing) clearTimeout(drawing);
      disconnect();
    },
  };
}

/** Words for whatever was thrown. */
export const failureOf = (error: unknown): Failure =>
  error instanceof Failed
    ? error.failure
    : { message: error instanceof Error ? error.message : String(error), advice: 'Try again; if it stays, reload the page.' };
