/**
 * The messages between a page and its training worker. Requests carry an `id`; each is answered by exactly one
 * `reply` with that id. Events come unasked: metrics about five times a second, as deltas.
 */
import type { Artifact, ArtifactKind, ArtifactOptions, ImageGrid } from '../evaluate/artifact.ts';
import type { EvaluationOptions, Scores } from '../evaluate/scores.ts';
import type { Value } from '../hparams.ts';
import type { BackendName, BackendReport } from '../ops/backend.ts';
import type { Checkpoint, RunSpec, ScoresAt } from '../train/record.ts';

export type {
  Artifact,
  ArtifactKind,
  ArtifactOptions,
  BackendName,
  BackendReport,
  Checkpoint,
  EvaluationOptions,
  ImageGrid,
  RunSpec,
  Scores,
  ScoresAt,
};

export type Phase = 'ready' | 'running' | 'paused' | 'done';

export type Ready = {
  readonly backend: BackendReport;
  readonly parameters: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly step: number;
  /** Artifacts this method can make on this data. */
  readonly artifacts: readonly ArtifactKind[];
  /** Whether `evaluate` gives scores. */
  readonly scored: boolean;
};

/** The bench step (`src/train/bench.ts`), or one product of two 1024 × 1024 matrices. */
export type BenchWork = 'step' | 'matMul';
/** Milliseconds and floating-point operations of doing the work once. */
export type BenchTrial = { readonly ms: number; readonly flops: number };

export type Request =
  /** Loads data and backend, builds the method; answered by `Ready`. Ends any run before it. */
  | { readonly type: 'start'; readonly spec: RunSpec; readonly dataUrl: string; readonly from?: Checkpoint }
  /** Starts a backend without a run; `start` does so by itself. */
  | { readonly type: 'prepare'; readonly backend: BackendName | 'auto' }
  /** Times work on the backend that was prepared, `times` in a row. Ends any run before it. */
  | { readonly type: 'bench'; readonly work: BenchWork; readonly times: number }
  /** Trains to the end, or pauses by itself once `until` steps are done. */
  | { readonly type: 'train'; readonly until?: number }
  | { readonly type: 'pause' }
  | { readonly type: 'step' }
  /** Changes live settings; a restart setting here is an error. Answered by the step after which they hold. */
  | { readonly type: 'set'; readonly settings: Readonly<Record<string, Value>> }
  | { readonly type: 'artifact'; readonly kind: ArtifactKind; readonly options?: ArtifactOptions }
  /** Scores the run as it is now, while it may train on; a later `evaluate`, and the end of the run, break it off. */
  | { readonly type: 'evaluate'; readonly options?: EvaluationOptions }
  /** From now on scores the run by itself after every so many steps, by `scores` events; 0: never. */
  | { readonly type: 'watch'; readonly every: number; readonly options?: EvaluationOptions }
  | { readonly type: 'checkpoint' };

export type Answers = {
  start: Ready;
  prepare: BackendReport;
  bench: BenchTrial;
  train: null;
  pause: { readonly step: number };
  step: { readonly step: number };
  set: { readonly step: number };
  artifact: Artifact;
  evaluate: ScoresAt;
  watch: null;
  checkpoint: Checkpoint;
};

/** A failure in words: what happened, and what to try. */
export type Failure = { readonly message: string; readonly advice: string };

export type Event =
  /** Columns of new rows: `step` and every metric have the same length. A metric absent at a step is NaN. */
  | {
      readonly type: 'metrics';
      readonly step: readonly number[];
      /** Training time until each row, in seconds; a run that goes on counts on. */
      readonly seconds: readonly number[];
      readonly metrics: Readonly<Record<string, readonly number[]>>;
      readonly stepsPerSecond: number;
    }
  /** A good checkpoint, every few seconds of training. */
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
  | ({ readonly type: 'scores' } & ScoresAt)
  | { readonly type: 'phase'; readonly phase: Phase; readonly step: number }
  | { readonly type: 'loading'; readonly what: string; readonly done: number; readonly total: number }
  /**
   * The run stopped by itself: NaN in the loss, lost device, out of memory. The last good checkpoint comes along, and where the
   * device is at fault also the backend on which it may go on.
   */
  | { readonly type: 'stopped'; readonly failure: Failure; readonly checkpoint: Checkpoint | null; readonly next: BackendName | null };

export type ToWorker = { readonly id: number; readonly request: Request };
export type FromWorker =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly answer: Answers[keyof Answers] }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly failure: Failure }
  | { readonly type: 'event'; readonly event: Event };
