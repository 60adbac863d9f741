import { describe, expect, it, vi } from 'vitest';
import { loadMethods } from '../../demos/app/catalogue.ts';
import {
  axisName,
  axisOf,
  type Compared,
  colorsOf,
  configOf,
  countOf,
  itemsOf,
  measureOf,
  metricsOf,
  searchOf,
} from '../../demos/app/compare.ts';
import { readComparison, writeComparison } from '../../demos/app/compare-address.ts';
import { followRuns, type Kept } from '../../demos/app/compare-runs.ts';
import { bestOf, costRows, differenceRows, scoreRows, toTsv } from '../../demos/app/compare-tables.ts';
import type { Entry } from '../../demos/app/library/library.ts';
import { scoreInfos } from '../../demos/app/scores.ts';
import { fromRunCurve } from '../../demos/app/series.ts';
import { type Store, store } from '../../demos/app/store.ts';
import type { RunRecord } from '../../src/train/record.ts';
import { keptRun } from './kept-run.ts';

await loadMethods();

type Change = Partial<RunRecord['spec']> & { readonly record?: Partial<RunRecord> };

const run = ({ record = {}, ...spec }: Change = {}): Compared => {
  const whole = keptRun({
    spec: { method: 'simclr', data: 'mnist', seed: 0, backend: 'auto', settings: { steps: 10, batchSize: 128, temperature: 0.2 }, ...spec },
    ...record,
  });
  return { record: whole.record, curve: fromRunCurve(whole.curve) };
};
const settings = (change: RunRecord['spec']['settings']) => ({ settings: { steps: 10, batchSize: 128, temperature: 0.2, ...change } });

describe('the address of a comparison', () => {
  it('is read and written whole; defaults are left out', () => {
    const address = {
      runs: 'a,b',
      x: 'seconds',
      metric: 'loss,nmi',
      smooth: 0.9,
      logx: true,
      logy: true,
      group: 'seeds',
      band: 'std',
      off: 'b',
    } as const;
    expect(writeComparison(readComparison(address))).toEqual(address);
    expect(writeComparison(readComparison({}))).toEqual({});
  });

  it('takes a bare flag, an id that is a number, and drops what is twice, empty or unknown', () => {
    expect(readComparison({ runs: 7, logx: '' })).toMatchObject({ ids: ['7'], logx: true, logy: false });
    expect(readComparison({ runs: 'a,,b, a', x: 'weeks', smooth: 'much', group: 'data', band: 3, logy: false })).toEqual(
      readComparison({ runs: 'a,b' }),
    );
    expect(readComparison({ smooth: 5 }).smooth).toBe(0.98);
    expect(readComparison({ smooth: '0' }).smooth).toBe(0);
  });
});

describe('runs and groups', () => {
  it('of one configuration but for the seed are one; any other difference parts them', () => {
    const first = run({ seed: 1 });
    const same = [first, run({ seed: 2 }), run({ seed: 3, backend: 'wasm' })];
    const reordered = run({ seed: 4, settings: { temperature: 0.2, batchSize: 128, steps: 10 } });
    const others = [
      run(settings({ temperature: 0.3 })),
      run({ data: 'cifar10' }),
      run({ method: 'byol' }),
      run({ record: { backend: { name: 'webgpu', threads: 1 } } }),
      run({ record: { changes: [{ step: 2, settings: { temperature: 0.5 } }] } }),
    ];
    for (const other of others) expect(configOf(other.record)).not.toBe(configOf(first.record));
    const items = itemsOf([...same, others[0]!, reordered], true);
    expect(items.map(({ runs }) => runs.length)).toEqual([4, 1]);
    expect(items.map(({ letter, label }) => `${letter} ${label}`)).toEqual(['A temperature 0.2 · 4 seeds', 'B temperature 0.3 · seed 0']);
    expect(items[0]!.key).toBe(first.record.id);
  });

  it('say when a seed is there twice', () => {
    expect(countOf([run({ seed: 1 }), run({ seed: 1 }), run({ seed: 2 })])).toBe('3 runs of 2 seeds');
  });

  it('alone are labelled by what differs, or by their name', () => {
    const items = itemsOf([run({ seed: 1 }), run({ seed: 2, record: { name: 'the good one' } })], false);
    expect(items.map(({ label }) => label)).toEqual(['seed 1', 'the good one']);
    expect(itemsOf([run()], false)[0]!.label).toBe('SimCLR on MNIST');
  });

  it('keep the colours of their records; the others take those that are free', () => {
    expect(colorsOf([null, 0, null, 9])).toEqual([2, 0, 3, 1]);
    expect(new Set(colorsOf(Array.from({ length: 8 }, () => null))).size).toBe(8);
  });

  it('of methods and data that this lab does not know are still shown', () => {
    const items = itemsOf([run({ method: 'future', data: 'mine' }), run()], false);
    expect(items[0]!.label).toMatch(/^future · mine · /);
  });
});

