import { isOwn } from '../../../src/data/dataset.ts';
import type { RunSpec } from '../../../src/train/record.ts';
import type { Client } from '../../../src/worker/client.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { keepRuns, wholeFrom } from '../library/keeper.ts';
import type { Library } from '../library/library.ts';
import { failureOf, openSession, type Session } from '../run.ts';
import { fresh, type RunState } from '../run-state.ts';
import { rememberSpeed, type Speed, speedOf, speedOfRun, speeds } from '../speeds.ts';
import { type Store, store } from '../store.ts';
import { goneSet } from './own.ts';
import { type Cell, type Experiment, isOver, linedUp, paused, withCell } from './record.ts';
import type { Shelf } from './shelf.ts';
import { workOfSpec } from './time.ts';

/** A run under way: its place in the experiment, and its session. `measuring`: only its speed is being looked at. */
export type Doing = { readonly cell: number; readonly session: Session; readonly measuring: boolean };

export type QueueState = {
  /** What this tab trains, or trained last. */
  readonly experiment: Experiment | null;
  readonly running: boolean;
  readonly doing: readonly Doing[];
  /** Why the queue does not run. */
  readonly trouble: Failure | null;
  /** Grows as the runs under way do. */
  readonly tick: number;
};

type Options = {
  readonly library: () => Promise<Library>;
  readonly shelf: () => Promise<Shelf>;
  readonly connect: () => Client;
  readonly dataUrl: string;
  /** Runs that train side by side. */
  readonly lanes: number;
  /** Claims the one queue of this device; null when another tab has it. */
  readonly claimQueue: () => Promise<(() => void) | null>;
  /** Resolves when that other tab has let go of it, or is gone. */
  readonly queueFreed: () => Promise<void>;
  /** Hears which experiment begins or goes on. */
  readonly onBegin: (experiment: string) => void;
  /** Whether a set of the reader's own is on this device. */
  readonly hasOwn: (set: string) => Promise<boolean>;
  readonly hold: (run: string) => Promise<(() => void) | null>;
};

export type Queue = ReturnType<typeof openQueue>;

/** How the waiting for something in a session ended. */
type Outcome<T> = { readonly value: T } | { readonly failure: Failure } | 'left';

const words = ({ message, advice }: Failure) => [message, advice].map((text) => text.replace(/\.?$/, '.')).join(' ');

const trainIfReady = async (session: Session) => {
  if (['ready', 'paused'].includes(session.get().status)) await session.train();
};

/**
 * Trains experiments, one after another, their runs one after another (`lanes` side by side), whatever page is open. The experiment's
 * record is the only plan: every run is taken from it and noted in it, so that a new queue on the same storage goes on where this one was.
 */
