import type { RunRecord } from '../../src/train/record.ts';
import type { Checkpoint, EvaluationOptions, Failure, Ready, RunSpec, ScoresAt } from '../../src/worker/protocol.ts';
import { type Curve, emptyCurve, upTo } from './series.ts';

/** A failure that the run survives; or the run that somebody else has open, for which the words are found later. */
export type Complaint = Failure & { readonly held?: RunRecord };

export type Status = 'starting' | 'ready' | 'running' | 'paused' | 'done' | 'failed';

/** A run, whole: what it takes to bring it back. */
export type Whole = {
  /** Names the run for good; it has a name as soon as it has a first row. */
  readonly id: string | null;
  /** As it was started, and with the settings that hold now. */
  readonly origin: RunSpec;
  readonly spec: RunSpec;
  readonly curve: Curve;
  /** The last good one. */
  readonly checkpoint: Checkpoint | null;
  /** Live settings changed under way. */
  readonly changes: RunRecord['changes'];
  /** All scores so far, in order of their steps. */
  readonly history: readonly ScoresAt[];
};

/** What came before a restart, and why it ended. */
export type Before = { readonly run: Whole; readonly step: number; readonly why: string };

export type RunState = Whole & {
  readonly status: Status;
  /** Train was pressed, and the worker has not begun yet: it is starting, or drawing. */
  readonly goesOn: boolean;
  readonly ready: Ready | null;
  readonly step: number;
  readonly stepsPerSecond: number;
  readonly loading: { readonly what: string; readonly done: number; readonly total: number } | null;
  /** The run cannot go on. */
  readonly failure: Failure | null;
  /** A single request failed; the run itself goes on. */
  readonly complaint: Complaint | null;
  /** The latest scores. */
  readonly scores: ScoresAt | null;
  readonly evaluating: boolean;
  /** Steps between two scorings while it trains, 0: only at the end; and what was chosen of them. */
  readonly scoring: { readonly every: number; readonly options: EvaluationOptions };
  /** Changes whenever the curve has grown: curves grow in place. */
  readonly rows: number;
  /** Counts changes of settings, for pictures that have to be made anew. */
  readonly revision: number;
  readonly before: Before | null;
};

/** Of a state its run alone. */
export const wholeOf = ({ id, origin, spec, curve, checkpoint, changes, history }: Whole): Whole => ({
  id,
  origin,
  spec,
  curve,
  checkpoint,
  changes,
  history,
});

/** A run that has not begun. */
export const fresh = (spec: RunSpec): Whole => ({
  id: null,
  origin: spec,
  spec,
  curve: emptyCurve(),
  checkpoint: null,
  changes: [],
  history: [],
});

/** A run as it was at its checkpoint: what came after is trained again. */
export function atCheckpoint(run: Whole): Whole {
  const step = run.checkpoint?.step ?? 0;
  return {
    ...run,
    curve: upTo(run.curve, step),
    changes: run.changes.filter((change) => change.step <= step),
    history: run.history.filter((scores) => scores.step <= step),
  };
}

/** The latest scores, and all with them; newer ones of the same step replace older ones. */
export const withScores = ({ history }: Whole, scores: ScoresAt) => ({
  scores,
  history: [...history.filter(({ step }) => step !== scores.step), scores].sort((a, b) => a.step - b.step),
});