describe('the way to the page', () => {
  const records = (n: number, of: (i: number) => Change) => Array.from({ length: n }, (_, i) => run(of(i)).record);
  it('puts more than eight runs there with their seeds as one, as far as that makes eight lines', () => {
    expect(searchOf(records(8, (i) => settings({ temperature: i })))).not.toHaveProperty('group');
    expect(searchOf(records(16, (i) => ({ seed: i, ...settings({ temperature: i % 8 }) })))).toMatchObject({ group: 'seeds' });
    expect(searchOf(records(9, (i) => settings({ temperature: i })))).toBeNull();
    expect(searchOf(records(65, (seed) => ({ seed })))).toBeNull();
  });
});

describe('runs that are followed', () => {
  it('are the very list as before while none of them changed', async () => {
    const [a, b] = [run(), run({ seed: 1 })].map(({ record }) => ({ ...record, bytes: 0 }) as Entry);
    const list: Store<readonly Entry[] | null> = store<readonly Entry[] | null>([a!, b!]);
    const told: Kept[] = [];
    const stop = followRuns(
      { list, failure: store<string | null>(null), curves: async (ids) => ids.map(() => keptRun({}).curve) },
      [a!.id],
      (state) => state && 'runs' in state && told.push(state),
    );
    await vi.waitFor(() => expect(told).toHaveLength(1));
    list.set([a!, { ...b!, updated: 'later' }]);
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(told[1]!.runs).toBe(told[0]!.runs);
    list.set([{ ...a!, updated: 'later' }, b!]);
    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(told[2]!.runs).not.toBe(told[1]!.runs);
    stop();
  });
});

describe('the x axis', () => {
  it('counts images by the batch of the run, and seconds by its clock', () => {
    const each = run(settings({ batchSize: 64 }));
    expect(axisOf(each, 'images', false)).toEqual({ column: 'steps', factor: 64, log: false });
    expect(axisOf(each, 'steps', true)).toEqual({ column: 'steps', factor: 1, log: true });
    expect(axisOf(each, 'seconds', false)).toEqual({ column: 'seconds', factor: 1, log: false });
  });

  it('is named by what the data are', () => {
    const points = run({ method: 'realnvp', data: 'two-moons' });
    expect(axisName([run()], 'images')).toBe('images seen');
    expect(axisName([points], 'images')).toBe('points seen');
    expect(axisName([points, run()], 'images')).toBe('images or points seen');
  });
});

describe('the y axis', () => {
  it('has the loss first, and a unit where all agree', () => {
    expect(metricsOf([run()])).toEqual(['loss', 'embeddingStd']);
    expect(measureOf('loss', [run(), run({ seed: 1 })])).toEqual({ unit: 'nats', warning: null });
  });

  it('warns of what cannot be compared', () => {
    const warning = (...runs: Compared[]) => measureOf('loss', runs).warning;
    expect(warning(run(), run({ method: 'byol' }))).toMatch(/Different methods have different losses/);
    expect(warning(run(), run({ data: 'cifar10' }))).toMatch(/different data/);
    expect(warning(run(), run(settings({ temperature: 0.5 })))).toMatch(/\(temperature\)/);
    expect(warning(run(), run(settings({ learningRate: 0.5 })))).toBe(null);
    expect(measureOf('embeddingStd', [run(), run({ method: 'byol' })]).warning).toBe(null);
    // The negative log-likelihood of a flow is one, with however many couplings; the loss of a VAE changes with β.
    const flow = (couplings: number) => run({ method: 'realnvp', data: 'two-moons', settings: { couplings } });
    const vae = (beta: number) => run({ method: 'vae', settings: { beta } });
    expect([warning(flow(1), flow(8)), warning(vae(1), vae(4))]).toEqual([null, expect.stringMatching(/\(beta\)/)]);
  });
});

describe('the table of differences', () => {
  it('has only what differs, and says what a run lacks', () => {
    const items = itemsOf(
      [run({ seed: 1 }), run({ method: 'byol', seed: 1, settings: { steps: 10, batchSize: 64, momentum: 0.9 } })],
      false,
    );
    expect(differenceRows(items).map(({ name, cells }) => [name, ...cells.map(({ text }) => text)])).toEqual([
      ['method', 'SimCLR', 'BYOL'],
      ['batch size', '128', '64'],
      ['temperature', '0.2', '–'],
      ['momentum', '–', '0.9'],
    ]);
  });

  it('names live changes and the seeds of a group', () => {
    const changed = run({ record: { changes: [{ step: 2, settings: { temperature: 0.5 } }] } });
    const rows = differenceRows(itemsOf([run({ seed: 1 }), run({ seed: 2 }), changed], true));
    expect(rows.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)])).toEqual([
      ['seed', '1, 2', '0'],
      ['changed under way', '–', 'temperature 0.5 after step 2'],
    ]);
  });

  it('of equal runs is empty', () => {
    expect(differenceRows(itemsOf([run(), run()], false))).toEqual([]);
  });
});

