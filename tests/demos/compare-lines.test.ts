import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadMethods } from '../../demos/app/catalogue.ts';
import { type Compared, itemsOf } from '../../demos/app/compare.ts';
import { readComparison } from '../../demos/app/compare-address.ts';
import { drawnOf, logTicks, placeOn, rangeOf, seedBand, shareOf, spanOf, valueAt } from '../../demos/app/compare-lines.ts';
import { fromRunCurve, thinTrace, trace } from '../../demos/app/series.ts';
import { keptRun } from './kept-run.ts';

await loadMethods();

const curveOf = (values: readonly number[], secondsAStep = 0.5) =>
  fromRunCurve({
    steps: Int32Array.from(values, (_, i) => i + 1),
    seconds: Float32Array.from(values, (_, i) => (i + 1) * secondsAStep),
    columns: { loss: Float32Array.from(values) },
  });
const runOf = (values: readonly number[], seed = 0, batchSize = 10): Compared => ({
  record: keptRun({ spec: { method: 'simclr', data: 'mnist', seed, backend: 'auto', settings: { batchSize } } }).record,
  curve: curveOf(values),
});
const steps = { column: 'steps', factor: 1, log: false } as const;
// Without −0, which is neither smaller than 0 nor the same to `toBe`.
const finite = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 2000 })
  .map((values) => values.map((value) => value + 0));

