import { ticks } from '../components/panels/geometry.ts';
import { axisOf, type Item } from './compare.ts';
import type { Comparison } from './compare-address.ts';
import { place, rememberedTrace, type Trace } from './series.ts';

/** The mean of several runs over a common x, and what they spread over; empty where they never have values together. */
export type Band = { readonly x: number[]; readonly mean: number[]; readonly low: number[]; readonly high: number[] };

/** Drawn of an item. A single run is a line; several are their mean, and a band around it. */
export type Drawn = Trace & { readonly item: Item; readonly band: Band | null };

/** Points drawn of a line, however long the run. */
const limit = 480;

/** A value on a line between its points; x must not lie outside. `from` is the point to search on from. */
function between({ x, y }: Trace, at: number, from: number): { readonly value: number; readonly index: number } {
  let i = from;
  while (i + 1 < x.length && x[i + 1]! <= at) i++;
  const [x0, y0] = [x[i]!, y[i]!];
  if (x0 >= at || i + 1 >= x.length) return { value: y0, index: i };
  return { value: y0 + ((y[i + 1]! - y0) * (at - x0)) / (x[i + 1]! - x0), index: i };
}

/**
 * Mean and spread of lines, on an even grid of at most `points` over the range where all of them have values; in between,
 * each is interpolated linearly. The spread is from the smallest to the largest, or mean ± standard deviation (over n − 1).
 */
export function seedBand(lines: readonly Trace[], kind: Comparison['band'], log: boolean, points = limit / 2): Band {
  const band: Band = { x: [], mean: [], low: [], high: [] };
  const from = Math.max(...lines.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY));
  const to = Math.min(...lines.map(({ x }) => x.at(-1) ?? Number.NEGATIVE_INFINITY));
  if (!(from <= to)) return band;
  const within = lines.map(({ x }) => x.filter((at) => at >= from && at <= to).length);
  const count = from === to ? 1 : Math.max(2, Math.min(points, Math.max(...within)));
  const indices = lines.map(() => 0);
  for (let k = 0; k < count; k++) {
    const share = count === 1 ? 0 : k / (count - 1);
    const at = k === count - 1 ? to : log ? from * (to / from) ** share : from + (to - from) * share;
    const values = lines.map((line, i) => {
      const { value, index } = between(line, at, indices[i]!);
      indices[i] = index;
      return value;
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
    band.x.push(at);
    band.mean.push(mean);
    band.low.push(kind === 'std' ? mean - deviation : Math.min(...values));
    band.high.push(kind === 'std' ? mean + deviation : Math.max(...values));
  }
  return band;
}

type View = Pick<Comparison, 'x' | 'smooth' | 'logx' | 'band'>;

/** From where to where the runs reach: of all of them, so that switching one off moves nothing. Null before any has a row. */
export function spanOf(items: readonly Item[], { x, logx }: View): readonly [number, number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const run of items.flatMap(({ runs }) => runs)) {
    const axis = axisOf(run, x, false);
    for (let row = 0; row < run.curve.length; row++) {
      const first = place(run.curve, axis, row);
      if (first <= 0) continue;
      low = Math.min(low, first);
      break;
    }
    if (run.curve.length > 0) high = Math.max(high, place(run.curve, axis, run.curve.length - 1));
  }
  return high > 0 ? [logx ? low : 0, high] : null;
}

/** The lines of a metric, of the items that have it. */
export function drawnOf(items: readonly Item[], metric: string, view: View, reach: readonly [number, number]): Drawn[] {
  const { x, smooth, logx, band } = view;
  const span = logx ? Math.log2(reach[1] / reach[0]) : reach[1];
  // A power of two: while a run trains, the lines of the others stay as they are.
  const width = 2 ** Math.ceil(Math.log2((2 * (span || 1)) / limit));
  return items.flatMap((item): Drawn[] => {
    const having = item.runs.filter(({ curve }) => curve.columns.has(metric));
    const lines = having.map((run) =>
      rememberedTrace(run.curve, metric, smooth, axisOf(run, x, logx), item.runs.length > 1 ? null : width),
    );
    if (lines.length === 0) return [];
    if (item.runs.length === 1) return [{ ...lines[0]!, item, band: null }];
    const around = seedBand(lines, band, logx);
    return [{ x: around.x, y: around.mean, item, band: around }];
  });
}

/** What of the y axis the lines take; on a log axis only what lies above 0. Null where there is nothing to show. */
export function rangeOf(lines: readonly Drawn[], log: boolean): readonly [number, number] | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const look = (values: readonly number[]) => {
    for (const value of values) {
      if (log && value <= 0) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  };
  for (const { y, band } of lines) {
    look(y);
    if (band) look(band.low);
    if (band) look(band.high);
  }
  if (low > high) return null;
  if (low < high) return [low, high];
  return log ? [low / 2, low * 2] : [low - Math.max(0.5, Math.abs(low) / 10), low + Math.max(0.5, Math.abs(low) / 10)];
}

/** Where an axis begins and ends, and how values lie between. */
export type Extent = { readonly low: number; readonly high: number; readonly log: boolean };

/** Where a value lies on an axis: 0 at its low end, 1 at its high end. */
export const shareOf = ({ low, high, log }: Extent, value: number): number =>
  log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

/** The value at a place on an axis. */
export const placeOn = ({ low, high, log }: Extent, share: number): number =>
  log ? low * (high / low) ** share : low + share * (high - low);

/** Ticks of a log axis: powers of ten; with few of them also 2 and 5 times these; within less than that, even ones. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const factors = last - first <= 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil((last - first) / 8));
  const found: number[] = [];
  for (let power = first; power <= last; power += every)
    for (const factor of factors) found.push(Number((factor * 10 ** power).toPrecision(12)));
  const within = found.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  return within.length < 3 ? ticks(low, high, 4) : within;
}

/** The value of a line at x, or nearest before it; NaN where it has none: before its start and after its end. */
export function valueAt({ x, y }: Trace, at: number): number {
  if (x.length === 0 || at < x[0]! || at > x.at(-1)!) return Number.NaN;
  let [low, high] = [0, x.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  const next = Math.min(low + 1, x.length - 1);
  return at - x[low]! <= x[next]! - at ? y[low]! : y[next]!;
}
