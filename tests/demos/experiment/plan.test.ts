import { afterEach, describe, expect, it } from 'vitest';
import { acceptedData, catalogue, declareOwn, loadMethods } from '../../../demos/app/catalogue.ts';
import { emptyDraft, offeredData, planOfDraft } from '../../../demos/app/experiment/draft.ts';
import { dataNameIn, namesOfOwn } from '../../../demos/app/experiment/own.ts';
import {
  byConfiguration,
  cellLimit,
  type Factors,
  nameOf,
  planCells,
  readValues,
  showValue,
  spread,
  stepsOf,
  variants,
} from '../../../demos/app/experiment/plan.ts';
import { presets } from '../../../demos/app/experiment/presets.ts';
import { type Cell, experimentOf, readExperiment } from '../../../demos/app/experiment/record.ts';
import { estimatesOf, remaining, secondsOf, workOfSpec } from '../../../demos/app/experiment/time.ts';
import { readSearch, toSearch } from '../../../demos/app/search.ts';
import type { Speeds } from '../../../demos/app/speeds.ts';
import type { OwnInfo } from '../../../src/data/own/store.ts';

await loadMethods();

const base: Factors = {
  methods: ['simclr'],
  data: ['mnist'],
  vary: [],
  combine: 'all',
  seeds: [0],
  budget: { kind: 'steps', amount: 300 },
};
const plan = (change: Partial<Factors>) => planCells(catalogue, { ...base, ...change });
const troubles = (change: Partial<Factors>) => plan(change).troubles.map(({ field, message }) => `${field}: ${message}`);
const specs = (change: Partial<Factors>) => plan(change).plans.map(({ spec }) => spec);

describe('the plan of an experiment', () => {
  it('is every method on every data set with every value and seed, seed by seed', () => {
    const all = specs({ methods: ['simclr', 'byol'], vary: [{ setting: 'batchSize', values: [32, 64] }], seeds: [3, 5] });
    expect(all.map(({ method, seed, settings }) => [seed, method, settings.batchSize])).toEqual(
      [3, 5].flatMap((seed) => ['simclr', 'byol'].flatMap((method) => [32, 64].map((size) => [seed, method, size]))),
    );
    expect(all.every(({ settings }) => settings.steps === 300 && settings.learningRate === 3e-3)).toBe(true);
  });

  it('combines two settings, or changes one at a time beside the defaults', () => {
    const vary = [
      { setting: 'a', values: [1, 2] },
      { setting: 'b', values: [false] },
    ];
    expect(variants({ vary, combine: 'all' })).toEqual([
      { a: 1, b: false },
      { a: 2, b: false },
    ]);
    expect(variants({ vary, combine: 'one' })).toEqual([{}, { a: 1 }, { a: 2 }, { b: false }]);
    expect(variants({ vary: [], combine: 'all' })).toEqual([{}]);
  });

  it('refuses by name what a method does not know, at its field', () => {
    expect(troubles({ methods: ['simclr', 'byol'], vary: [{ setting: 'temperature', values: [0.1] }] })).toEqual([
      'vary: temperature is no setting of BYOL on MNIST',
    ]);
    expect(troubles({ vary: [{ setting: 'temperature', values: [0.1, 99] }] })).toEqual([
      'vary: temperature must lie from 0.02 to 2, got 99',
    ]);
    expect(troubles({ methods: ['simcrl'] })[0]).toContain('did you mean simclr?');
    expect(troubles({ data: ['two-moons'] })).toEqual(['data: SimCLR does not train on Two moons']);
    expect(troubles({ seeds: [-1] })[0]).toMatch(/^seeds: seed must be a whole number/);
    expect(troubles({ vary: [{ setting: 'steps', values: [10] }] })[0]).toContain('follows from the budget');
    expect(troubles({ methods: [], seeds: [], budget: { kind: 'steps', amount: 0 }, vary: [{ setting: 'tau', values: [] }] })).toHaveLength(
      4,
    );
    expect(troubles({ budget: { kind: 'steps', amount: 1e6 } })).toEqual([
      'budget: With this budget steps must lie from 1 to 100000, got 1000000',
    ]);
  });

  it('holds so many runs and no more', () => {
    const values = Array.from({ length: cellLimit }, (_, i) => 2 + i);
    expect(plan({ vary: [{ setting: 'projection', values }] }).plans).toHaveLength(cellLimit);
    expect(troubles({ vary: [{ setting: 'projection', values }], seeds: [0, 1] })[0]).toContain(
      `128 runs are more than an experiment holds (64)`,
    );
  });

  it('shares one budget: steps, or images, of which large batches take fewer steps', () => {
    expect(stepsOf({ kind: 'images', amount: 1000 }, 128)).toBe(8);
    expect(stepsOf({ kind: 'seconds', amount: 30 }, 128)).toBeNull();
    const all = specs({ budget: { kind: 'images', amount: 38_400 }, vary: [{ setting: 'batchSize', values: [16, 64, 256] }] });
    expect(all.map(({ settings }) => settings.steps)).toEqual([2400, 600, 150]);
  });

  it('groups the seeds of a configuration', () => {
    const all = specs({ vary: [{ setting: 'temperature', values: [0.1, 0.5] }], seeds: [0, 1, 2] });
    expect(byConfiguration(all, (spec) => spec).map((group) => group.map(({ seed, settings }) => [settings.temperature, seed]))).toEqual([
      [0, 1, 2].map((seed) => [0.1, seed]),
      [0, 1, 2].map((seed) => [0.5, seed]),
    ]);
  });

  it('has a name of its own, reads values as they are typed, and spreads what is too much', () => {
    expect(nameOf(catalogue, { ...base, vary: [{ setting: 'batchSize', values: [1] }], seeds: [0, 1] })).toBe('SimCLR: batch size, seeds');
    expect(readValues('0.1, 2; off on v2,')).toEqual([0.1, 2, false, true, 'v2']);
    expect([true, false, 0.1, 'v2'].map(showValue)).toEqual(['on', 'off', '0.1', 'v2']);
    expect(spread([1, 2, 3], 8)).toEqual([1, 2, 3]);
    expect(
      spread(
        Array.from({ length: 15 }, (_, i) => i),
        8,
      ),
    ).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
  });
});

