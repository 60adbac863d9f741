/**
 * The messages between a page and its training worker. Requests carry an `id`; each is answered by exactly one
 * `reply` with that id. Events come unasked: metrics about five times a second, as deltas.
 */
import type { Value } from '../hparams.ts';
import type { BackendName, BackendReport } from '../ops/backend.ts';
import type { Snapshot } from '../train/snapshot.ts';

export type { BackendName, BackendReport };

/** Everything that decides a run. `settings` holds hyperparameters, views and training settings under one namespace. */
export type RunSpec = {
  readonly method: string;
  readonly data: string;
  readonly seed: number;
  /** 'auto' lets the lab choose. */
  readonly backend: BackendName | 'auto';
  readonly settings: Readonly<Record<string, Value>>;
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

/** Bytes of images, NHWC, n of them. */
export type ImageGrid = { readonly n: number; readonly shape: readonly [number, number, number]; readonly pixels: Uint8Array };

export type Artifact =
  /** The two views of one batch beside their originals. */
  | { readonly kind: 'views'; readonly originals: ImageGrid; readonly first: ImageGrid; readonly second: ImageGrid | null }
  /** PCA of held-out representations to 2-D: [x0, y0, x1, …], labels, the images themselves; share of variance by axis. */
  | {
      readonly kind: 'embedding';
      readonly points: Float32Array;
      readonly labels: Uint8Array;
      readonly images: ImageGrid;
      readonly explained: readonly [number, number];
      /** √d × mean standard deviation of the normalized projection: 1 spread, 0 collapsed. */
      readonly spread: number;
    }
  /** Training images by pseudo-label: the largest clusters first, each with its size, purity and most common class. */
  | {
      readonly kind: 'clusters';
      readonly total: number;
      readonly nmi: number;
      readonly clusters: readonly {
        readonly label: number;
        readonly size: number;
        readonly purity: number;
        readonly majority: number;
        readonly images: ImageGrid;
      }[];
    }
  | { readonly kind: 'reconstructions'; readonly originals: ImageGrid; readonly reconstructions: ImageGrid }
  | { readonly kind: 'samples'; readonly temperature: number; readonly images: ImageGrid }
  /** Rows of images from one held-out image to another through latent space. */
  | { readonly kind: 'interpolation'; readonly rows: number; readonly columns: number; readonly images: ImageGrid }
  /** Mean KL of each latent dimension over held-out images, nats. */
  | { readonly kind: 'latents'; readonly kl: Float32Array }
  /** Decoded grid over the two latents: row by row from (−span, −span), and held-out posterior means with labels. */
  | {
      readonly kind: 'manifold';
      readonly side: number;
      readonly span: number;
      readonly images: ImageGrid;
      readonly means: Float32Array;
      readonly labels: Uint8Array;
    }
  /** 2-D density on a side × side grid over [−extent, extent]² (rows from −extent up), true samples, model samples. */
  | {
      readonly kind: 'density';
      readonly side: number;
      readonly extent: number;
      readonly density: Float32Array;
      readonly data: Float32Array;
      readonly samples: Float32Array;
      /** A grid of lines in noise space after each layer: frames[k] holds lines × perLine points [x, y, …]. */
      readonly frames: readonly Float32Array[];
      readonly lines: number;
      readonly perLine: number;
      readonly nll: number;
      readonly entropy: number;
    };
export type ArtifactKind = Artifact['kind'];
export type ArtifactOptions = { readonly temperature?: number; readonly count?: number };

/** The final scores, under the names of the command line's last line; only those that apply. */
export type Scores = {
  readonly linearProbe?: number;
  readonly knn?: number;
  readonly baselines?: {
    readonly pixels: { readonly linearProbe: number; readonly knn: number };
    readonly random: { readonly linearProbe: number; readonly knn: number };
  };
  readonly embeddingStd?: number;
  readonly negativeElbo?: number;
  readonly nll?: number;
  readonly entropy?: number;
  readonly bitsPerDim?: number;
  readonly roundTripError?: number;
  readonly nmi?: number;
  readonly ari?: number;
  readonly clusterAccuracy?: number;
};

/** A run that can go on elsewhere. */
export type Checkpoint = { readonly spec: RunSpec } & Snapshot;

export type Request =
  /** Loads data and backend, builds the method; answered by `Ready`. Ends any run before it. */
  | { readonly type: 'start'; readonly spec: RunSpec; readonly dataUrl: string; readonly from?: Checkpoint }
  | { readonly type: 'train' }
  | { readonly type: 'pause' }
  | { readonly type: 'step' }
  /** Changes live settings; a restart setting here is an error. */
  | { readonly type: 'set'; readonly settings: Readonly<Record<string, Value>> }
  | { readonly type: 'artifact'; readonly kind: ArtifactKind; readonly options?: ArtifactOptions }
  | { readonly type: 'evaluate' }
  | { readonly type: 'checkpoint' };

export type Answers = {
  start: Ready;
  train: null;
  pause: { readonly step: number };
  step: { readonly step: number };
  set: null;
  artifact: Artifact;
  evaluate: Scores;
  checkpoint: Checkpoint;
};

/** A failure in words: what happened, and what to try. */
export type Failure = { readonly message: string; readonly advice: string };

export type Event =
  /** Columns of new rows: `step` and every metric have the same length. A metric absent at a step is NaN. */
  | {
      readonly type: 'metrics';
      readonly step: readonly number[];
      readonly metrics: Readonly<Record<string, readonly number[]>>;
      readonly stepsPerSecond: number;
    }
  | { readonly type: 'phase'; readonly phase: Phase; readonly step: number }
  | { readonly type: 'loading'; readonly what: string; readonly done: number; readonly total: number }
  /** The run stopped by itself: NaN in the loss, lost device, out of memory. The last good checkpoint comes along. */
  | { readonly type: 'stopped'; readonly failure: Failure; readonly checkpoint: Checkpoint | null };

export type ToWorker = { readonly id: number; readonly request: Request };
export type FromWorker =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly answer: Answers[keyof Answers] }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly failure: Failure }
  | { readonly type: 'event'; readonly event: Event };