describe('the table of results', () => {
  const scored = (seed: number, knn: number, nll?: number, data = 'mnist') =>
    run({
      seed,
      data,
      ...settings({ temperature: seed < 2 ? 0.2 : 0.5 }),
      record: {
        scores: [
          { step: 1, scores: { knn: 0 } },
          { step: 3, scores: { knn, ...(nll === undefined ? {} : { nll }) } },
        ],
      },
    });
  const texts = (rows: ReturnType<typeof scoreRows>) =>
    rows.map(({ name, cells }) => [name, ...cells.map(({ text, best }) => (best ? `${text} best` : text))]);

  it('has the last scores, the best marked by the direction of each', () => {
    const items = itemsOf([scored(0, 0.8, 2), scored(1, 0.9, 1), scored(2, 0.7)], false);
    expect(texts(scoreRows(items, scoreInfos))).toEqual([
      ['Nearest neighbours', '80.0 %', '90.0 % best', '70.0 %'],
      ['NLL', '2.000 nats', '1.000 nats best', '–'],
    ]);
    expect(costRows(items).find(({ name }) => name === 'scores taken after step')!.cells[0]!.text).toBe('3');
  });

  it('has what a score is to be compared with below it, in its format, once where all seeds have the same', () => {
    const flow = (seed: number, nll: number, entropy?: number) =>
      run({ seed, record: { scores: [{ step: 3, scores: { nll, ...(entropy === undefined ? {} : { entropy }) } }] } });
    const encoder = run({
      ...settings({ temperature: 0.9 }),
      record: { scores: [{ step: 3, scores: { knn: 0.9, knnRandom: 0.8, knnPixels: 0.94 } }] },
    });
    const rows = scoreRows(itemsOf([flow(0, 1.02, 1.008), flow(1, 1.04, 1.008), encoder], true), scoreInfos);
    expect(rows.map(({ name, of }) => (of ? `${of}: ${name}` : name))).toEqual([
      'Nearest neighbours',
      'Nearest neighbours: random network',
      'Nearest neighbours: raw pixels',
      'NLL',
      'NLL: entropy of the data',
    ]);
    expect(texts(rows).map(([, ...cells]) => cells)).toEqual([
      ['–', '90.0 %'],
      ['–', '80.0 %'],
      ['–', '94.0 %'],
      ['1.030 nats ± 0.014 nats', '–'],
      ['1.008 nats', '–'],
    ]);
    expect(toTsv(['A', 'B'], rows).split('\n').at(-1)).toBe('NLL: entropy of the data\t1.008 nats\t–');
    expect(texts(scoreRows(itemsOf([flow(0, 1.02)], false), scoreInfos)).map(([name]) => name)).toEqual(['NLL']);
  });

  it('has mean ± standard deviation of seeds, by hand', () => {
    // 0.8 and 0.9: mean 0.85, deviation 0.1 / √2 = 0.0707.
    const items = itemsOf([scored(0, 0.8, 2), scored(1, 0.9), scored(2, 0.7)], true);
    expect(texts(scoreRows(items, scoreInfos))).toEqual([
      ['Nearest neighbours', '85.0 % ± 7.1 % best', '70.0 %'],
      ['NLL', '2.000 nats (1 of 2)', '–'],
    ]);
  });

  it('marks none across data, of equals, of one alone, or where neither way is better', () => {
    expect(texts(scoreRows(itemsOf([scored(0, 0.8), scored(1, 0.9, 1, 'cifar10')], false), scoreInfos))[0]).toEqual([
      'Nearest neighbours',
      '80.0 %',
      '90.0 %',
    ]);
    expect(bestOf([1, 1], 'higher')).toEqual([false, false]);
    expect(bestOf([1, null], 'higher')).toEqual([false, false]);
    expect(bestOf([1, 2], null)).toEqual([false, false]);
    expect(bestOf([1, 2, 2], 'higher')).toEqual([false, true, true]);
    expect(bestOf([1, 2, null], 'lower')).toEqual([true, false, false]);
  });

  it('goes into a spreadsheet', () => {
    expect(
      toTsv(
        ['A', 'B'],
        [
          {
            name: 'seed',
            cells: [
              { text: '1', best: false },
              { text: 'a\tb', best: true },
            ],
          },
        ],
      ),
    ).toBe('\tA\tB\nseed\t1\ta b');
  });
});
