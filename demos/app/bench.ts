import type { Client } from '../../src/worker/client.ts';
import type { BackendReport, BenchTrial, BenchWork, Failure, RunSpec } from '../../src/worker/protocol.ts';
import { type BackendResult, type BenchResult, hasNumbers, type MethodResult, type Rung, rungs } from './bench-result.ts';
import { failureOf } from './run.ts';
import { type Store, store } from './store.ts';

/** Measured rounds of one backend (a round of warming up comes before); fewer where they would take longer than `patience` ms. */
const rounds = 7;
const patience = 15_000;
/** A trial lasts about this many ms, so that a clock which ticks coarsely does not matter. */
const trialMs = 150;
/** A method is watched this many ms after its first step. */
const methodMs = 2000;

export type Phase = 'looking' | 'ready' | 'running' | 'stopped' | 'done' | 'failed';

export type BenchState = {
  readonly phase: Phase;
  readonly report: BackendReport | null;
  readonly wanted: readonly Rung[];
  readonly backends: readonly BackendResult[];
  readonly methods: readonly MethodResult[];
  /** What is being measured now, in words, and the share that is done. */
  readonly doing: string;
  readonly share: number;
  /** Why nothing can be measured at all. */
  readonly failure: Failure | null;
};

/** A method's default run on its first data set, backend aside. */
export type DefaultRun = { readonly name: string; readonly spec: Omit<RunSpec, 'backend'> };

export type BenchDependencies = {
  readonly connect: () => Client;
  readonly dataUrl: string;
  readonly methods: readonly DefaultRun[];
  /** Hears of every measurement that ended with numbers, also of one that was stopped. */
  readonly onEnd: (result: Pick<BenchResult, 'chosen' | 'backends' | 'methods'>, threads: number) => void;
  readonly now?: () => number;
};

export type Bench = ReturnType<typeof openBench>;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const digits = (value: number) => Number(value.toPrecision(4));
const blank = { threads: null, rounds: 0, stepMs: null, gflops: null, matmulGflops: null } as const;

/** What a backend is, or why it was passed over. */
export const reasonOf = ({ name: chosen, reason, alternatives }: BackendReport, name: Rung): string | undefined =>
  chosen === name ? reason : alternatives.find((each) => each.name === name)?.reason;

