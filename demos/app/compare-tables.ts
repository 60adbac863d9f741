import type { Value } from '../../src/hparams.ts';
import type { Item } from './compare.ts';
import { duration, integer, words } from './format.ts';
import { dataName, methodName } from './runs.ts';
import type { ScoreInfo } from './scores.ts';
import { backendNames } from './search.ts';

/** One item's cell; `best` in its row. */
export type Cell = { readonly text: string; readonly best: boolean };
export type TableRow = {
  readonly name: string;
  /** The name of the row above that this one is to be compared with. */
  readonly of?: string;
  readonly cells: readonly Cell[];
};

const none = '–';
const cell = (text: string): Cell => ({ text, best: false });

/** What the runs of an item have, each once: "0, 1, 2". */
const joined = (texts: readonly string[]): Cell =>
  cell([...new Set(texts)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(', '));
const say = (value: Value | undefined): string =>
  value === undefined ? none : typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value).replace(/^-/, '−');
const varies = ({ cells }: TableRow): boolean => new Set(cells.map(({ text }) => text)).size > 1;

/** The configuration, as far as the items differ in it: a row each setting, a cell each item. */
export function differenceRows(items: readonly Item[]): TableRow[] {
  const keys = [...new Set(items.flatMap(({ runs }) => runs.flatMap(({ record }) => Object.keys(record.spec.settings))))];
  const row = (name: string, of: (record: Item['runs'][number]['record']) => string): TableRow => ({
    name,
    cells: items.map(({ runs }) => joined(runs.map(({ record }) => of(record)))),
  });
  return [
    row('method', ({ spec }) => methodName(spec.method)),
    row('data', ({ spec }) => dataName(spec.data)),
    row('seed', ({ spec }) => String(spec.seed)),
    row('backend', ({ backend: { name, threads } }) => backendNames[name] + (threads > 1 ? `, ${threads} threads` : '')),
    ...keys.map((key) => row(words(key), ({ spec }) => say(spec.settings[key]))),
    row('changed under way', ({ changes }) =>
      changes.length === 0
        ? none
        : changes
            .flatMap(({ step, settings }) =>
              Object.entries(settings).map(([key, value]) => `${words(key)} ${say(value)} after step ${integer(step)}`),
            )
            .join('; '),
    ),
    row('version of the lab', ({ versions }) => versions.lab),
  ].filter(varies);
}

/** Mean and standard deviation (over n − 1; null of one value). */
function summary(values: readonly number[]): { readonly mean: number; readonly deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

/** "91.2 % ± 0.4 %"; how many of the runs have the score is said where it is not all. */
function saySummary(values: readonly number[], of: number, format: (value: number) => string): string {
  if (values.length === 0) return none;
  const { mean, deviation } = summary(values);
  // What is the same for all seeds (the entropy of the data) has nothing to spread.
  const text = deviation === null || values.every((value) => value === values[0]) ? format(mean) : `${format(mean)} ± ${format(deviation)}`;
  return values.length < of ? `${text} (${values.length} of ${of})` : text;
}

/** Which of the means are the best; none where only one has a value, or all have the same. */
export function bestOf(means: readonly (number | null)[], better: ScoreInfo['better']): boolean[] {
  const known = means.filter((mean) => mean !== null && Number.isFinite(mean)) as number[];
  if (better === null || known.length < 2 || Math.min(...known) === Math.max(...known)) return means.map(() => false);
  const best = better === 'higher' ? Math.max(...known) : Math.min(...known);
  return means.map((mean) => mean === best);
}

/**
 * The last scores of the runs: those that any has, each followed by what it is to be compared with. The best is marked where all
 * are of the same data.
 */
export function scoreRows(items: readonly Item[], infos: readonly ScoreInfo[]): (TableRow & { readonly info: ScoreInfo })[] {
  const comparable = new Set(items.flatMap(({ runs }) => runs.map(({ record }) => record.spec.data))).size === 1;
  return infos.flatMap((info) => {
    const valuesOf = (key: ScoreInfo['key']) =>
      items.map(({ runs }) =>
        runs.flatMap(({ record }) => record.scores.at(-1)?.scores[key] ?? []).filter((value) => Number.isFinite(value)),
      );
    const say = (all: readonly number[][], format: ScoreInfo['format'], best: readonly boolean[] = []) =>
      all.map((each, i) => ({ text: saySummary(each, items[i]!.runs.length, format), best: best[i] ?? false }));
    const values = valuesOf(info.key);
    if (values.every((each) => each.length === 0)) return [];
    const means = values.map((each) => (each.length === 0 ? null : summary(each).mean));
    const best = bestOf(means, comparable ? info.better : null);
    const beside = (info.beside ?? []).flatMap(({ key, name, format = info.format }) => {
      const others = valuesOf(key);
      return others.some((each) => each.length > 0) ? [{ name, of: info.name, cells: say(others, format), info }] : [];
    });
    return [{ name: info.name, cells: say(values, info.format, best), info }, ...beside];
  });
}

/** What the runs took, and when their scores were taken. */
export function costRows(items: readonly Item[]): TableRow[] {
  const row = (name: string, of: (runs: Item['runs']) => Cell): TableRow => ({ name, cells: items.map(({ runs }) => of(runs)) });
  const each = (name: string, of: (record: Item['runs'][number]['record']) => string) =>
    row(name, (runs) => joined(runs.map(({ record }) => of(record))));
  return [
    each('status', ({ status }) => status),
    each('steps', ({ step }) => integer(step)),
    row('training time', (runs) =>
      cell(
        saySummary(
          runs.map(({ record }) => record.seconds),
          runs.length,
          duration,
        ),
      ),
    ),
    each('backend', ({ backend }) => backendNames[backend.name]),
    each('parameters', ({ parameters }) => integer(parameters)),
    each('scores taken after step', ({ scores }) => (scores.length > 0 ? integer(scores.at(-1)!.step) : none)),
  ];
}

/** A table as tab-separated text, for a spreadsheet. */
export const toTsv = (columns: readonly string[], rows: readonly TableRow[]): string =>
  [['', ...columns], ...rows.map(({ name, of, cells }) => [of ? `${of}: ${name}` : name, ...cells.map(({ text }) => text)])]
    .map((line) => line.map((text) => text.replace(/[\t\n]/g, ' ')).join('\t'))
    .join('\n');
