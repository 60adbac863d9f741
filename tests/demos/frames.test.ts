import { describe, expect, it } from 'vitest';
import { mostFrames, thinned } from '../../demos/app/frames.ts';

const at = (...steps: number[]) => steps.map((step) => ({ step }));
const steps = (frames: readonly { step: number }[]) => frames.map(({ step }) => step);

describe('frames over training time', () => {
  it('are thinned where they stand closest; the first and the last stay', () => {
    expect(steps(thinned(at(0, 10, 11, 20, 30), 4))).toEqual([0, 10, 20, 30]);
    expect(steps(thinned(at(0, 1, 2, 100), 3))).toEqual([0, 2, 100]);
    expect(steps(thinned(at(3, 4), 1))).toEqual([3, 4]);
    expect(thinned([], 4)).toEqual([]);
  });

  it('span the whole run, however many have come: no gap is more than three times another', () => {
    let kept: { step: number }[] = [];
    for (let step = 0; step <= 5000; step += 7) kept = thinned([...kept, { step }], mostFrames);
    expect(kept).toHaveLength(mostFrames);
    expect([kept[0]!.step, kept.at(-1)!.step]).toEqual([0, 4998]);
    const gaps = kept.slice(1, -1).map(({ step }, i) => step - kept[i]!.step);
    expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThanOrEqual(3);
  });
});
