import { type Client, Failed } from '../../src/worker/client.ts';
import type {
  Artifact,
  ArtifactKind,
  ArtifactOptions,
  BackendName,
  Checkpoint,
  Event,
  Failure,
  Ready,
  RunSpec,
  Scores,
} from '../../src/worker/protocol.ts';
import { append, type Curve, emptyCurve, upTo } from './series.ts';
import { type Store, store } from './store.ts';

export type Status = 'starting' | 'ready' | 'running' | 'paused' | 'done' | 'failed';

/** What came before a restart, whole: curve, position and weights. */
export type Before = {
  readonly spec: RunSpec;
  readonly curve: Curve;
  readonly checkpoint: Checkpoint;
  readonly why: string;
  readonly keptId: string | null;
};

export type RunState = {
  readonly status: Status;
  /** Train was pressed, and the worker has not begun yet: it is starting, or drawing. */
  readonly goesOn: boolean;
  readonly spec: RunSpec;
  readonly ready: Ready | null;
  readonly step: number;
  readonly stepsPerSecond: number;
  readonly loading: { readonly what: string; readonly done: number; readonly total: number } | null;
  /** The run cannot go on. */
  readonly failure: Failure | null;
  /** A single request failed; the run itself goes on. */
  readonly complaint: Failure | null;
  readonly checkpoint: Checkpoint | null;
  readonly scores: { readonly scores: Scores; readonly step: number } | null;
  readonly evaluating: boolean;
  readonly curve: Curve;
  /** Changes whenever the curve has grown: curves grow in place. */
  readonly rows: number;
  /** Counts changes of settings, for pictures that have to be made anew. */
  readonly revision: number;
  readonly before: Before | null;
};

export type Dependencies = {
  readonly connect: () => Client;
  readonly dataUrl: string;
  /** Whether a changed setting can be sent to the running run. */
  readonly isLive: (key: string) => boolean;
  /** Keeps the curve of a run that is about to go; returns its id. */
  readonly keep: (spec: RunSpec, curve: Curve) => string;
  readonly forget: (keptId: string) => void;
};

