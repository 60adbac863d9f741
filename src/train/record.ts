import type { Scores } from '../evaluate/scores.ts';
import type { Value } from '../hparams.ts';
import type { BackendName } from '../ops/backend.ts';
import type { Snapshot } from './snapshot.ts';

/** Everything that decides a run. `settings` holds hyperparameters, views and training settings under one namespace. */
export type RunSpec = {
  readonly method: string;
  readonly data: string;
  readonly seed: number;
  /** 'auto' lets the lab choose. */
  readonly backend: BackendName | 'auto';
  readonly settings: Readonly<Record<string, Value>>;
};

/** A run that can go on elsewhere: where it stands, what of its settings holds now, and how long it has trained. */
export type Checkpoint = { readonly spec: RunSpec; readonly seconds: number } & Snapshot;

export const runStatuses = ['running', 'paused', 'done', 'failed'] as const;

/** What is kept of a run beside its curve and its weights. Plain data: it is stored, sent and written to files as it is. */
export type RunRecord = {
  /** Names the run for good, on every machine. */
  readonly id: string;
  /** As the run was started, every setting spelled out. With `changes`, on the same backend, it gives the same curve again. */
  readonly spec: RunSpec;
  /** Live settings that were changed under way: in force from the step after `step` on. In order of their steps. */
  readonly changes: readonly { readonly step: number; readonly settings: Readonly<Record<string, Value>> }[];
  readonly versions: { readonly lab: string; readonly tfjs: string };
  /** What computed it last. */
  readonly backend: { readonly name: BackendName; readonly threads: number };
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly updated: string;
  /** `running` in a record that nobody trains: its page was closed or crashed. */
  readonly status: (typeof runStatuses)[number];
  /** Steps done, as far as they are kept. */
  readonly step: number;
  /** Spent in those steps; pauses and pictures don't count. */
  readonly seconds: number;
  /** Numbers that its optimizer moves. */
  readonly parameters: number;
  /** The reader's own words and marks. `color` is a place in the palette of runs. */
  readonly name: string | null;
  readonly note: string;
  readonly color: number | null;
  readonly starred: boolean;
  /** The experiment that it belongs to. */
  readonly experiment: string | null;
  readonly scores: readonly ScoresAt[];
};

/** Scores of a run as it was after `step` steps, in order of their steps, and how many seconds the evaluation worked. */
export type ScoresAt = { readonly step: number; readonly scores: Scores; readonly seconds?: number };

/** A curve as it is kept: one row a step; a metric that a step lacks is NaN there. */
export type RunCurve = {
  readonly steps: Int32Array;
  /** Training time until each row, in seconds. */
  readonly seconds: Float32Array;
  readonly columns: Readonly<Record<string, Float32Array>>;
};

/** A whole run: what a run file holds. A run that failed in its first step has no checkpoint. */
export type KeptRun = { readonly record: RunRecord; readonly curve: RunCurve; readonly checkpoint: Checkpoint | null };
