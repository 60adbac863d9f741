import type { ProjectionMethod } from '../../src/worker/projection.ts';

/** A picture of a run's representations after `step` steps. Plain data: it can be kept, sent and stored as it is. */
export type EmbeddingFrame = {
  readonly step: number;
  readonly method: ProjectionMethod;
  /** [x0, y0, x1, …], turned to match the frame beside it; its scale means nothing. */
  readonly points: Float32Array;
  /** The image of each point: held-out images count from 0 on, training images follow them. */
  readonly rows: Int32Array;
  readonly labels: Uint8Array;
};

/** Frames kept of a run, and points in each. */
export const mostFrames = 24;
export const frameRows = 1000;

/** Bytes that frames take: 24 of 1,000 points are a third of a megabyte. */
export const bytesOf = (frames: readonly EmbeddingFrame[]): number =>
  frames.reduce((sum, { points, rows, labels }) => sum + points.byteLength + rows.byteLength + labels.byteLength, 0);

/** At most so many of them, in order of their steps: those go whose neighbours stand closest together, so that the rest span the whole run. */
export function thinned<T extends { readonly step: number }>(frames: readonly T[], most: number): T[] {
  const kept = [...frames];
  while (kept.length > Math.max(2, most)) {
    const gap = (i: number) => kept[i + 1]!.step - kept[i - 1]!.step;
    let narrowest = 1;
    for (let i = 2; i < kept.length - 1; i++) if (gap(i) < gap(narrowest)) narrowest = i;
    kept.splice(narrowest, 1);
  }
  return kept;
}
