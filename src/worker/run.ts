import { withCollapse } from '../evaluate/collapse.ts';
import type { Checkpoint, RunSpec } from '../train/record.ts';
import type { Metrics, Session } from '../train/session.ts';
import type { Snapshot } from '../train/snapshot.ts';
import { checkFinite, Diverged } from '../train/train.ts';
import type { Watch } from './device.ts';
import type { Event } from './protocol.ts';

/** Milliseconds between two messages with metrics. */
const messageEvery = 200;
/** Checkpoints are taken this many milliseconds apart, or further where taking one is slow: at most 2 % of the time goes into them. */
const checkpointEvery = 3_000;
const checkpointShare = 0.02;
/** Milliseconds of training over which the speed is measured. */
const speedOver = 3000;
/** Seconds after which a graphics device that reads nothing back counts as lost; software ones take seconds for a step. */
const patience = 60;

/** A session in training: steps one by one, their metrics in batches, the last good checkpoint. */
export type Run = ReturnType<typeof createRun>;

type Options = { readonly emit: (event: Event) => void; readonly watch: Watch; readonly from: Checkpoint | undefined };

export function createRun(session: Session, spec: RunSpec, { emit, watch, from }: Options) {
  /** Steps whose numbers the device still owes. */
  const inFlight: { readonly step: number; readonly metrics: Promise<Metrics> }[] = [];
  let rows: { readonly step: number; readonly seconds: number; readonly metrics: Metrics }[] = [];
  let sentAt = performance.now();
  let reported = false;
  /** Milliseconds spent in steps, and the steps done, at the last messages: pauses and pictures don't count as slowness. */
  let trained = 1000 * (from?.seconds ?? 0);
  let begun: number | null = null;
  const clock = () => trained + (begun === null ? 0 : performance.now() - begun);
  let marks = [{ trained, step: session.step }];
  let good: Checkpoint | null = from ?? null;
  let goodAt = performance.now();
  let goodCost = 0;

  const read = async () => {
    const { step, metrics } = inFlight.shift()!;
    const values = await watch.guard(metrics, patience);
    checkFinite(step, values);
    rows.push({ step, seconds: clock() / 1000, metrics: values });
    reported = true;
  };

  /** Sends the rows that have come since the last message. */
  const flush = () => {
    sentAt = performance.now();
    if (rows.length === 0) return;
    const now = { trained: clock(), step: session.step };
    marks = [...marks.filter((mark, i) => i === marks.length - 1 || now.trained - mark.trained < speedOver), now];
    const names = new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)));
    const seconds = (now.trained - marks[0]!.trained) / 1000;
    emit({
      type: 'metrics',
      step: rows.map(({ step }) => step),
      seconds: rows.map(({ seconds }) => seconds),
      metrics: Object.fromEntries([...names].map((name) => [name, rows.map(({ metrics }) => metrics[name] ?? Number.NaN)])),
      stepsPerSecond: seconds > 0 ? (now.step - marks[0]!.step) / seconds : 0,
    });
    rows = [];
  };

  /** Waits for all numbers of the steps done, and sends them. Throws `Diverged` or `DeviceLost`. */
  const settle = async () => {
    while (inFlight.length > 0) await read();
    flush();
  };

  const take = async (): Promise<Checkpoint> => {
    const snapshot = await watch.guard(session.snapshot());
    checkWeights(snapshot);
    return { spec: { ...spec, settings: session.settings }, seconds: clock() / 1000, ...snapshot };
  };

  return {
    session,
    seed: spec.seed,
    get done() {
      return session.step >= session.settings.steps;
    },
    /** The last checkpoint whose numbers were all finite. */
    get good() {
      return good;
    },
    /** One step; its numbers, and perhaps a checkpoint, follow on their own. Throws `Diverged`, `DeviceLost`, or what the method throws. */
    async advance() {
      begun = performance.now();
      try {
        const due = Math.max(checkpointEvery, goodCost / checkpointShare);
        if (!good || begun - goodAt > due) {
          good = await take();
          goodAt = performance.now();
          goodCost = goodAt - begun;
          // Its rows come first: a curve reaches at least as far as its checkpoint.
          await settle();
          emit({ type: 'checkpoint', checkpoint: good });
        }
        const { metrics } = await watch.guard(session.advance());
        const all = withCollapse(session, metrics);
        // Whoever reads them later sees the error; until then it is not unhandled.
        all.catch(() => {});
        inFlight.push({ step: session.step, metrics: all });
        // The device works on one step while the numbers of the one before are read; only the first are waited for, and sent at once.
        const first = !reported;
        if (first || inFlight.length > 1) await read();
        if (first || performance.now() - sentAt >= messageEvery) flush();
      } finally {
        trained = clock();
        begun = null;
      }
    },
    flush,
    /** Gives out a checkpoint of where the run stands now, if the last one is older. Throws `Diverged` if its weights are no numbers. */
    async keep() {
      await settle();
      if (good?.step === session.step) return;
      good = await take();
      goodAt = performance.now();
      emit({ type: 'checkpoint', checkpoint: good });
    },
    /** The run as it stands. Throws `Diverged` if its weights are no numbers. */
    async checkpoint(): Promise<Checkpoint> {
      await settle();
      return take();
    },
    dispose: () => session.dispose(),
  };
}

function checkWeights({ step, tensors }: Snapshot): void {
  const bad = Object.entries(tensors).find(([, { values }]) => !values.every(Number.isFinite));
  if (bad) throw new Diverged(`The weights "${bad[0]}" are no longer finite at step ${step}: try a smaller learning rate`);
}
