import { averaging, type Curve, endOf, lastStep, type Row } from './series.ts';

/** Several runs of one metric over buckets of `width` steps; NaN where a bucket has no value. */
export type Band = { readonly width: number; readonly low: Float64Array; readonly high: Float64Array; readonly mean: Float64Array };

/**
 * The band of several runs: in each bucket of `width` steps the smallest, the largest and the mean of all their values, smoothed as a live
 * curve is (`envelope`): so a curve like theirs lies within. With `positive`, values that a log axis cannot show are left out.
 */
export function bandOf(curves: readonly Curve[], metric: string, smoothing: number, width: number, positive: boolean): Band {
  const buckets = Math.floor(Math.max(0, ...curves.map(lastStep)) / width) + 1;
  const low = new Float64Array(buckets).fill(Number.NaN);
  const high = low.slice();
  const sum = new Float64Array(buckets);
  const count = new Float64Array(buckets);
  for (const curve of curves) {
    const column = curve.columns.get(metric);
    const smoothed = averaging(smoothing);
    for (let i = 0; column && i < curve.length; i++) {
      const raw = column[i]!;
      if (Number.isNaN(raw)) continue;
      const value = smoothed(raw);
      if (positive && value <= 0) continue;
      const at = Math.floor(curve.steps[i]! / width);
      // So written that the first value takes the place of the NaN.
      if (!(low[at]! <= value)) low[at] = value;
      if (!(high[at]! >= value)) high[at] = value;
      sum[at]! += value;
      count[at]! += 1;
    }
  }
  return { width, low, high, mean: sum.map((total, at) => total / count[at]!) };
}

/** Steps that a chart with a band begins with. */
const least = 50;

/**
 * How far a chart reaches over a band of `steps`: without a curve to the band's end, else as far as the longest curve and no less than a few
 * steps, so that a run that has just begun is not squeezed into a corner.
 */
export const reachOf = (curves: readonly { readonly curve: Curve }[], steps: number): number => {
  const longest = endOf(curves);
  return longest === 0 ? steps : Math.max(longest, Math.min(least, steps));
};

/** Rows of a chart with a band in their columns `low`, `high` and `mean`, up to the step `reach`; both in the order of their steps. */
export function withBand(rows: readonly Row[], { width, low, high, mean }: Band, reach: number): Row[] {
  const found: Row[] = [];
  let next = 0;
  for (let at = 0; at < low.length && at * width <= reach; at++) {
    if (Number.isNaN(low[at]!)) continue;
    const step = at * width;
    while (next < rows.length && rows[next]!.step < step) found.push(rows[next++]!);
    const same = rows[next]?.step === step ? rows[next++] : undefined;
    found.push({ ...same, step, low: low[at]!, high: high[at]!, mean: mean[at]! });
  }
  // The last bucket's values hold to its end.
  const end = found.at(-1);
  if (next === rows.length && end?.low !== undefined && end.step < reach && end.step + width > reach)
    found.push({ step: reach, low: end.low, high: end.high!, mean: end.mean! });
  return [...found, ...rows.slice(next)];
}