describe('a line over any axis', () => {
  it('lies at its own steps, images or seconds', () => {
    expect(trace(curveOf([5, 4, 3]), 'loss', 0, steps)).toEqual({ x: [1, 2, 3], y: [5, 4, 3] });
    expect(trace(curveOf([5, 4, 3]), 'loss', 0, { ...steps, factor: 64 }).x).toEqual([64, 128, 192]);
    expect(trace(curveOf([5, 4, 3], 0.25), 'loss', 0, { ...steps, column: 'seconds' }).x).toEqual([0.25, 0.5, 0.75]);
    expect(trace(curveOf([5]), 'other', 0, steps)).toEqual({ x: [], y: [] });
  });

  it('leaves out rows without the metric, and on a log axis what lies at 0', () => {
    const curve = curveOf([1, Number.NaN, 3]);
    curve.seconds[0] = 0;
    expect(trace(curve, 'loss', 0, steps)).toEqual({ x: [1, 3], y: [1, 3] });
    expect(trace(curve, 'loss', 0, { ...steps, column: 'seconds', log: true })).toEqual({ x: [1.5], y: [3] });
  });

  it('is smoothed alike over every axis: 1, 3 with decay 0.5 give 1, 7/3', () => {
    for (const axis of [steps, { ...steps, column: 'seconds', log: true } as const])
      expect(trace(curveOf([1, 3]), 'loss', 0.5, axis).y[1]).toBeCloseTo(7 / 3, 6);
  });

  it('thinned keeps its extremes at their places, in order, and adds none', () => {
    fc.assert(
      fc.property(finite, fc.integer({ min: 1, max: 200 }), fc.boolean(), (values, width, log) => {
        const curve = curveOf(values);
        const axis = { ...steps, log };
        const whole = trace(curve, 'loss', 0, axis);
        const thin = thinTrace(curve, 'loss', 0, axis, log ? width / 50 : width);
        expect(Math.min(...thin.y)).toBe(Math.min(...whole.y));
        expect(Math.max(...thin.y)).toBe(Math.max(...whole.y));
        thin.x.forEach((x, i) => {
          expect(thin.y[i]).toBe(whole.y[x - 1]);
          if (i > 0) expect(x).toBeGreaterThan(thin.x[i - 1]!);
        });
        if (!log) expect(thin.x.length).toBeLessThanOrEqual(2 * (Math.floor(values.length / width) + 1));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the band of several seeds', () => {
  it('has mean, smallest and largest of each step, by hand', () => {
    const lines = [
      { x: [1, 2, 3], y: [1, 2, 3] },
      { x: [1, 2, 3], y: [3, 2, 4] },
      { x: [1, 2, 3], y: [5, 5, 5] },
    ];
    expect(seedBand(lines, 'range', false)).toEqual({ x: [1, 2, 3], mean: [3, 3, 4], low: [1, 2, 3], high: [5, 5, 5] });
    const { low, high } = seedBand(lines, 'std', false);
    // Deviations over n − 1: 2, √3, 1.
    [2, Math.sqrt(3), 1].forEach((deviation, i) => {
      expect(low[i]).toBeCloseTo([3, 3, 4][i]! - deviation, 12);
      expect(high[i]).toBeCloseTo([3, 3, 4][i]! + deviation, 12);
    });
  });

  it('covers only where all have values, and interpolates in between', () => {
    const { x, mean } = seedBand(
      [
        { x: [0, 10], y: [0, 10] },
        { x: [4, 6, 8], y: [0, 0, 0] },
      ],
      'range',
      false,
    );
    expect(x[0]).toBe(4);
    expect(x.at(-1)).toBe(8);
    x.forEach((at, i) => {
      expect(mean[i]).toBeCloseTo(at / 2, 12);
    });
    expect(
      seedBand(
        [
          { x: [1, 2], y: [1, 1] },
          { x: [3, 4], y: [1, 1] },
        ],
        'range',
        false,
      ).x,
    ).toEqual([]);
    expect(
      seedBand(
        [
          { x: [1, 2], y: [1, 1] },
          { x: [], y: [] },
        ],
        'range',
        false,
      ).x,
    ).toEqual([]);
    expect(
      seedBand(
        [
          { x: [1, 2], y: [1, 5] },
          { x: [2, 3], y: [3, 1] },
        ],
        'range',
        false,
      ),
    ).toEqual({ x: [2], mean: [4], low: [3], high: [5] });
  });

  it('of equal lines is those lines, on a log axis too', () => {
    const line = { x: Array.from({ length: 500 }, (_, i) => i + 1), y: Array.from({ length: 500 }, (_, i) => 3 * (i + 1) + 1) };
    for (const log of [false, true]) {
      const { x, mean, low, high } = seedBand([line, line], 'std', log);
      expect([x[0], x.at(-1)]).toEqual([1, 500]);
      x.forEach((at, i) => {
        for (const value of [mean[i], low[i], high[i]]) expect(value).toBeCloseTo(3 * at + 1, 6);
      });
    }
  });
});

describe('what is drawn', () => {
  const view = readComparison({ smooth: 0 });

  it('of a group is its mean with a band, of a run alone its line; runs without the metric have none', () => {
    const items = itemsOf([runOf([1, 2, 3], 1), runOf([3, 4, 5], 2), runOf([7, 8, 9], 3, 20)], true);
    const lines = drawnOf(items, 'loss', view, spanOf(items, view)!);
    expect(lines.map(({ y }) => y)).toEqual([
      [2, 3, 4],
      [7, 8, 9],
    ]);
    expect(lines.map(({ band }) => band?.low ?? null)).toEqual([[1, 2, 3], null]);
    expect(drawnOf(items, 'other', view, [0, 3])).toEqual([]);
  });

  it('reaches from 0 (on a log axis from the first row) to the last of all runs', () => {
    const items = itemsOf([runOf([1, 2, 3]), runOf([1, 2, 3, 4], 0, 100)], false);
    expect(spanOf(items, view)).toEqual([0, 4]);
    expect(spanOf(items, { ...view, x: 'images' })).toEqual([0, 400]);
    expect(spanOf(items, { ...view, x: 'images', logx: true })).toEqual([10, 400]);
    expect(spanOf(itemsOf([runOf([])], false), view)).toBe(null);
  });

  it('is no more than the chart can show, and the same object while another run grows', () => {
    const long = Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
    const first = runOf(long, 1);
    const before = itemsOf([first, runOf(long.slice(0, 9_000), 2, 20)], false);
    const after = itemsOf([first, runOf(long.slice(0, 9_900), 2, 20)], false);
    const draw = (items: typeof before) => drawnOf(items, 'loss', view, spanOf(items, view)!);
    expect(draw(before)[0]!.x.length).toBeLessThanOrEqual(482);
    expect(draw(before)[0]!.x.length).toBeGreaterThan(200);
    expect(draw(after)[0]!.x).toBe(draw(before)[0]!.x);
  });

  it('takes of the y axis what lines and bands need, on a log axis only above 0', () => {
    const items = itemsOf([runOf([-1, 2, 8])], false);
    const lines = drawnOf(items, 'loss', view, [0, 3]);
    expect(rangeOf(lines, false)).toEqual([-1, 8]);
    expect(rangeOf(lines, true)).toEqual([2, 8]);
    expect(rangeOf([], false)).toBe(null);
    const [low, high] = rangeOf(drawnOf(itemsOf([runOf([5])], false), 'loss', view, [0, 3]), false)!;
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
  });
});

describe('axes', () => {
  it('place values and find them again', () => {
    for (const log of [false, true]) {
      const extent = { low: 2, high: 2000, log };
      expect(shareOf(extent, 2)).toBe(0);
      expect(shareOf(extent, 2000)).toBe(1);
      for (const share of [0, 0.3, 0.9, 1]) expect(shareOf(extent, placeOn(extent, share))).toBeCloseTo(share, 12);
    }
    expect(placeOn({ low: 1, high: 100, log: true }, 0.5)).toBeCloseTo(10, 12);
  });

  it('have ticks at powers of ten where they are logarithmic, and some in every case', () => {
    expect(logTicks(1, 1e6)).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
    expect(logTicks(0.09, 2)).toEqual([0.1, 0.2, 0.5, 1, 2]);
    expect(logTicks(0.92, 0.99).length).toBeGreaterThan(1);
  });
});

describe('the crosshair', () => {
  const line = { x: [1, 2, 4], y: [10, 20, 40] };
  it('reads the nearest point, and nothing beyond the ends', () => {
    expect([1, 1.4, 1.6, 2.9, 3.1, 4].map((at) => valueAt(line, at))).toEqual([10, 10, 20, 20, 40, 40]);
    expect([0.9, 4.1].map((at) => valueAt(line, at))).toEqual([Number.NaN, Number.NaN]);
    expect(valueAt({ x: [], y: [] }, 1)).toBeNaN();
  });
});