export function openQueue({ library, shelf, connect, dataUrl, lanes, claimQueue, queueFreed, onBegin, hasOwn, hold }: Options) {
  const state: Store<QueueState> = store<QueueState>({ experiment: null, running: false, doing: [], trouble: null, tick: 0 });
  const patch = (change: Partial<QueueState>) => state.set({ ...state.get(), ...change });
  /** Ends the waiting for each run under way. */
  const leave = new Map<number, () => void>();
  let leaving = false;
  let training: string | null = null;

  const change = async (id: string, next: (now: Experiment) => Experiment): Promise<Experiment | null> => {
    const experiment = await (await shelf()).change(id, next);
    if (experiment && experiment.deleted === null) patch({ experiment });
    return experiment;
  };
  const set = (id: string, cell: number, next: Partial<Cell>) => change(id, (now) => withCell(now, cell, next));

  /** Waits until `look` has an answer, the session fails, or the reader wants it to end. */
  const until = <T>(cell: number, session: Session, look: (state: RunState) => T | null): Promise<Outcome<T>> =>
    new Promise((resolve) => {
      leave.set(cell, () => resolve('left'));
      if (leaving) resolve('left');
      session.subscribe(() => {
        const now = session.get();
        const value = look(now);
        if (value !== null) resolve({ value });
        // A session that lost its device stands up again by itself, at once.
        if (now.status === 'failed')
          queueMicrotask(() => {
            const { status, failure } = session.get();
            if (status === 'failed' && failure) resolve({ failure });
          });
        patch({ tick: state.get().tick + 1 });
      });
      // What was asked before there was anyone to leave.
      void heed().catch(() => {});
    });

  /** Opens a session for a run, hands it over, and closes it. */
  const withSession = async <T>(cell: number, spec: RunSpec, measuring: boolean, work: (session: Session) => Promise<T>): Promise<T> => {
    const session = openSession(spec, { connect, dataUrl, isLive: () => false, keep: () => {}, forget: () => {} });
    patch({ doing: [...state.get().doing, { cell, session, measuring }] });
    try {
      return await work(session);
    } finally {
      await session.close();
      leave.delete(cell);
      patch({ doing: state.get().doing.filter((each) => each.session !== session) });
    }
  };

  /** How long a step takes here: as seen before on the backend that the lab chooses, or as it shows in the first seconds. */
  const measure = (cell: number, spec: RunSpec): Promise<Outcome<NonNullable<Cell['pace']>>> =>
    withSession(cell, spec, true, async (session) => {
      const work = workOfSpec(spec);
      const outcome = until(cell, session, ({ ready, status, step, stepsPerSecond }) => {
        const seen = ready && speedOf(speeds.get(), work, ready.backend);
        if (seen) return { msPerStep: seen.msPerStep, by: 'seen' as const };
        const own =
          speedOfRun(step, stepsPerSecond) ?? (status === 'done' && stepsPerSecond > 0 ? { msPerStep: 1000 / stepsPerSecond } : null);
        return own && { msPerStep: own.msPerStep, by: 'measured' as const };
      });
      void session.begin(spec).then(() => trainIfReady(session));
      return await outcome;
    });

  /** The spec of a run with a budget in seconds: as many steps as fit, the same for all runs of the same work. */
  const paceOf = async (id: string, { cells, budget }: Experiment, cell: number): Promise<Outcome<RunSpec>> => {
    const { spec, pace } = cells[cell]!;
    if (budget.kind !== 'seconds' || pace) return { value: spec };
    const outcome = await measure(cell, spec);
    if (outcome === 'left' || 'failure' in outcome) return outcome;
    const steps = Math.min(100_000, Math.max(1, Math.round((1000 * budget.amount) / outcome.value.msPerStep)));
    const work = workOfSpec(spec);
    const changed = await change(id, (now) => ({
      ...now,
      cells: now.cells.map((each) =>
        each.pace === null && workOfSpec(each.spec) === work
          ? { ...each, pace: outcome.value, spec: { ...each.spec, settings: { ...each.spec.settings, steps } } }
          : each,
      ),
    }));
    return changed ? { value: changed.cells[cell]!.spec } : 'left';
  };

  /** Trains a run to its end and takes its scores; a run that was begun before goes on from its checkpoint. */
  const trainRun = async (id: string, cell: number, spec: RunSpec, known: string | null): Promise<Outcome<true>> => {
    const kept = known ? await (await library()).load(known) : null;
    const run = kept ? kept.record.id : crypto.randomUUID();
    if (run !== known) await set(id, cell, { run });
    const release = await hold(run);
    if (!release) return { failure: { message: 'Its run is open elsewhere', advice: 'Close its page, then try again' } };
    const keeping: { settled?: () => Promise<void>; close?: () => void } = {};
    try {
      return await withSession(cell, spec, false, async (session) => {
        const keeper = keepRuns(session, {
          library,
          experiment: id,
          onTrouble: (trouble) => {
            patch({ trouble });
            void change(id, paused);
          },
        });
        Object.assign(keeping, keeper);
        let speed: Speed | null = null;
        let scoring = false;
        const outcome = until(cell, session, ({ status, evaluating, ready, scores, step, stepsPerSecond }) => {
          speed = speedOfRun(step, stepsPerSecond) ?? speed;
          if (status !== 'done') return null;
          // Scores follow by themselves; where they cannot be taken, the session says so, and the run is done all the same.
          if (evaluating) scoring = true;
          return !evaluating && (!ready?.scored || scoring || scores?.step === step) ? true : null;
        });
        if (kept) keeper.began(kept.record);
        const whole = kept ? wholeFrom(kept) : { ...fresh(spec), id: run };
        void session.open(whole).then(() => trainIfReady(session));
        const end = await outcome;
        const { ready } = session.get();
        if (speed && ready) rememberSpeed(workOfSpec(spec), ready.backend, speed);
        return end;
      });
    } finally {
      // The session is closed by now: its last rows and weights are on their way to the disk.
      await keeping.settled?.();
      keeping.close?.();
      release();
    }
  };

  const train = async (id: string, experiment: Experiment, cell: number): Promise<void> => {
    const note = async (): Promise<Outcome<true>> => {
      const { data } = experiment.cells[cell]!.spec;
      if (isOwn(data) && !(await hasOwn(data))) return { failure: goneSet(experiment, data) };
      const spec = await paceOf(id, experiment, cell);
      return spec === 'left' || 'failure' in spec ? spec : trainRun(id, cell, spec.value, experiment.cells[cell]!.run);
    };
    const outcome = await note().catch((error: unknown) => ({ failure: failureOf(error) }));
    await change(id, (now) => {
      // Skipped meanwhile, or left for later.
      if (now.cells[cell]?.state !== 'running') return now;
      if (outcome === 'left') return withCell(now, cell, { state: 'waiting' });
      if ('failure' in outcome) return withCell(now, cell, { state: 'failed', reason: words(outcome.failure) });
      return withCell(now, cell, { state: 'done', reason: null });
    });
  };

  /** What one run cannot go on without, none can: the others would train on unheeded. */
  const leaveAll = () => {
    leaving = true;
    for (const end of leave.values()) end();
  };

  /** Takes the next run that waits, until there is none. */
  const lane = async (id: string): Promise<void> => {
    while (!leaving) {
      let taken = -1;
      const experiment = await change(id, (now) => {
        taken = now.paused || now.deleted !== null ? -1 : now.cells.findIndex(({ state }) => state === 'waiting');
        return taken < 0 ? now : withCell(now, taken, { state: 'running' });
      });
      if (!experiment || taken < 0) return;
      await train(id, experiment, taken);
    }
  };

  /** Follows what the reader did to the experiment, here or in another tab. */
  const heed = async (): Promise<void> => {
    const id = training;
    const now = id && (await (await shelf()).load(id));
    if (id !== training) return;
    if (now) patch({ experiment: now });
    leaving ||= !now || now.paused;
    for (const [cell, end] of leave) if (leaving || (now && now.cells[cell]?.state === 'skipped')) end();
  };

  /** Trains one experiment until it is over, paused, stopped or deleted. */
  const work = async (id: string): Promise<void> => {
    training = id;
    leaving = false;
    onBegin(id);
    // What was under way when a tab was closed waits again.
    const begun = await change(id, (old) => ({
      ...old,
      paused: false,
      waits: null,
      cells: old.cells.map((cell) => (cell.state === 'running' ? { ...cell, state: 'waiting' } : cell)),
    }));
    if (!begun || isOver(begun)) return;
    const unfollow = (await shelf()).list.subscribe(() => void heed().catch(() => {}));
    const ends = await Promise.allSettled(
      Array.from({ length: lanes }, () =>
        lane(id).catch((error: unknown) => {
          leaveAll();
          throw error;
        }),
      ),
    );
    const broken = ends.find((end) => end.status === 'rejected');
    unfollow();
    if (broken) throw broken.reason;
  };

  /**
   * Trains an experiment, and after it those that wait in line; resolves when nothing more does. While another one trains, here or
   * in another tab, it only gets in line: the queue that trains takes it from there. Says why where it cannot go on (`trouble`);
   * then the line rests.
   */
  const start = async (id: string): Promise<void> => {
    if (state.get().running) {
      if (training !== id) await (await shelf()).change(id, linedUp);
      // Unless the other one has ended meanwhile.
      if (state.get().running) return;
    }
    patch({ running: true, trouble: null });
    let release: (() => void) | null = null;
    try {
      release = await claimQueue();
      if (!release) {
        await (await shelf()).change(id, linedUp);
        // Should the other tab be closed before the line is empty, it goes on here.
        void queueFreed()
          .then(async () => (await shelf()).next())
          .then((left) => left && start(left.id))
          .catch(() => {});
        return;
      }
      let next: string | null = id;
      while (next) {
        await work(next);
        next = state.get().trouble ? null : ((await (await shelf()).next())?.id ?? null);
      }
    } catch (error) {
      patch({ trouble: { message: 'The experiment could not go on.', advice: failureOf(error).message } });
    } finally {
      release?.();
      training = null;
      patch({ running: false });
    }
  };

  return {
    get: state.get,
    subscribe: state.subscribe,
    lanes,
    /** Shows an experiment without training it. */
    show: (experiment: Experiment) => !state.get().running && patch({ experiment, trouble: null }),
    hush: () => patch({ trouble: null }),
    start,
  };
}
