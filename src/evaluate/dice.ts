/** Segmentation of volumes that no training has seen, against their labels. */
import type { VolumeDataset } from '../data/dataset.ts';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { mean } from './generation.ts';
import { clamp, contextOf, upTo } from './grids.ts';
import type { Scores } from './scores.ts';

/**
 * Dice coefficient 2|A ∩ B| / (|A| + |B|) of each class but 0 (Dice 1945), over all pixels of one volume; NaN where neither has the class.
 */
export function diceOf(found: Uint8Array, truth: Uint8Array, classes: number): number[] {
  const [both, sum] = [new Float64Array(classes), new Float64Array(classes)];
  found.forEach((label, i) => {
    const right = truth[i]!;
    sum[label]!++;
    sum[right]!++;
    if (label === right) both[label]!++;
  });
  return Array.from(both.subarray(1), (n, k) => (2 * n) / sum[k + 1]!);
}

/** The likeliest class of each pixel of held-out slices `from` … `from + count − 1`. */
async function classesOf(session: Still, from: number, count: number, breathe: Breathe): Promise<Uint8Array> {
  const { shape, classes, test } = session.data as VolumeDataset;
  const c = contextOf(session, 'segmentation');
  const rows = (at: number, n: number) =>
    tf.reshape(session.method.pixelClasses!(session.run, toImages(test.pixels, shape, from + at, n), c), [n, -1]) as tf.Tensor2D;
  const { values } = await mapRows(count, rows, { batch: 32, breathe });
  return Uint8Array.from({ length: values.length / classes.length }, (_, i) => {
    const p = values.subarray(i * classes.length, (i + 1) * classes.length);
    return p.indexOf(Math.max(...p));
  });
}

/** Dice of each held-out volume, the mean over its organs; then the mean and the worst over the volumes. */
export async function diceScores(session: Still, breathe: Breathe = holdBreath): Promise<Scores> {
  const { shape, slices, classes, test } = session.data as VolumeDataset;
  const pixels = shape[0] * shape[1] * slices;
  const found = await classesOf(session, 0, test.size, breathe);
  const dice = upTo(test.volumes).map((v) => {
    const [from, to] = [v * pixels, (v + 1) * pixels];
    return mean(diceOf(found.subarray(from, to), test.labels.subarray(from, to), classes.length).filter(Number.isFinite));
  });
  return { dice: mean(dice), diceWorst: Math.min(...dice) };
}

/** Slices of one held-out volume, from 1 on, their true classes and those that were found. */
export async function segmentation(session: Still, { volume = 1 }: ArtifactOptions): Promise<Extract<Artifact, { kind: 'segmentation' }>> {
  const { shape, slices, classes, test } = session.data as VolumeDataset;
  const row = shape[0] * shape[1];
  const from = (clamp(volume, test.volumes) - 1) * slices;
  const found = await classesOf(session, from, slices, holdBreath);
  const [first, end] = [from * row, (from + slices) * row];
  const truth = test.labels.slice(first, end);
  return {
    kind: 'segmentation',
    volume: from / slices + 1,
    volumes: test.volumes,
    images: { n: slices, shape, pixels: test.pixels.slice(first, end) },
    truth,
    found,
    dice: diceOf(found, truth, classes.length),
  };
}
