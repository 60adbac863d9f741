import type { RunCurve, ScoresAt } from '../../../src/train/record.ts';

/** A float32 in as few digits as give it back; nothing where there is no number. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '';
  for (let precision = 6; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** Comma-separated values after RFC 4180: lines end in CR LF; a field with a comma, a quote or a line break stands in quotes. */
const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`).join('');

/** A curve as CSV: `step,seconds,<metric>…`, one row a step; a field is empty where the step lacks the metric. */
export function curveCsv({ steps, seconds, columns }: RunCurve): string {
  const metrics = Object.entries(columns);
  const rows = Array.from(steps, (step, row) => [
    String(step),
    digits(seconds[row]!),
    ...metrics.map(([, values]) => digits(values[row]!)),
  ]);
  return csv([['step', 'seconds', ...metrics.map(([name]) => name)], ...rows]);
}

/** Scores as CSV: one row a scoring; a field is empty where a scoring lacks the score. */
export function scoresCsv(scores: readonly ScoresAt[]): string {
  const names = [...new Set(scores.flatMap((each) => Object.keys(each.scores)))];
  const rows = scores.map((each) => {
    const values: Readonly<Record<string, number>> = each.scores;
    return [String(each.step), ...names.map((name) => (Number.isFinite(values[name]) ? String(values[name]) : ''))];
  });
  return csv([['step', ...names], ...rows]);
}

/**
 * Points as TensorBoard's embedding projector and its kin read them: one row a point, tab-separated, without a header.
 * `values` holds `columns` numbers a row.
 */
export function vectorsTsv(values: Float32Array, columns: number): string {
  let text = '';
  for (let at = 0; at < values.length; at += columns) text += `${Array.from(values.subarray(at, at + columns), digits).join('\t')}\n`;
  return text;
}

/** What is known of each point, in the same order. As projectors want it, a single column has no header. */
export function metadataTsv(columns: Readonly<Record<string, readonly (string | number)[]>>): string {
  const names = Object.keys(columns);
  const cell = (value: string | number) => String(value).replace(/\s+/g, ' ');
  const count = Math.max(0, ...Object.values(columns).map(({ length }) => length));
  const rows = Array.from({ length: count }, (_, row) => names.map((name) => cell(columns[name]![row] ?? '')));
  return [...(names.length > 1 ? [names.map(cell)] : []), ...rows].map((row) => `${row.join('\t')}\n`).join('');
}
