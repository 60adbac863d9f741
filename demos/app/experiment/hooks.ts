import { useEffect, useMemo, useState } from 'react';
import type { RunCurve } from '../../../src/train/record.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { library } from '../library/index.ts';
import type { Entry } from '../library/library.ts';
import { useLibrary } from '../library/useLibrary.ts';
import { ownSets } from '../own.ts';
import { failureOf } from '../run.ts';
import { type Curve, fromRunCurve } from '../series.ts';
import { speeds } from '../speeds.ts';
import { store, useStore } from '../store.ts';
import { queue, shelf, someoneTrains } from './index.ts';
import type { QueueState } from './queue.ts';
import { type Cell, type Experiment, isOpen, isOver } from './record.ts';
import type { Shelf } from './shelf.ts';
import { estimatesOf, remaining } from './time.ts';

const nothing = store<null>(null);

/** The experiments of this device: null until they are read. */
export function useShelf(): {
  readonly shelf: Shelf | null;
  readonly list: readonly Experiment[] | null;
  readonly failure: Failure | null;
} {
  const [opened, setOpened] = useState<Shelf | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let current = true;
    shelf().then(
      (found) => current && setOpened(found),
      (error: unknown) => current && setFailure({ message: 'This browser keeps no experiments.', advice: `${failureOf(error).message}.` }),
    );
    return () => {
      current = false;
    };
  }, []);
  const list = useStore<readonly Experiment[] | null>(opened?.list ?? nothing);
  const broken = useStore<string | null>(opened?.failure ?? nothing);
  return { shelf: opened, list, failure: broken ? { message: 'The experiments could not be read.', advice: `${broken}.` } : failure };
}

/** The kept runs of this device, by id; null until they are read. */
export function useRunsById(): ReadonlyMap<string, Entry> | null {
  const { shelf: opened } = useLibrary();
  const list = useStore<readonly Entry[] | null>(opened?.list ?? nothing);
  return useMemo(() => list && new Map(list.map((run) => [run.id, run])), [list]);
}

/** The kept curves of runs, by id; read again when a run's state changes. */
export function useCurves(cells: readonly Cell[]): ReadonlyMap<string, Curve> {
  const wanted = cells.flatMap(({ run, state }) => (run ? [`${run} ${state}`] : [])).join();
  const [curves, setCurves] = useState<ReadonlyMap<string, Curve>>(new Map());
  useEffect(() => {
    let current = true;
    const ids = wanted.split(',').flatMap((each) => each.split(' ')[0] || []);
    const load = async () => {
      const found = await (await library()).curves(ids);
      const kept = ids.flatMap((id, i): [string, RunCurve][] => (found[i] ? [[id, found[i]]] : []));
      if (current) setCurves(new Map(kept.map(([id, curve]) => [id, fromRunCurve(curve)])));
    };
    void load().catch(() => {});
    return () => {
      current = false;
    };
  }, [wanted]);
  return curves;
}

/** Whether another tab trains; asked every few seconds, for nobody tells when a tab is closed. */
export function useOtherTab(): boolean {
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const ask = () => void someoneTrains().then((trains) => setBusy(trains && !queue.get().running));
    ask();
    const timer = setInterval(ask, 2000);
    return () => clearInterval(timer);
  }, []);
  return busy;
}

export const phaseSays = {
  training: 'Training',
  waits: 'Waits',
  elsewhere: 'Training in another tab',
  over: 'Done',
  paused: 'Paused',
  interrupted: 'Interrupted',
  new: 'Not begun',
} as const;
export type Phase = keyof typeof phaseSays;

/** Where an experiment stands, for the reader. */
export function phaseOf(experiment: Experiment, now: QueueState, otherTab: boolean): Phase {
  if (isOver(experiment)) return 'over';
  if (now.running && now.experiment?.id === experiment.id) return 'training';
  if (experiment.waits != null && (now.running || otherTab)) return 'waits';
  const under = experiment.cells.some(({ state }) => state === 'running');
  if (under && otherTab && !experiment.paused) return 'elsewhere';
  if (under) return experiment.paused ? 'paused' : 'interrupted';
  if (experiment.cells.every(({ state, run }) => state === 'waiting' && run === null)) return 'new';
  return experiment.paused ? 'paused' : 'interrupted';
}

/** How far an experiment is, in words and as a share of its runs; and the seconds left (null: unknown). */
export function useProgress(experiment: Experiment) {
  const now = useStore(queue);
  const seen = useStore(speeds);
  const doing = now.experiment?.id === experiment.id ? now.doing.filter(({ measuring }) => !measuring) : [];
  const paces = doing.map(({ cell, session }) => ({ cell, step: session.get().step, stepsPerSecond: session.get().stepsPerSecond }));
  const { cells, budget } = experiment;
  const own = useStore(ownSets);
  // Not with each tick: a run's plan is read for each of them.
  const estimates = useMemo(
    () =>
      estimatesOf(
        cells.map(({ spec }) => spec),
        budget,
        seen,
      ),
    // Own sets cost what the built-in set of their shape does, once they are known.
    [cells, budget, seen, own],
  );
  const finished = cells.filter((cell) => !isOpen(cell)).length;
  const under = paces.reduce((sum, { cell, step }) => sum + step / Number(cells[cell]?.spec.settings.steps), 0);
  const count = (state: Cell['state']) => cells.filter((cell) => cell.state === state).length;
  const besides = (['failed', 'skipped'] as const).flatMap((state) => (count(state) > 0 ? `, ${count(state)} ${state}` : []));
  return {
    /** Runs that need nothing more, in short. */
    count: `${finished} of ${cells.length}`,
    says: `${count('done')} of ${cells.length} runs${besides.join('')}`,
    share: Math.min(1, (finished + (Number.isFinite(under) ? under : 0)) / cells.length),
    left: remaining(experiment, paces, estimates, queue.lanes),
  };
}