/** One visit of the bench page: a worker for each backend in turn, and what they measured. Nothing of React in it. */
export function openBench({ connect, dataUrl, methods, onEnd, now = () => performance.now() }: BenchDependencies) {
  let client: Client | null = null;
  /** Grows with each start and stop: what belongs to an earlier one is no longer wanted. */
  let generation = 0;
  const state: Store<BenchState> = store<BenchState>({
    phase: 'looking',
    report: null,
    wanted: [],
    backends: [],
    methods: [],
    doing: '',
    share: 0,
    failure: null,
  });
  const patch = (change: Partial<BenchState>) => state.set({ ...state.get(), ...change });
  const edit = (name: Rung, change: Partial<BackendResult>) =>
    patch({ backends: state.get().backends.map((each) => (each.name === name ? { ...each, ...change } : each)) });

  const finish = (phase: 'stopped' | 'done') => {
    const { report, methods: measured, backends } = state.get();
    const endOf = { running: 'stopped', waiting: 'skipped' } as const;
    const ended = backends.map((each) => ({
      ...each,
      state: each.state === 'running' || each.state === 'waiting' ? endOf[each.state] : each.state,
    }));
    patch({ phase, backends: ended, doing: '', share: 0 });
    if (!report || !hasNumbers({ backends: ended, methods: measured })) return;
    onEnd({ chosen: { name: report.name, reason: report.reason }, backends: ended, methods: measured }, report.threads);
  };

  /** Works with a worker of its own, which ends with the work. */
  const withWorker = async <T>(work: (worker: Client) => Promise<T>): Promise<T> => {
    const worker = connect();
    client = worker;
    return work(worker).finally(worker.close);
  };

  /** Finds what there is and what the lab would take; software is offered, but not ticked. */
  const look = async () => {
    const mine = ++generation;
    patch({ phase: 'looking', failure: null });
    try {
      const report = await withWorker((worker) => worker.ask({ type: 'prepare', backend: 'auto' }));
      if (mine !== generation) return;
      const all = [{ name: report.name, usable: true, software: false, reason: report.reason }, ...report.alternatives];
      const offered = rungs.map((name) => all.find((each) => each.name === name)!);
      patch({
        phase: 'ready',
        report,
        wanted: offered.filter(({ usable, software }) => usable && !software).map(({ name }) => name as Rung),
        backends: offered.map(({ name, usable, reason }) => ({
          name: name as Rung,
          state: usable ? 'skipped' : 'absent',
          reason,
          ...blank,
        })),
      });
    } catch (error) {
      if (mine === generation) patch({ phase: 'failed', failure: failureOf(error) });
    }
  };

  const measureBackend = async (worker: Client, name: Rung, tell: (round: number) => void) => {
    const { name: taken, threads, reason } = await worker.ask({ type: 'prepare', backend: name });
    if (taken !== name) throw new Error(reason);
    edit(name, { threads });
    const trials: Record<BenchWork, BenchTrial[]> = { matMul: [], step: [] };
    const times: Record<BenchWork, number> = { matMul: 1, step: 1 };
    const middle = (work: BenchWork, of: (trial: BenchTrial) => number) => digits(median(trials[work].map(of)));
    const rate = ({ flops, ms }: BenchTrial) => flops / ms / 1e6;
    const begun = now();
    for (let round = 0; round <= rounds && !(round > 1 && now() - begun > patience); round++) {
      tell(round);
      for (const work of ['matMul', 'step'] as const) {
        const trial = await worker.ask({ type: 'bench', work, times: times[work] });
        times[work] = Math.min(50, Math.max(1, Math.round(trialMs / trial.ms)));
        if (round > 0) trials[work].push(trial);
      }
      if (round > 0)
        edit(name, {
          rounds: round,
          stepMs: middle('step', ({ ms }) => ms),
          gflops: middle('step', rate),
          matmulGflops: middle('matMul', rate),
        });
    }
  };

  /** Trains a default run for a moment, as its page would. */
  const measureMethod = async (worker: Client, backend: Rung, { spec }: DefaultRun): Promise<MethodResult> => {
    await worker.ask({ type: 'start', spec: { ...spec, backend }, dataUrl });
    const { step: first } = await worker.ask({ type: 'step' });
    const begun = now();
    await worker.ask({ type: 'train' });
    // A fast machine may come to the end of the run before, a slow one may need longer for one step.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, methodMs);
      worker.onEvent((event) => {
        if (event.type !== 'phase' || event.phase !== 'done') return;
        clearTimeout(timer);
        resolve();
      });
    });
    let { step } = await worker.ask({ type: 'pause' });
    if (step === first) ({ step } = await worker.ask({ type: 'step' }));
    const { method, data, settings } = spec;
    const msPerStep = digits((now() - begun) / (step - first));
    return { method, data, backend, batchSize: Number(settings.batchSize), steps: Number(settings.steps), msPerStep };
  };

  const measure = async () => {
    const { report, wanted } = state.get();
    if (!report || wanted.length === 0) return;
    const mine = ++generation;
    patch({
      phase: 'running',
      methods: [],
      share: 0,
      backends: state.get().backends.map(({ name, state: was, reason }) => ({
        name,
        state: wanted.includes(name) ? 'waiting' : was === 'absent' ? 'absent' : 'skipped',
        reason: reasonOf(report, name) ?? reason,
        ...blank,
      })),
    });
    // The lab's own choice first: whoever stops early has what matters.
    const order = [...wanted].sort((a, b) => Number(b === report.name) - Number(a === report.name));
    const timed = wanted.some((name) => name === report.name) ? methods : [];
    const parts = order.length * (rounds + 1) + timed.length;
    let done = 0;
    const say = (doing: string, part: number) => patch({ doing, share: Math.min(1, part / parts) });

    for (const name of order) {
      edit(name, { state: 'running' });
      say('starting', done);
      try {
        await withWorker(async (worker) => {
          await measureBackend(worker, name, (round) => say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`, done + round));
          edit(name, { state: 'done' });
          done += rounds + 1;
          if (name !== report.name) return;
          for (const method of timed) {
            say(`a moment of ${method.name}`, done++);
            // Without its data a method is left out; the rest goes on.
            const result = await measureMethod(worker, name, method).catch(() => null);
            if (mine !== generation) return;
            if (result) patch({ methods: [...state.get().methods, result] });
          }
        });
      } catch (error) {
        if (mine === generation) edit(name, { state: 'failed', reason: failureOf(error).message });
        done += rounds + 1;
      }
      if (mine !== generation) return;
    }
    finish('done');
  };

  return {
    get: state.get,
    subscribe: state.subscribe,
    look,
    measure,
    /** Ends the work at once; what was measured stays. */
    stop: () => {
      generation++;
      client?.close();
      if (state.get().phase === 'running') finish('stopped');
    },
    /** Forgets what was measured. */
    clear: () => patch({ phase: 'ready', methods: [], backends: state.get().backends.map((each) => ({ ...each, ...blank })) }),
    toggle: (name: Rung) => {
      const { wanted } = state.get();
      patch({ wanted: rungs.filter((each) => (each === name) !== wanted.includes(each)) });
    },
  };
}
