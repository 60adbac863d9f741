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

/**
 * A metric over buckets of `width` steps: slots 2b and 2b + 1 hold the bucket's smallest and largest value in the order
 * in which they came, so peaks survive; NaN where there is none. Values are first smoothed by an exponential moving
 * average with decay `smoothing` (0 = none), corrected for its start as Adam does.
 */
export function envelope(curve: Curve, metric: string, smoothing: number, width: number): Float64Array {
  const column = curve.columns.get(metric);
  const slots = new Float64Array(2 * (Math.floor(lastStep(curve) / width) + 1)).fill(Number.NaN);
  if (!column) return slots;
  let average = 0;
  let weight = 0;
  let bucket = -1;
  let low = 0;
  let high = 0;
  let lowAt = 0;
  let highAt = 0;
  const flush = () => {
    if (bucket < 0) return;
    slots[2 * bucket] = lowAt <= highAt ? low : high;
    if (lowAt !== highAt) slots[2 * bucket + 1] = lowAt <= highAt ? high : low;
  };
  for (let i = 0; i < curve.length; i++) {
    const raw = column[i]!;
    if (Number.isNaN(raw)) continue;
    average = smoothing * average + (1 - smoothing) * raw;
    weight = smoothing * weight + (1 - smoothing);
    const value = average / weight;
    const at = Math.floor(curve.steps[i]! / width);
    if (at !== bucket) {
      flush();
      bucket = at;
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
  return slots;
}

/** Like `envelope`, remembered until the curve grows: kept runs are drawn again and again. */
export function rememberedEnvelope(curve: Curve, metric: string, smoothing: number, width: number): Float64Array {
  const key = `${metric} ${smoothing} ${width}`;
  const known = memory.get(curve);
  const hit = known?.length === curve.length ? known.slots.get(key) : undefined;
  if (hit) return hit;
  const slots = envelope(curve, metric, smoothing, width);
  const fresh = known?.length === curve.length && known.slots.size < 32 ? known : { length: curve.length, slots: new Map() };
  fresh.slots.set(key, slots);
  memory.set(curve, fresh);
  return slots;
}
const memory = new WeakMap<Curve, { readonly length: number; readonly slots: Map<string, Float64Array> }>();

export type Row = { readonly step: number; readonly [run: string]: number };

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
  reach = Math.max(0, ...curves.map(({ curve }) => lastStep(curve))),
): Row[] {
  const width = bucketWidth(reach, limit);
  const series = curves.map(({ id, curve }) => ({ id, slots: rememberedEnvelope(curve, metric, smoothing, width) }));
  const count = Math.max(0, ...series.map(({ slots }) => slots.length));
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
    if (any) found.push({ ...row, step: Math.floor(slot / 2) * width + (slot % 2) * (width / 2) });
  }
  return found;
}
