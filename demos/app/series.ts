import type { RunCurve } from '../../src/train/record.ts';

/** A training curve: one row a step, with the seconds of training until then, one column a metric; grows in place. A metric absent at a step is NaN. */
export type Curve = {
  length: number;
  steps: Int32Array;
  seconds: Float32Array;
  readonly columns: Map<string, Float32Array>;
};

export const emptyCurve = (): Curve => ({ length: 0, steps: new Int32Array(1024), seconds: new Float32Array(1024), columns: new Map() });

type Rows = {
  readonly step: readonly number[];
  readonly seconds: readonly number[];
  readonly metrics: Readonly<Record<string, readonly number[]>>;
};

/** Adds rows; capacity doubles, so that a million rows cost a million writes. */
export function append(curve: Curve, { step: steps, seconds, metrics }: Rows): void {
  const from = curve.length;
  const length = from + steps.length;
  if (length > curve.steps.length) {
    const capacity = Math.max(length, 2 * curve.steps.length);
    curve.steps = grown(curve.steps, new Int32Array(capacity));
    curve.seconds = grown(curve.seconds, new Float32Array(capacity));
    for (const [name, column] of curve.columns) curve.columns.set(name, grown(column, new Float32Array(capacity).fill(Number.NaN)));
  }
  curve.steps.set(steps, from);
  curve.seconds.set(seconds, from);
  for (const [name, values] of Object.entries(metrics)) {
    let column = curve.columns.get(name);
    column ??= new Float32Array(curve.steps.length).fill(Number.NaN);
    curve.columns.set(name, column);
    column.set(values, from);
  }
  curve.length = length;
}

function grown<A extends Int32Array | Float32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** A copy without the rows after `step`: where a run resumes from a checkpoint. */
export function upTo(curve: Curve, step: number): Curve {
  let length = curve.length;
  while (length > 0 && curve.steps[length - 1]! > step) length--;
  const columns = [...curve.columns].map(([name, column]) => [name, column.slice(0, length)] as const);
  return { length, steps: curve.steps.slice(0, length), seconds: curve.seconds.slice(0, length), columns: new Map(columns) };
}

/** The curve as it is kept, without the room to grow: copies. */
export function toRunCurve(curve: Curve): RunCurve {
  const { steps, seconds, columns } = upTo(curve, Number.POSITIVE_INFINITY);
  return { steps, seconds, columns: Object.fromEntries(columns) };
}

/** A kept curve, ready to grow on: copies. */
export const fromRunCurve = ({ steps, seconds, columns }: RunCurve): Curve =>
  upTo({ length: steps.length, steps, seconds, columns: new Map(Object.entries(columns)) }, Number.POSITIVE_INFINITY);

export const lastStep = (curve: Curve): number => (curve.length > 0 ? curve.steps[curve.length - 1]! : 0);

/** The last value of a metric that is a number, or NaN. */
export function lastValue(curve: Curve, metric: string): number {
  const column = curve.columns.get(metric);
  for (let i = curve.length - 1; column && i >= 0; i--) if (!Number.isNaN(column[i]!)) return column[i]!;
  return Number.NaN;
}

/** At most `limit` points are drawn of a curve that reaches `last`: two for every `width` steps (one where width is 1). */
export function bucketWidth(last: number, limit: number): number {
  if (last < limit) return 1;
  let width = 2;
  while (2 * (Math.floor(last / width) + 1) > limit) width *= 2;
  return width;
}

/** An exponential moving average with decay `decay` (0 = none), corrected for its start as Adam does. */
export function averaging(decay: number): (value: number) => number {
  let average = 0;
  let weight = 0;
  return (value) => {
    average = decay * average + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return average / weight;
  };
}

/**
 * Tells of each bucket of `width` along `at` the smallest and the largest value of a smoothed metric, in the order in which they
 * came (one value where they are the same row), so that peaks survive.
 */
function extremes(
  curve: Curve,
  metric: string,
  smoothing: number,
  width: number,
  at: (row: number) => number,
  tell: (value: number, row: number, bucket: number, second: boolean) => void,
): void {
  const column = curve.columns.get(metric);
  if (!column) return;
  const smoothed = averaging(smoothing);
  let bucket = Number.NaN;
  let low = 0;
  let high = 0;
  let lowAt = 0;
  let highAt = 0;
  const flush = () => {
    if (Number.isNaN(bucket)) return;
    const lowFirst = lowAt <= highAt;
    tell(lowFirst ? low : high, Math.min(lowAt, highAt), bucket, false);
    if (lowAt !== highAt) tell(lowFirst ? high : low, Math.max(lowAt, highAt), bucket, true);
  };
  for (let i = 0; i < curve.length; i++) {
    const raw = column[i]!;
    const here = Math.floor(at(i) / width);
    if (Number.isNaN(raw) || !Number.isFinite(here)) continue;
    const value = smoothed(raw);
    if (here !== bucket) {
      flush();
      bucket = here;
      low = high = value;
      lowAt = highAt = i;
    } else if (value < low) {
      low = value;
      lowAt = i;
    } else if (value > high) {
      high = value;
      highAt = i;
    }
  }
  flush();
}

