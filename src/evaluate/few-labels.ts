import { type Breathe, holdBreath } from '../ops/breathe.ts';
import type { Features } from '../ops/linear-algebra.ts';
import { rng } from '../ops/random.ts';
import { probeStandardized } from './linear-probe.ts';

/** Draws over which the accuracy is averaged: the fewer labels, the more it depends on which. */
const draws = (perClass: number): number => (perClass <= 1 ? 10 : perClass <= 10 ? 5 : 1);

/** The first `perClass` rows of each class in a random order that the draw's number decides; null where a class has fewer. */
export function labelledRows(labels: ArrayLike<number>, classes: number, perClass: number, draw: number): number[] | null {
  const counts = new Int32Array(classes);
  const order = rng(0).split('few labels', perClass, draw).permutation(labels.length);
  const chosen = [...order].filter((row) => counts[labels[row]!]!++ < perClass);
  return counts.every((count) => count >= perClass) ? chosen : null;
}

/**
 * Few-label accuracy in [0, 1]: that of a linear probe fitted to `perClass` training rows of each class, on all test rows, averaged over
 * draws of those rows: ten of 1, five of up to 10, one of more, the same for every run. Columns are standardized before, by all training
 * rows, which takes no labels. Null where a class has too few rows.
 */
export async function fewLabels(
  train: Features,
  trainLabels: ArrayLike<number>,
  test: Features,
  testLabels: ArrayLike<number>,
  classes: number,
  perClass: number,
  breathe: Breathe = holdBreath,
): Promise<number | null> {
  let sum = 0;
  for (let draw = 0; draw < draws(perClass); draw++) {
    const chosen = labelledRows(trainLabels, classes, perClass, draw);
    if (!chosen) return null;
    const labels = chosen.map((row) => trainLabels[row]!);
    sum += await probeStandardized(pick(train, chosen), labels, test, testLabels, classes, breathe);
  }
  return sum / draws(perClass);
}

/** Some rows of a matrix. */
function pick({ values, columns }: Features, chosen: ArrayLike<number>): Features {
  const out = new Float32Array(chosen.length * columns);
  for (let i = 0; i < chosen.length; i++) out.set(values.subarray(chosen[i]! * columns, (chosen[i]! + 1) * columns), i * columns);
  return { values: out, columns };
}