describe('sets of one’s own', () => {
  const info: OwnInfo = {
    ...{ id: 'own-1', name: 'Leaves', created: '2030-01-01', format: 'PNG', shape: [28, 28, 1], classes: ['a', 'b'] },
    ...{ train: 48, test: 12, left: 0, bytes: 0 },
  };
  const declare = () => declareOwn([{ ...info, kind: 'images', summary: '' }]);
  afterEach(() => declareOwn([]));
  const draft = { ...emptyDraft, methods: Object.values(catalogue.methods).map(({ id }) => id), data: ['own-1'], vary: [] };

  it('are offered to every method on images, trained with the settings of their shape, and named when they are gone', () => {
    declare();
    const onImages = Object.values(catalogue.methods).filter((method) => acceptedData(method).includes('mnist'));
    expect(onImages.length).toBeGreaterThan(4);
    for (const { id } of onImages) expect(offeredData(catalogue, [id])).toContain('own-1');
    const { plans, troubles } = planOfDraft(catalogue, { ...draft, methods: onImages.map(({ id }) => id), seeds: '0' }, []);
    expect(troubles).toEqual([]);
    const [own, mnist] = [plans[0]!.spec, planCells(catalogue, { ...base, methods: [onImages[0]!.id] }).plans[0]!.spec];
    expect(own).toEqual({ ...mnist, data: 'own-1' });
    const experiment = experimentOf([own], { name: 'x', budget: base.budget, preset: null, own: namesOfOwn([own, mnist]) });
    expect(readExperiment(structuredClone(experiment))).toEqual(experiment);
    expect(readExperiment({ ...experiment, own: { 'own-1': 3 } })).toBeNull();
    declareOwn([]);
    expect([dataNameIn(experiment, 'own-1'), dataNameIn(experiment, 'mnist')]).toEqual(['Leaves', 'MNIST']);
  });

  it('that cannot fill a batch are refused in the form, with the way out', () => {
    declare();
    const trouble = (vary: { setting: string; values: string }[]) =>
      planOfDraft(catalogue, { ...draft, methods: ['simclr'], vary }, [info]).troubles.map(({ field, message }) => `${field}: ${message}`);
    expect(trouble([])).toEqual([
      'vary: “Leaves” has only 48 training images, fewer than a batch of 128: add the setting batch size, with values up to 48',
    ]);
    expect(trouble([{ setting: 'batchSize', values: '16, 48' }])).toEqual([]);
  });

  it('take as long as the built-in set of their shape', () => {
    const seconds = (data: string) => secondsOf(specs({ data: [data] }), base.budget, {});
    expect(seconds('own-1')).toBeNull();
    declare();
    expect(seconds('own-1')).toEqual(seconds('mnist'));
  });
});