/**
 * A metric, smoothed, over buckets of `width` steps: slots 2b and 2b + 1 hold the bucket's smallest and largest value in the order
 * in which they came; NaN where there is none.
 */
export function envelope(curve: Curve, metric: string, smoothing: number, width: number): Float64Array {
  const slots = new Float64Array(2 * (Math.floor(lastStep(curve) / width) + 1)).fill(Number.NaN);
  const at = (row: number) => curve.steps[row]!;
  extremes(curve, metric, smoothing, width, at, (value, _, bucket, second) => {
    slots[2 * bucket + Number(second)] = value;
  });
  return slots;
}

/** What is measured along the x axis: a column of the curve, times a factor (images a step), on a linear or a log scale. */
export type Axis = { readonly column: 'steps' | 'seconds'; readonly factor: number; readonly log: boolean };

/** Where a row lies on an axis; −∞ on a log axis for 0. */
export const place = (curve: Curve, { column, factor, log }: Axis, row: number): number =>
  log ? Math.log2(curve[column][row]! * factor) : curve[column][row]! * factor;

/** Points of a line, in order of x. */
export type Trace = { readonly x: readonly number[]; readonly y: readonly number[] };

/** A metric, smoothed, as a line over any axis, with every row that has it. */
export function trace(curve: Curve, metric: string, smoothing: number, axis: Axis): Trace {
  const column = curve.columns.get(metric);
  const line = { x: [] as number[], y: [] as number[] };
  if (!column) return line;
  const smoothed = averaging(smoothing);
  for (let i = 0; i < curve.length; i++)
    if (!Number.isNaN(column[i]!) && Number.isFinite(place(curve, axis, i))) push(line, curve, axis, i, smoothed(column[i]!));
  return line;
}

/** The same line for the eye: of each bucket of `width` (on a log axis: of doublings) its smallest and its largest value, each at its place. */
export function thinTrace(curve: Curve, metric: string, smoothing: number, axis: Axis, width: number): Trace {
  const line = { x: [] as number[], y: [] as number[] };
  const at = (row: number) => place(curve, axis, row);
  extremes(curve, metric, smoothing, width, at, (value, row) => push(line, curve, axis, row, value));
  return line;
}

function push(line: { x: number[]; y: number[] }, curve: Curve, axis: Axis, row: number, value: number): void {
  if (!Number.isFinite(value)) return;
  line.x.push(curve[axis.column][row]! * axis.factor);
  line.y.push(value);
}

/** Makes something of a curve, and remembers it until the curve grows: kept runs are drawn again and again. */
export function remembered<T>(curve: Curve, key: string, make: () => T): T {
  const known = memory.get(curve);
  if (known?.length === curve.length && known.made.has(key)) return known.made.get(key) as T;
  const made = make();
  const fresh = known?.length === curve.length && known.made.size < 32 ? known : { length: curve.length, made: new Map() };
  fresh.made.set(key, made);
  memory.set(curve, fresh);
  return made;
}
const memory = new WeakMap<Curve, { readonly length: number; readonly made: Map<string, unknown> }>();

export const rememberedEnvelope = (curve: Curve, metric: string, smoothing: number, width: number): Float64Array =>
  remembered(curve, `${metric} ${smoothing} ${width}`, () => envelope(curve, metric, smoothing, width));

/** `thinTrace`, or with no `width` the whole `trace`. */
export const rememberedTrace = (curve: Curve, metric: string, smoothing: number, axis: Axis, width: number | null): Trace =>
  remembered(curve, `${metric} ${smoothing} ${width} ${axis.column} ${axis.factor} ${axis.log}`, () =>
    width === null ? trace(curve, metric, smoothing, axis) : thinTrace(curve, metric, smoothing, axis, width),
  );

export type Row = { readonly step: number; readonly [run: string]: number };

/** The last step of the longest of the curves. */
export const endOf = (curves: readonly { readonly curve: Curve }[]): number => Math.max(0, ...curves.map(({ curve }) => lastStep(curve)));

/**
 * Rows for a chart that reaches to a step, the last of its curves or another: one column a run, on common steps; with `positive`, values that a
 * log axis cannot show are left out.
 */
export function rows(
  curves: readonly { id: string; curve: Curve }[],
  metric: string,
  smoothing: number,
  limit: number,
  positive: boolean,
  reach = endOf(curves),
): Row[] {
  const width = bucketWidth(reach, limit);
  const series = curves.map(({ id, curve }) => ({ id, slots: rememberedEnvelope(curve, metric, smoothing, width) }));
  const count = Math.max(0, ...series.map(({ slots }) => slots.length));
  // No axis goes on to half a bucket after the end.
  const last = endOf(curves);
  const found: Row[] = [];
  for (let slot = 0; slot < count; slot++) {
    const row: Record<string, number> = {};
    let any = false;
    for (const { id, slots } of series) {
      const value = slots[slot];
      if (value === undefined || !Number.isFinite(value) || (positive && value <= 0)) continue;
      row[id] = value;
      any = true;
    }
    if (any) found.push({ ...row, step: Math.min(last, Math.floor(slot / 2) * width + (slot % 2) * (width / 2)) });
  }
  return found;
}
