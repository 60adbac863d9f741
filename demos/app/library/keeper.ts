import { dependencies, version } from '../../../package.json';
import type { KeptRun, RunRecord } from '../../../src/train/record.ts';
import type { Failure } from '../../../src/worker/protocol.ts';
import { failureOf, type RunState, type Session } from '../run.ts';
import type { Whole } from '../run-state.ts';
import { fromRunCurve, toRunCurve } from '../series.ts';
import type { Library } from './library.ts';

const stored = { starting: 'paused', ready: 'paused', running: 'running', paused: 'paused', done: 'done', failed: 'failed' } as const;

/** What is kept of a run; null before its first row. */
export function recordOf(state: RunState, created: string, experiment: string | null = null): KeptRun | null {
  const { id, origin, changes, history, ready, checkpoint, curve, status } = state;
  if (!id || curve.length === 0 || !ready) return null;
  const record: RunRecord = {
    id,
    spec: origin,
    changes,
    versions: { lab: version, tfjs: dependencies['@tensorflow/tfjs-core'] },
    backend: { name: ready.backend.name, threads: ready.backend.threads },
    created,
    updated: new Date().toISOString(),
    status: stored[status],
    step: checkpoint?.step ?? 0,
    seconds: checkpoint?.seconds ?? 0,
    parameters: ready.parameters,
    name: null,
    note: '',
    color: null,
    starred: false,
    experiment,
    scores: history,
  };
  return { record, curve: toRunCurve(curve), checkpoint };
}

const changesUntil = ({ changes }: RunRecord, step: number) =>
  changes.filter((change) => change.step <= step).map(({ settings }) => settings);

/** A kept run as a session takes it back. */
export const wholeFrom = ({ record, curve, checkpoint }: KeptRun): Whole => ({
  id: record.id,
  origin: record.spec,
  // Also what was changed during a rest, after the checkpoint was taken.
  spec: { ...record.spec, settings: Object.assign({}, record.spec.settings, ...changesUntil(record, checkpoint?.step ?? 0)) },
  curve: fromRunCurve(curve),
  checkpoint,
  changes: record.changes,
  history: record.scores,
});

type Options = {
  readonly library: () => Promise<Library>;
  readonly experiment?: string;
  /** Hears why a run could not be kept, once for each reason. */
  readonly onTrouble: (failure: Failure) => void;
  /** Hears of each save. */
  readonly onKept?: (id: string) => void;
};

/**
 * Keeps the runs of a session as they go: at every good checkpoint, at each pause, score and end. One write at a time, always of
 * the latest state, so a slow disk makes saves rarer, never wrong.
 */
export function keepRuns(session: Pick<Session, 'get' | 'subscribe'>, { library, experiment, onTrouble, onKept }: Options) {
  /** When each run of this session began; a run that came back keeps its date. */
  const created = new Map<string, string>();
  let saved: Pick<RunState, 'id' | 'status' | 'checkpoint' | 'history' | 'changes'> | null = null;
  /** The latest state of each run that is still to be written. */
  const waiting = new Map<string, KeptRun>();
  let writing: Promise<void> | null = null;
  let trouble = '';

  const write = async () => {
    for (const [id, run] of waiting) {
      waiting.delete(id);
      try {
        await (await library()).save(run);
        trouble = '';
        onKept?.(id);
      } catch (error) {
        const failure = failureOf(error);
        if (failure.message !== trouble) onTrouble({ message: 'This run could not be kept.', advice: `${failure.message}.` });
        trouble = failure.message;
      }
    }
    writing = null;
  };

  const look = () => {
    const state = session.get();
    const { id, status, checkpoint, history, changes } = state;
    if (!id) return;
    if (!created.has(id)) created.set(id, new Date().toISOString());
    const same =
      saved?.id === id &&
      saved.status === status &&
      saved.checkpoint === checkpoint &&
      saved.history === history &&
      saved.changes === changes;
    if (same) return;
    const run = recordOf(state, created.get(id)!, experiment ?? null);
    if (!run) return;
    saved = { id, status, checkpoint, history, changes };
    waiting.set(id, run);
    writing ??= write();
  };
  const unsubscribe = session.subscribe(look);

  return {
    /** Tells when a run began that the session takes back. */
    began: (record: RunRecord) => created.set(record.id, record.created),
    /** Resolves when all is written. */
    settled: () => writing ?? Promise.resolve(),
    close: unsubscribe,
  };
}
