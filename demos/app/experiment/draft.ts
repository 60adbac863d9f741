import type { OwnInfo } from '../../../src/data/own/store.ts';
import { acceptedData, type Catalogue, settingsOn } from '../catalogue.ts';
import { tooSmall } from './own.ts';
import { type Factors, nameOf, type Planned, planCells, readValues, showValue } from './plan.ts';
import type { Budget } from './record.ts';

/** A form for an experiment, as it is typed in. */
export type Draft = {
  readonly name: string;
  readonly methods: readonly string[];
  readonly data: readonly string[];
  readonly vary: readonly { readonly setting: string; readonly values: string }[];
  readonly combine: Factors['combine'];
  readonly seeds: string;
  readonly budget: Budget;
  readonly preset: string | null;
};

export const emptyDraft: Draft = {
  name: '',
  methods: ['simclr'],
  data: ['mnist'],
  vary: [{ setting: 'learningRate', values: '0.001, 0.003, 0.01' }],
  combine: 'all',
  seeds: '0, 1',
  budget: { kind: 'steps', amount: 300 },
  preset: null,
};

/** The form of a ready-made experiment, to be changed. */
export const draftOf = ({ name, vary, seeds, ...rest }: Factors & { readonly name: string; readonly id: string }): Draft => ({
  name,
  methods: rest.methods,
  data: rest.data,
  vary: vary.map(({ setting, values }) => ({ setting, values: values.map(showValue).join(', ') })),
  combine: rest.combine,
  seeds: seeds.join(', '),
  budget: rest.budget,
  preset: rest.id,
});

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

/** What the form says so far; values given twice count once. What is no number is left for the plan to name. */
export const factorsOf = ({ methods, data, vary, combine, seeds, budget }: Draft): Factors => ({
  methods,
  data,
  combine,
  budget,
  vary: vary.map(({ setting, values }) => ({ setting, values: unique(readValues(values)) })),
  seeds: unique(readValues(seeds)) as number[],
});

/** The runs of a form, and what is wrong with it; `own` are the reader's own sets. */
export const planOfDraft = (catalogue: Catalogue, draft: Draft, own: readonly OwnInfo[] = []): Planned & { readonly name: string } => {
  const factors = factorsOf(draft);
  const { plans, troubles } = planCells(catalogue, factors);
  const small = tooSmall(
    plans.map(({ spec }) => spec),
    own,
  );
  return { plans, troubles: [...troubles, ...small], name: draft.name.trim() || nameOf(catalogue, factors) };
};

/** Data that at least one of the methods accepts; all, while none is chosen. */
export const offeredData = ({ methods, datasets }: Catalogue, chosen: readonly string[]): string[] => {
  const accepted = new Set(chosen.flatMap((id) => (methods[id] ? acceptedData(methods[id]) : [])));
  return Object.keys(datasets).filter((id) => accepted.size === 0 || accepted.has(id));
};

/** Settings that all chosen methods have on all chosen data that they accept: any other would be refused. */
export const offeredSettings = ({ methods }: Catalogue, { methods: chosen, data }: Pick<Draft, 'methods' | 'data'>): string[] => {
  const each = chosen.flatMap((id) =>
    data.flatMap((set) => {
      const groups = methods[id] && settingsOn(methods[id], set);
      return groups ? [groups.flatMap(({ specs }) => Object.keys(specs))] : [];
    }),
  );
  return (each[0] ?? []).filter((key) => key !== 'steps' && each.every((keys) => keys.includes(key)));
};