export type Session = ReturnType<typeof openSession>;

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
    checkpoint: null,
    scores: null,
    evaluating: false,
  } as const;
  const state: Store<RunState> = store<RunState>({
    ...untouched,
    goesOn: false,
    spec: first,
    step: 0,
    curve: emptyCurve(),
    rows: 0,
    revision: 0,
    before: null,
  });
  const patch = (change: Partial<RunState>) => state.set({ ...state.get(), ...change });

  const onEvent = (event: Event) => {
    const now = state.get();
    if (event.type === 'loading') return patch({ loading: event });
    // Messages arrive in order: before the start is answered, these belong to the run before it.
    if (now.status === 'starting') return;
    if (event.type === 'metrics') {
      append(now.curve, event.step, event.metrics);
      pending = { step: event.step.at(-1) ?? now.step, stepsPerSecond: event.stepsPerSecond };
      if (now.rows === 0) draw();
      else drawing ??= setTimeout(draw, redraw);
    } else if (event.type === 'phase') {
      draw();
      patch({ status: event.phase, step: event.step, goesOn: now.goesOn && event.phase !== 'running' && event.phase !== 'done' });
      if (event.phase === 'done' && now.ready?.scored && !now.evaluating) void evaluate();
    } else if (event.type === 'scores') {
      patch({ scores: { scores: event.scores, step: event.step } });
    } else if (event.type === 'stopped') {
      draw();
      patch({ status: 'failed', goesOn: false, failure: event.failure, checkpoint: event.checkpoint });
      if (event.next) void carryOn(event.next, now.status === 'running', event.failure);
    }
  };
  let pending: Pick<RunState, 'step' | 'stepsPerSecond'> | null = null;
  const draw = () => {
    if (drawing) clearTimeout(drawing);
    drawing = null;
    if (pending) patch({ ...pending, rows: state.get().curve.length });
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
      patch({ status: 'failed', failure, evaluating: false });
    });
    return fresh;
  };
  const disconnect = () => {
    generation++;
    client?.close();
    client = null;
  };

  /** Begins a run from step 0 or from a checkpoint, on a fresh curve or the one given; `on` overrides the backend that was asked for. */
  const start = async (
    spec: RunSpec,
    then: { train: boolean; from?: Checkpoint | null; curve?: Curve; before?: Before | null; on?: BackendName },
  ) => {
    const mine = ++generation;
    if (drawing) clearTimeout(drawing);
    drawing = pending = null;
    const curve = then.curve ?? emptyCurve();
    patch({
      ...untouched,
      goesOn: then.train,
      spec,
      step: then.from?.step ?? 0,
      curve,
      rows: curve.length,
      before: then.before ?? null,
    });
    try {
      const backend = then.on ?? spec.backend;
      const ready = await connection().ask({
        type: 'start',
        spec: { ...spec, backend },
        dataUrl,
        ...(then.from ? { from: then.from } : {}),
      });
      if (mine !== generation) return;
      patch({ status: 'ready', ready, step: ready.step, loading: null, revision: state.get().revision + 1 });
      if (state.get().goesOn) await request(() => connection().ask({ type: 'train' }));
    } catch (error) {
      if (mine === generation) patch({ status: 'failed', failure: failureOf(error), loading: null });
    }
  };

  /** After the loss of a device: the run goes on by itself, from its last good checkpoint, on the next backend. */
  const carryOn = async (on: BackendName, train: boolean, { message }: Failure) => {
    const { spec, checkpoint, curve, before } = state.get();
    disconnect();
    const step = checkpoint?.step ?? 0;
    const mine = generation + 1;
    await start(spec, { train, from: checkpoint, curve: upTo(curve, step), before, on });
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

  const evaluate = async () => {
    const mine = generation;
    patch({ evaluating: true });
    const scores = await request(() => connection().ask({ type: 'evaluate' }));
    if (mine !== generation) return;
    patch({ evaluating: false, ...(scores ? { scores } : {}) });
    // The run trained on meanwhile, and came to its end.
    const { status, step } = state.get();
    if (scores && status === 'done' && scores.step !== step) await evaluate();
  };

  /** Replaces the run; its curve is kept, and with a checkpoint it can come back. */
  const replace = async (spec: RunSpec, why: string, train: boolean) => {
    const old = state.get();
    const mine = ++generation;
    let checkpoint = old.checkpoint;
    patch({ status: 'starting', goesOn: train, spec, loading: null });
    if (old.curve.length > 1 && client && old.status !== 'starting' && old.status !== 'failed') {
      try {
        await client.ask({ type: 'pause' });
        checkpoint = await client.ask({ type: 'checkpoint' });
      } catch {
        checkpoint = null; // Then there is no way back, but the curve stays.
      }
      if (mine !== generation) return;
    }
    const goOn = state.get().status === 'starting' && state.get().goesOn;
    if (old.curve.length < 2) return start(spec, { train: goOn, before: old.before });
    const keptId = keep(old.spec, old.curve);
    await start(spec, { train: goOn, before: checkpoint && { spec: old.spec, curve: old.curve, checkpoint, why, keptId } });
  };

  return {
    get: state.get,
    subscribe: state.subscribe,
    begin: (spec: RunSpec) => start(spec, { train: false }),
    /** Trains, as soon as it can; `pause` takes that back. */
    async train() {
      patch({ goesOn: true });
      if (
        state.get().status !== 'starting' &&
        !(await request(() =>
          connection()
            .ask({ type: 'train' })
            .then(() => true),
        ))
      )
        patch({ goesOn: false });
    },
    async pause() {
      patch({ goesOn: false });
      if (state.get().status !== 'starting') await request(() => connection().ask({ type: 'pause' }));
    },
    step: () => request(() => connection().ask({ type: 'step' })),
    reset: () => replace(state.get().spec, 'Reset', false),
    /** Takes over a changed description of the run: live settings at once, anything else by a restart. */
    async apply(next: RunSpec) {
      const { spec: old, status, goesOn } = state.get();
      const settings = Object.entries(next.settings).filter(([key, value]) => old.settings[key] !== value);
      const whole = (['method', 'data', 'seed', 'backend'] as const).filter((key) => old[key] !== next[key]);
      if (settings.length === 0 && whole.length === 0) return;
      const restarts = [...whole, ...settings.map(([key]) => key).filter((key) => !isLive(key))];
      if (restarts.length > 0 || status === 'starting')
        return replace(next, `${restarts.join(', ') || 'A setting'} changed`, status === 'running' || goesOn);
      patch({ spec: next, revision: state.get().revision + 1 });
      // A failed run takes the change along when it is tried again.
      if (status !== 'failed') await request(() => connection().ask({ type: 'set', settings: Object.fromEntries(settings) }));
    },
    /** Back to the run before the last restart, at the step and with the weights it had. */
    async undo() {
      const { before, spec, curve } = state.get();
      if (!before) return;
      if (curve.length > 1) keep(spec, curve);
      if (before.keptId) forget(before.keptId);
      await start(before.spec, { train: false, from: before.checkpoint, curve: upTo(before.curve, before.checkpoint.step) });
    },
    /** After a failure: from the last good checkpoint where there is one, else from the start (the curve is kept). */
    async retry() {
      const { spec, checkpoint, curve } = state.get();
      disconnect();
      if (checkpoint) return start(spec, { train: false, from: checkpoint, curve: upTo(curve, checkpoint.step) });
      if (curve.length > 1) keep(spec, curve);
      await start(spec, { train: false });
    },
    evaluate,
    /** Makes an artifact; throws when it cannot, returns null when its run is gone. */
    async artifact(kind: ArtifactKind, options?: ArtifactOptions): Promise<Artifact | null> {
      const mine = generation;
      const made = await connection().ask({ type: 'artifact', kind, ...(options ? { options } : {}) });
      return mine === generation ? made : null;
    },
    hush: () => patch({ complaint: null }),
    forgetBefore: () => patch({ before: null }),
    close: () => {
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
