import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, bucketWidth, type Curve, emptyCurve, envelope, lastStep, lastValue, rows, upTo } from '../../demos/app/series.ts';

const curveOf = (values: readonly number[], from = 1): Curve => {
  const curve = emptyCurve();
  const step = values.map((_, i) => from + i);
  append(curve, { step, seconds: step.map((s) => s / 10), metrics: { loss: values } });
  return curve;
};
// Without −0, which is neither smaller than 0 nor the same to `toBe`.
const finite = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 3000 })
  .map((values) => values.map((value) => value + 0));

describe('curves', () => {
  it('grow past their capacity, and fill what a metric lacks with NaN', () => {
    const curve = emptyCurve();
    for (let i = 0; i < 3000; i++)
      append(curve, { step: [i + 1], seconds: [i / 8], metrics: i % 62 === 61 ? { loss: [i], nmi: [i / 10] } : { loss: [i] } });
    expect(curve.length).toBe(3000);
    expect(lastStep(curve)).toBe(3000);
    expect(lastValue(curve, 'loss')).toBe(2999);
    expect(curve.columns.get('nmi')?.[0]).toBeNaN();
    expect(curve.columns.get('nmi')?.[2999]).toBeNaN();
    expect(lastValue(curve, 'nmi')).toBeCloseTo(297.5, 3);
    expect(lastValue(curve, 'unknown')).toBeNaN();
  });

  it('are cut where a checkpoint was taken', () => {
    const cut = upTo(curveOf([5, 4, 3, 2, 1]), 3);
    expect([cut.length, lastStep(cut), lastValue(cut, 'loss')]).toEqual([3, 3, 3]);
    append(cut, { step: [4], seconds: [1], metrics: { loss: [9] } });
    expect([cut.length, lastValue(cut, 'loss')]).toEqual([4, 9]);
  });
});

describe('what is drawn', () => {
  it('is at most the limit, however long the run', () => {
    for (const last of [0, 1, 479, 480, 481, 10_000, 1_234_567]) {
      const width = bucketWidth(last, 480);
      expect((width === 1 ? 1 : 2) * (Math.floor(last / width) + 1)).toBeLessThanOrEqual(480);
    }
  });

  it('ends at the last step, not half a bucket after it', () => {
    const drawn = rows([{ id: 'a', curve: curveOf(Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 100)) }], 'loss', 0, 480, false);
    expect(drawn.at(-1)!.step).toBe(10_000);
  });

  it('keeps the smallest and the largest value of the run, and adds none', () => {
    fc.assert(
      fc.property(finite, fc.integer({ min: 20, max: 500 }), (values, limit) => {
        const drawn = rows([{ id: 'a', curve: curveOf(values) }], 'loss', 0, limit, false);
        const shown = drawn.map((row) => row.a ?? Number.NaN);
        expect(drawn.length).toBeLessThanOrEqual(limit);
        expect(Math.min(...shown)).toBe(Math.min(...values));
        expect(Math.max(...shown)).toBe(Math.max(...values));
        expect(drawn.every((row, i) => i === 0 || row.step > drawn[i - 1]!.step)).toBe(true);
        for (const value of shown) expect(values).toContain(value);
      }),
      { numRuns: 50 },
    );
  });

  it('is every step itself while they are few', () => {
    expect(rows([{ id: 'a', curve: curveOf([3, 1, 2]) }], 'loss', 0, 100, false)).toEqual([
      { step: 1, a: 3 },
      { step: 2, a: 1 },
      { step: 3, a: 2 },
    ]);
  });

  it('smooths by a moving average that starts unbiased: a constant stays itself', () => {
    for (const value of envelope(curveOf(new Array(50).fill(7)), 'loss', 0.9, 1).slice(2))
      if (!Number.isNaN(value)) expect(value).toBeCloseTo(7, 6);
    // By hand: (0.5·1 + 0.25·… ) → after 1, 3: (0.25·1 + 0.5·3) / 0.75 = 7/3.
    expect(envelope(curveOf([1, 3]), 'loss', 0.5, 1)[4]).toBeCloseTo(7 / 3, 6);
  });

  it('leaves out what a log axis cannot show', () => {
    expect(rows([{ id: 'a', curve: curveOf([1, 0, -1, 2]) }], 'loss', 0, 100, true).map(({ step }) => step)).toEqual([1, 4]);
  });

  it('puts runs of different lengths on common steps', () => {
    const drawn = rows(
      [
        { id: 'a', curve: curveOf([1, 2, 3, 4]) },
        { id: 'b', curve: curveOf([5, 6]) },
      ],
      'loss',
      0,
      100,
      false,
    );
    expect(drawn[1]).toEqual({ step: 2, a: 2, b: 6 });
    expect(drawn[3]).toEqual({ step: 4, a: 4 });
  });
});
