import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, reachOf, withBand } from '../../demos/app/band.ts';
import { append, type Curve, emptyCurve, envelope } from '../../demos/app/series.ts';

const curveOf = (values: readonly number[]): Curve => {
  const curve = emptyCurve();
  const step = values.map((_, i) => i + 1);
  append(curve, { step, seconds: step, metrics: { loss: values } });
  return curve;
};
const numbers = (values: Float64Array) => Array.from(values);

describe('a band', () => {
  it('of three level curves lies between the outer two, its mean between', () => {
    const band = bandOf(
      [1, 2, 6].map((level) => curveOf([level, level, level, level, level])),
      'loss',
      0.6,
      2,
      false,
    );
    // Buckets of two steps from step 0 on, which has no value.
    for (const at of [0, 1, 2]) {
      expect(band.low[at]).toBeCloseTo(1, 12);
      expect(band.high[at]).toBeCloseTo(6, 12);
      expect(band.mean[at]).toBeCloseTo(3, 12);
    }
  });

  it('smooths as curves are smoothed: half of the old and half of the new, corrected for the start', () => {
    // By hand: 4, then (½·4·½ + ½·1)/(¾) = 2, then (½·1.5 + ½·0)/(⅞) = 6/7.
    const band = bandOf([curveOf([4, 1, 0])], 'loss', 0.5, 1, false);
    expect(band.low[0]).toBeNaN();
    expect(numbers(band.low).slice(1)).toEqual([4, 2, 0.75 / 0.875]);
    expect(numbers(band.mean).slice(1)).toEqual(numbers(band.high).slice(1));
  });

  it('is the hull of what the curves would draw themselves', () => {
    const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(0, 0.6, 0.98),
        fc.constantFrom(1, 2, 8),
        (all, s, width) => {
          const curves = all.map(curveOf);
          const { low, high } = bandOf(curves, 'loss', s, width, false);
          const drawn = curves.map((curve) => envelope(curve, 'loss', s, width));
          for (let at = 0; at < low.length; at++) {
            const here = drawn.flatMap((slots) => Array.from(slots.slice(2 * at, 2 * at + 2))).filter((v) => !Number.isNaN(v));
            // Zero is added because −0 is not 0 to `toBe`.
            expect(low[at]! + 0).toBe(here.length ? Math.min(...here) + 0 : Number.NaN);
            expect(high[at]! + 0).toBe(here.length ? Math.max(...here) + 0 : Number.NaN);
          }
        },
      ),
    );
  });

  it('leaves out what a log axis cannot show', () => {
    const band = bandOf([curveOf([2, -1]), curveOf([0, -3])], 'loss', 0, 1, true);
    expect(numbers(band.low)).toEqual([Number.NaN, 2, Number.NaN]);
    expect(numbers(band.high)).toEqual([Number.NaN, 2, Number.NaN]);
  });

  it('of a metric that no curve has is empty', () => {
    expect(numbers(bandOf([curveOf([1, 2])], 'nmi', 0, 1, false).low).every(Number.isNaN)).toBe(true);
  });
});

describe('a chart over a band', () => {
  const run = (length: number) => ({ curve: curveOf(Array(length).fill(1)) });
  it('shows all of the band until a run begins, then as much as the run needs', () => {
    expect(reachOf([{ curve: emptyCurve() }], 1000)).toBe(1000);
    expect(reachOf([run(3)], 1000)).toBe(50);
    expect(reachOf([run(3)], 20)).toBe(20);
    expect(reachOf([run(300), run(400)], 1000)).toBe(400);
    expect(reachOf([run(1200)], 1000)).toBe(1200);
  });

  it('has the rows of both, in the order of their steps, and none of the band beyond its reach', () => {
    const band = bandOf([curveOf([5, 5, 5, 5, 5, 5]), curveOf([7, 7, 7, 7, 7, 7])], 'loss', 0, 2, false);
    const hull = { low: 5, high: 7, mean: 6 };
    const lived = [
      { step: 0, now: 1 },
      { step: 1, now: 2 },
      { step: 4, now: 3 },
      { step: 9, now: 4 },
    ];
    expect(withBand(lived, band, 4)).toEqual([
      { step: 0, now: 1, ...hull },
      { step: 1, now: 2 },
      { step: 2, ...hull },
      { step: 4, now: 3, ...hull },
      { step: 9, now: 4 },
    ]);
    // Its last bucket begins before its end.
    const longer = bandOf([curveOf([5, 7, 5, 7, 5])], 'loss', 0, 4, false);
    const end = { low: 5, high: 7, mean: 6 };
    expect(withBand([], longer, 5)).toEqual([
      { step: 0, low: 5, high: 7, mean: 17 / 3 },
      { step: 4, ...end },
      { step: 5, ...end },
    ]);
  });
});
