import type { KeptRun, RunCurve } from './record.ts';

/** Two values of one metric at one step; `relative` is |kept − found| over the larger of their sizes. */
export type Deviation = {
  readonly step: number;
  readonly metric: string;
  readonly kept: number;
  readonly found: number;
  readonly relative: number;
};

/** How far two curves are one, over the rows of which both have the step. */
export type Agreement = {
  /** Rows compared. */
  readonly steps: number;
  /** The earliest value that is not the same to the bit (a NaN is a NaN). */
  readonly first: Deviation | null;
  /** The earliest value among the losses of the first `firstSteps` steps that differs by more than `firstTolerance`. */
  readonly early: Deviation | null;
  readonly largest: Deviation | null;
};

/** Another device rounds otherwise, and training amplifies it: only the first losses must agree, so closely (tests/page/gpu.test.ts). */
const firstSteps = 5;
const firstTolerance = 1e-3;

/**
 * Compares a kept curve with rows of its replay. A value that only the kept curve has differs; metrics and rows that only the
 * replay has are left out, for a newer lab may measure more.
 */
export function compareCurves(kept: RunCurve, found: RunCurve): Agreement {
  let steps = 0;
  const off: Deviation[] = [];
  found.steps.forEach((step, row) => {
    const at = kept.steps.indexOf(step);
    if (at < 0) return;
    steps++;
    for (const [metric, column] of Object.entries(kept.columns)) {
      const [a, b] = [column[at]!, found.columns[metric]?.[row] ?? Number.NaN];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
      const gap = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
      off.push({ step, metric, kept: a, found: b, relative: Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap });
    }
  });
  const early = off.find(({ step, metric, relative }) => metric === 'loss' && step <= firstSteps && relative > firstTolerance);
  return { steps, first: off[0] ?? null, early: early ?? null, largest: off.reduce(larger, null) };
}

const larger = (a: Deviation | null, b: Deviation | null) => ((b?.relative ?? -1) > (a?.relative ?? -1) ? b : a);

/** What holds of two stretches of a curve, the earlier one first. */
export const together = (a: Agreement, b: Agreement): Agreement => ({
  steps: a.steps + b.steps,
  first: a.first ?? b.first,
  early: a.early ?? b.early,
  largest: larger(a.largest, b.largest),
});

/** What a replay shows of a kept run. */
export type Verdict = Agreement & {
  /** `same`: equal to the bit. `close`: as near as another device can be. `different`: not the same run. `open`: too little was compared. */
  readonly outcome: 'same' | 'close' | 'different' | 'open';
  /** The outcome in words: what was compared, with what, and where it first differs. */
  readonly words: string;
};

const number = (value: number) => (Number.isNaN(value) ? 'none' : String(Number(value.toPrecision(6))));

/**
 * The verdict on a run that was replayed on `backend`. On the same backend every bit must come again where the processor computes
 * (wasm, cpu), whose arithmetic is the same everywhere; graphics cards round each in their own way, so there, and on another
 * backend, the first losses decide.
 */
export function judge({ record, curve }: KeptRun, agreement: Agreement, backend: { readonly name: string }, lab: string): Verdict {
  const { steps, first, early, largest } = agreement;
  const exact = backend.name === record.backend.name && (backend.name === 'wasm' || backend.name === 'cpu');
  const outcome = steps === 0 ? 'open' : !first ? 'same' : exact || early ? 'different' : 'close';
  const told = early && !exact ? early : first;
  const device =
    backend.name === record.backend.name ? `on ${backend.name}, as then` : `on ${backend.name} instead of ${record.backend.name}`;
  const compared = `${steps} of ${curve.steps.length} steps were trained again ${device}`;
  const where =
    told && `The first difference is at step ${told.step}: ${told.metric} was ${number(told.kept)} and is now ${number(told.found)}.`;
  const sentences = {
    open: `No step was compared${curve.steps.length === 0 ? ': the run has no curve' : ''}.`,
    same: `The run is what it says: ${compared}, and every value is the same to the bit.`,
    close: `The run agrees as far as can be told: ${compared}, and the first ${Math.min(firstSteps, steps)} losses are within ${100 * firstTolerance} % of the kept ones. Devices round differently, and training amplifies that: later values may drift apart. ${where}`,
    different: `The run is not what it says, or this lab computes it otherwise: ${compared}. ${where}`,
  };
  const notes = [
    largest && `The largest difference is ${number(100 * largest.relative)} % of ${largest.metric}, at step ${largest.step}.`,
    outcome === 'different' && record.versions.lab !== lab && `It was made by version ${record.versions.lab} of the lab; this is ${lab}.`,
  ].filter(Boolean);
  return { ...agreement, outcome, words: [sentences[outcome], ...notes].join(' ').replace('Infinity %', 'a whole value') };
}
