import type { ImageDataset } from '../data/dataset.ts';
import { type Features, normalizeRows, rows } from '../ops/linear-algebra.ts';
import * as tf from '../tf.ts';
import { toImages } from '../train/batches.ts';
import type { Metrics, Still } from '../train/session.ts';
import { effectiveRank, spectrumOf } from './spectrum.ts';

/** Steps between two looks at a running run. */
export const watchEvery = 25;

/** Whether a run can be watched for collapse: its method must have a projection of images that its loss compares. */
const isWatched = ({ method, data }: Pick<Still, 'method' | 'data'>): boolean => data.kind === 'images' && !!method.project;

/**
 * Projections of the first held-out images, passed as one batch. Computed at once, so the weights may be replaced after the call, and
 * draws nothing from the run's own random numbers. For methods with a projection, on images.
 */
async function projected(session: Still, count: number): Promise<Features> {
  const { method, run } = session;
  const data = session.data as ImageDataset;
  const n = Math.min(count, data.test.size);
  const z = tf.tidy(() => method.project!(run, toImages(data.test.pixels, data.shape, 0, n), session.context('project')));
  const features = { values: await z.data<'float32'>(), columns: z.shape[1] };
  z.dispose();
  return features;
}

/** What shows collapse: the spread of the normalized projections and their rank (see `collapsed.ts`). */
export async function collapseOf(
  session: Still,
  count: number,
): Promise<{ readonly embeddingStd: number; readonly embeddingRank: number }> {
  const features = await projected(session, count);
  return { embeddingStd: spreadOf(features), embeddingRank: await rankShare(features) };
}

/** The spread alone. */
export const projectionSpread = async (session: Still, count: number): Promise<number> => spreadOf(await projected(session, count));

/**
 * The metrics of the step just done, every 25 steps with what shows collapse. 256 images every 25 steps of 128 in two views cost
 * about 1 % of the training time.
 */
export async function withCollapse(session: Still, metrics: Promise<Metrics>): Promise<Metrics> {
  if (!isWatched(session) || session.step % watchEvery !== 0) return metrics;
  // Begun before the next step replaces the weights.
  const collapse = collapseOf(session, 256);
  return { ...(await metrics), ...(await collapse) };
}

/** √d × the mean over dimensions of the standard deviation of L2-normalized rows: 1 spread over the sphere, 0 all the same. */
export function spreadOf(features: Features): number {
  const { values, columns } = normalizeRows(features);
  const n = values.length / columns;
  let total = 0;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      sum += values[i * columns + j]!;
      squares += values[i * columns + j]! ** 2;
    }
    total += Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
  }
  return total / Math.sqrt(columns);
}

/** exp of the entropy of the singular values, as shares, of L2-normalized and centred rows, by the dimensions that as many rows can fill. */
export async function rankShare(features: Features): Promise<number> {
  const { singular } = await spectrumOf(normalizeRows(features));
  return effectiveRank(Float64Array.from(singular)) / Math.min(features.columns, Math.max(1, rows(features) - 1));
}
