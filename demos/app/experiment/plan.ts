import { fromText, type Value } from '../../../src/hparams.ts';
import { unknown } from '../../../src/nearest.ts';
import type { RunSpec } from '../../../src/train/record.ts';
import { acceptedData, type Catalogue } from '../catalogue.ts';
import { mostLines } from '../compare-address.ts';
import { words } from '../format.ts';
import { groupBy } from '../group.ts';
import { type Plan, readSearch, type Search } from '../search.ts';
import type { Budget } from './record.ts';

/** More runs than this are no experiment of an afternoon. */
export const cellLimit = 64;

/** What an experiment varies. */
export type Factors = {
  readonly methods: readonly string[];
  readonly data: readonly string[];
  readonly vary: readonly { readonly setting: string; readonly values: readonly Value[] }[];
  /** `all`: every combination of the values; `one`: the defaults, and beside them each value on its own. */
  readonly combine: 'all' | 'one';
  readonly seeds: readonly number[];
  readonly budget: Budget;
};

/** Where in the form something is wrong, and what. */
export type Trouble = { readonly field: 'methods' | 'data' | 'vary' | 'seeds' | 'budget'; readonly message: string };

export type Planned = { readonly plans: readonly Plan[]; readonly troubles: readonly Trouble[] };

/** The settings of each configuration: {} are the defaults. */
export function variants({ vary, combine }: Pick<Factors, 'vary' | 'combine'>): Search[] {
  if (combine === 'one') return [{}, ...vary.flatMap(({ setting, values }) => values.map((value) => ({ [setting]: value })))];
  return vary.reduce<Search[]>(
    (all, { setting, values }) => all.flatMap((one) => values.map((value) => ({ ...one, [setting]: value }))),
    [{}],
  );
}

/** Steps of a budget: images give fewer steps to larger batches; null where only the clock can tell. */
export const stepsOf = ({ kind, amount }: Budget, batchSize: number): number | null =>
  kind === 'seconds' ? null : kind === 'images' ? Math.max(1, Math.round(amount / batchSize)) : amount;

/** All runs of an experiment, in the order in which they train: seed by seed, so that a first answer is there early. Complete only without troubles. */
export function planCells({ methods, datasets }: Catalogue, factors: Factors): Planned {
  const troubles: Trouble[] = [];
  const wrong = (field: Trouble['field'], message: string) => {
    if (!troubles.some((each) => each.field === field && each.message === message)) troubles.push({ field, message });
  };
  const { budget, vary, seeds } = factors;
  const known = <T>(field: 'methods' | 'data', all: Readonly<Record<string, T>>): T[] =>
    factors[field].flatMap((id) => {
      if (Object.hasOwn(all, id)) return [all[id]!];
      wrong(field, unknown(field === 'data' ? 'data set' : 'method', id, Object.keys(all)));
      return [];
    });
  const chosen = known('methods', methods);
  const sets = known('data', datasets);
  if (factors.methods.length === 0) wrong('methods', 'Choose at least one method');
  if (factors.data.length === 0) wrong('data', 'Choose at least one data set');
  if (seeds.length === 0) wrong('seeds', 'Give at least one seed');
  if (!(budget.amount > 0)) wrong('budget', `A budget must be a positive number of ${budget.kind}`);
  for (const { setting, values } of vary) {
    if (values.length === 0) wrong('vary', `Give at least one value of ${setting}`);
    if (setting === 'steps') wrong('vary', 'steps follows from the budget, which all runs share; it cannot be varied');
    if (vary.filter((other) => other.setting === setting).length > 1)
      wrong('vary', `${setting} is listed twice; put its values on one line`);
  }
  const configurations = variants(factors);
  const count = chosen.length * sets.length * configurations.length * seeds.length;
  if (count > cellLimit)
    wrong('vary', `${count} runs are more than an experiment holds (${cellLimit}): take fewer values, seeds or methods`);
  if (troubles.length > 0) return { plans: [], troubles };

  const plans: Plan[] = [];
  for (const seed of seeds)
    for (const set of sets)
      for (const method of chosen) {
        if (!acceptedData(method).includes(set.id)) {
          wrong('data', `${method.name} does not train on ${set.name}`);
          continue;
        }
        for (const variant of configurations) {
          const read = (search: Search) => readSearch(method, datasets, { ...search, data: set.id, seed });
          const first = read(variant);
          const problem = (text: string) => text.replace(/; (it is left out|.* is used instead)$/, '');
          const steps = stepsOf(budget, Number(first.spec.settings.batchSize ?? 1));
          const plan = steps === null ? first : read({ ...variant, steps });
          for (const text of first.problems) wrong(text.startsWith('seed ') ? 'seeds' : 'vary', problem(text));
          for (const text of plan.problems.slice(first.problems.length)) wrong('budget', `With this budget ${problem(text)}`);
          plans.push(plan);
        }
      }
  return { plans, troubles };
}

/** Values as they are typed in: "0.1, 0.2", "on, off". */
export const readValues = (text: string): Value[] =>
  text
    .split(/[,;\s]+/)
    .filter((part) => part !== '')
    .map((part) => (part === 'on' ? true : part === 'off' ? false : fromText(part)));

export const showValue = (value: Value): string => (value === true ? 'on' : value === false ? 'off' : String(value));

/** A name for an experiment that was given none: "SimCLR, BYOL · temperature, seed". */
export function nameOf({ methods }: Catalogue, { methods: chosen, data, vary, seeds }: Factors): string {
  const names = chosen.map((id) => methods[id]?.name ?? id).join(', ');
  const varied = [
    ...(data.length > 1 ? ['data'] : []),
    ...vary.map(({ setting }) => words(setting)),
    ...(seeds.length > 1 ? ['seeds'] : []),
  ];
  return varied.length > 0 ? `${names}: ${varied.join(', ')}` : names;
}

/** Names a configuration: the same for all its seeds. */
export const configurationOf = ({ method, data, settings }: RunSpec): string =>
  JSON.stringify([method, data, Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Runs by configuration, in the order of their first. */
export const byConfiguration = <T>(all: readonly T[], specOf: (each: T) => RunSpec): T[][] =>
  groupBy(all, (each) => configurationOf(specOf(each)));

/** At most `limit` of them, evenly spread, the first and the last among them. */
export const spread = <T>(all: readonly T[], limit = mostLines): T[] =>
  all.length <= limit ? [...all] : Array.from({ length: limit }, (_, i) => all[Math.round((i * (all.length - 1)) / (limit - 1))]!);