describe.each(presets)('the preset “$name”', (preset) => {
  it('is valid: the addresses of its runs give the same runs again', () => {
    const planned = planCells(catalogue, preset);
    expect(planned.troubles).toEqual([]);
    for (const { spec, specs: known, problems } of planned.plans) {
      expect(problems).toEqual([]);
      const method = catalogue.methods[spec.method]!;
      const again = readSearch(method, catalogue.datasets, toSearch(spec, known, acceptedData(method)[0]!));
      expect([again.spec, again.problems]).toEqual([spec, []]);
    }
  });

  it('compares at most eight configurations, and takes at most 15 minutes on two cores', () => {
    const planned = planCells(catalogue, preset).plans.map(({ spec }) => spec);
    const groups = byConfiguration(planned, (spec) => spec);
    expect(groups.length).toBeGreaterThan(1);
    expect(groups.length).toBeLessThanOrEqual(8);
    const guess = secondsOf(planned, preset.budget, {});
    expect(guess?.here).toBe(false);
    expect(guess!.seconds).toBeLessThan(15 * 60);
  });
});

describe('the time that an experiment takes', () => {
  const all = specs({ vary: [{ setting: 'batchSize', values: [64, 128] }] });
  const speed = (msPerStep: number, date = '2026-01-01') => ({ msPerStep, date, by: 'run' as const });
  const seconds = (seen: Speeds) => secondsOf(all, base.budget, seen);

  it('is what was seen here of the very work, else of the defaults in proportion to the batch, else what is typical', () => {
    expect(all.map(workOfSpec)).toEqual(['simclr/mnist?batchSize=64', 'simclr/mnist']);
    const beside = 2 * 8;
    expect(seconds({})).toEqual({ seconds: 300 * 0.115 * 1.5 + beside, here: false });
    const seen = { 'simclr/mnist on wasm-1': speed(200), 'simclr/mnist on webgpu-1': speed(20, '2026-02-01') };
    expect(seconds(seen)).toEqual({ seconds: 300 * 0.02 * 1.5 + beside, here: true });
    expect(seconds({ ...seen, 'simclr/mnist?batchSize=64 on wasm-1': speed(100) })!.seconds).toBeCloseTo(300 * 0.12 + beside, 6);
    expect(secondsOf(all, { kind: 'seconds', amount: 30 }, {})).toEqual({ seconds: 60 + beside, here: true });
    // Points are scored in no time: two seconds beside each run.
    const points = specs({ methods: ['realnvp'], data: ['two-moons'], seeds: [0, 1] });
    expect(secondsOf(points, { kind: 'seconds', amount: 30 }, {})?.seconds).toBe(2 * (30 + 2));
    expect(secondsOf([{ ...all[0]!, method: 'new' }], base.budget, {})).toBeNull();
  });

  it('that is left counts what is under way by its own speed', () => {
    const experiment = experimentOf(all, { name: '', budget: base.budget, preset: null }, 'id');
    const cells = experiment.cells.map((cell, i): Cell => ({ ...cell, state: i === 0 ? ('running' as const) : ('waiting' as const) }));
    const estimates = estimatesOf(all, base.budget, { 'simclr/mnist on wasm-1': speed(100) });
    const left = (lanes: number, ofCells = cells) =>
      remaining({ ...experiment, cells: ofCells }, [{ cell: 0, step: 100, stepsPerSecond: 10 }], estimates, lanes);
    expect(left(1)).toBeCloseTo(200 / 10 + 4 + 300 / 10 + 8, 6);
    expect(left(2)).toBeCloseTo(31, 6);
    expect(
      left(
        1,
        cells.map((cell) => ({ ...cell, state: 'done' as const })),
      ),
    ).toBe(0);
  });
});

describe('a stored experiment', () => {
  const experiment = experimentOf(specs({ seeds: [0, 1] }), { name: 'x', budget: base.budget, preset: null });
  it('is read as it was written', () => {
    expect(readExperiment(structuredClone(experiment))).toEqual(experiment);
  });
  it.each<[string, object]>([
    ['no cells', { cells: [] }],
    ['an unknown state', { cells: [{ ...experiment.cells[0], state: 'lost' }] }],
    ['a spec without a seed', { cells: [{ ...experiment.cells[0], spec: { ...experiment.cells[0]!.spec, seed: 'x' } }] }],
    ['a pace of nothing', { cells: [{ ...experiment.cells[0], pace: { msPerStep: 0, by: 'seen' } }] }],
    ['an unknown budget', { budget: { kind: 'hours', amount: 1 } }],
    ['an empty budget', { budget: { kind: 'steps', amount: 0 } }],
    ['no date', { created: 'yesterday' }],
  ])('with %s is none', (_, change) => {
    expect(readExperiment({ ...experiment, ...change })).toBeNull();
  });
});
