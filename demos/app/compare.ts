import type { Value } from '../../src/hparams.ts';
import type { RunRecord } from '../../src/train/record.ts';
import { catalogue, settingsOn } from './catalogue.ts';
import { type CompareSearch, mostLines, mostRuns } from './compare-address.ts';
import { words } from './format.ts';
import { groupBy } from './group.ts';
import { differences } from './overlays.ts';
import { changedOf, dataName, methodName, titleOf } from './runs.ts';
import type { Axis, Curve } from './series.ts';
import { runColors } from './theme.ts';

/** A run on the Compare page. */
export type Compared = { readonly record: RunRecord; readonly curve: Curve };

/** What has a line, a column and a letter of its own: a run, or the runs that differ in nothing but their seed. */
export type Item = {
  /** The id of its first run. */
  readonly key: string;
  readonly letter: string;
  readonly label: string;
  readonly color: string;
  readonly runs: readonly Compared[];
};

const { methods, datasets } = catalogue;
const several = (values: readonly unknown[]): boolean => new Set(values).size > 1;
const sorted = (settings: Readonly<Record<string, Value>>) => Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));

/** The same for runs that differ in nothing but their seed, live changes and backend included. */
export const configOf = ({ spec, changes, backend }: RunRecord): string =>
  JSON.stringify([
    spec.method,
    spec.data,
    backend.name,
    sorted(spec.settings),
    changes.map(({ step, settings }) => [step, sorted(settings)]),
  ]);

/** A place in the palette for each run: the one that its reader gave it, else the first that is free. */
export function colorsOf(wishes: readonly (number | null)[]): number[] {
  const size = runColors.length;
  const taken = new Set(wishes.flatMap((wish) => (wish === null ? [] : [wish % size])));
  return wishes.map((wish, i) => {
    if (wish !== null) return wish % size;
    const free = runColors.findIndex((_, place) => !taken.has(place));
    const place = free < 0 ? i % size : free;
    taken.add(place);
    return place;
  });
}

const seedsOf = (runs: readonly Compared[]): number[] => [...new Set(runs.map(({ record }) => record.spec.seed))];

/** How many runs a mean is over, in words: "3 seeds". */
export const countOf = (runs: readonly Compared[]): string => {
  const seeds = seedsOf(runs).length;
  return seeds === runs.length ? `${seeds} seeds` : `${runs.length} runs of ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
};

/** The runs of each line in the order of the address: one run each, or all seeds of one configuration. */
export const groupsOf = (runs: readonly Compared[], grouped: boolean): Compared[][] =>
  groupBy(runs, ({ record }) => (grouped ? configOf(record) : record.id));

/** The way to the Compare page with runs: more than eight with their seeds as one. Null where even so there are more lines than it draws. */
export function searchOf(runs: readonly RunRecord[]): CompareSearch | null {
  const search: CompareSearch = { runs: runs.map(({ id }) => id).join(',') };
  if (runs.length <= mostLines) return search;
  return runs.length <= mostRuns && groupBy(runs, configOf).length <= mostLines ? { ...search, group: 'seeds' } : null;
}

/** The lines of the page: the first eight. */
export function itemsOf(runs: readonly Compared[], grouped: boolean): Item[] {
  const all = groupsOf(runs, grouped).slice(0, mostLines);
  const firsts = all.map((members) => members[0]!.record);
  const colors = colorsOf(firsts.map(({ color }) => color));
  // Other methods and data have other defaults: between them only what was changed by hand says something.
  const mixed = several(firsts.map(({ spec }) => `${spec.method} ${spec.data}`));
  const labels = differences(
    firsts.map((record) => {
      const { spec } = record;
      const changed = changedOf(record);
      const settings = mixed ? changed : spec.settings;
      return {
        spec: { ...spec, data: dataName(spec.data), settings, seed: grouped ? 0 : spec.seed },
        methodName: methodName(spec.method),
        changed,
      };
    }),
  );
  return all.map((members, i) => {
    const { id, name, spec } = firsts[i]!;
    const label = labels[i] || titleOf({ name: null, spec });
    const seeds = members.length > 1 ? ` · ${countOf(members)}` : grouped ? ` · seed ${spec.seed}` : '';
    return {
      key: id,
      letter: String.fromCharCode(65 + i),
      label: (members.length === 1 && name) || `${label}${seeds}`,
      color: runColors[colors[i]!]!,
      runs: members,
    };
  });
}

/** All metrics of the runs: the loss first, the rest as they came. */
export function metricsOf(runs: readonly Compared[]): string[] {
  const names = [...new Set(runs.flatMap(({ curve }) => [...curve.columns.keys()]))];
  return [...names.filter((name) => name === 'loss'), ...names.filter((name) => name !== 'loss')];
}

const batchOf = ({ settings }: RunRecord['spec']): number => (typeof settings.batchSize === 'number' ? settings.batchSize : 1);

/** The x axis of a run: each has its own columns, and its own batch. */
export const axisOf = ({ record }: Compared, x: 'steps' | 'images' | 'seconds', log: boolean): Axis => ({
  column: x === 'seconds' ? 'seconds' : 'steps',
  factor: x === 'images' ? batchOf(record.spec) : 1,
  log,
});

/** The name of the x axis; some data have points or sets of them where others have images. */
export function axisName(runs: readonly Compared[], x: 'steps' | 'images' | 'seconds'): string {
  if (x !== 'images') return x === 'steps' ? 'step' : 'seconds of training';
  const kinds = runs.map(({ record: { spec } }) => (Object.hasOwn(datasets, spec.data) ? datasets[spec.data]!.kind : 'images'));
  const rows = new Set(kinds.map((kind) => (kind === 'simulated' ? 'images' : kind === 'volumes' ? 'slices' : kind)));
  return `${[...rows].sort().join(' or ')} seen`;
}

/** The unit of a metric where all runs that have it agree, and a word of warning where their values cannot be compared. */
export function measureOf(metric: string, runs: readonly Compared[]): { readonly unit: string | null; readonly warning: string | null } {
  const specs = runs.filter(({ curve }) => curve.columns.has(metric)).map(({ record }) => record.spec);
  const info = (id: string) => (Object.hasOwn(methods, id) ? methods[id] : undefined);
  const units = specs.map(({ method }) => info(method)?.units?.[metric] ?? null);
  const unit = several(units) ? null : (units[0] ?? null);
  const because = (reason: string) => ({ unit, warning: `${reason}: compare their shapes, not their heights.` });
  if (metric === 'loss' && several(specs.map(({ method }) => method))) return because('Different methods have different losses');
  if (several(units)) return because(`Measured in different units (${[...new Set(units.map((each) => each ?? 'none'))].join(', ')})`);
  if (metric !== 'loss') return { unit, warning: null };
  if (several(specs.map(({ data }) => data))) return because('Losses on different data');
  // A flow's loss is its negative log-likelihood, whatever its layers: it is comparable.
  const isFlow = ({ method }: RunRecord['spec']) => ['logProb', 'inverse'].every((each) => info(method)?.capabilities.includes(each));
  if (specs.every(isFlow)) return { unit, warning: null };
  const own = specs.flatMap(({ method, data }) => {
    const known = info(method);
    const groups = known && settingsOn(known, data);
    return (groups ?? []).filter(({ group }) => group === 'method').flatMap(({ specs: all }) => Object.keys(all));
  });
  const changed = [...new Set(own)].filter((key) => several(specs.map(({ settings }) => settings[key])));
  return changed.length === 0 ? { unit, warning: null } : because(`The loss may depend on what differs (${changed.map(words).join(', ')})`);
}
