import type { ComponentType } from 'react';
import type { Value } from '../../../src/hparams.ts';
import type { Artifact, ArtifactKind, ArtifactOptions } from '../../../src/worker/protocol.ts';

export type PanelProps<K extends ArtifactKind> = {
  readonly artifact: Extract<Artifact, { kind: K }>;
  /** Names of the labels, where the data set has them. */
  readonly classes: readonly string[] | undefined;
  /** Asks the worker for the artifact anew; null where it cannot: a recording is what it is. */
  readonly refresh: ((options?: ArtifactOptions) => void) | null;
  /** Changes a setting of the run; null for a recording. */
  readonly set: ((name: string, value: Value) => void) | null;
  /** Whether an answer is awaited. */
  readonly busy: boolean;
};

export type PanelEntry<K extends ArtifactKind> = {
  readonly title: string;
  /** What is seen and how to read it, in two or three sentences. */
  readonly help: string;
  readonly Panel: ComponentType<PanelProps<K>>;
};
