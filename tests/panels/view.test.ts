import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enclosed, inside, panned, viewed, wholeView, zoomed } from '../../demos/components/panels/geometry.ts';
import { expectClose } from '../close.ts';

const [width, height] = [600, 400];
const seen = (view: typeof wholeView, x: number, y: number) => viewed(Float32Array.of(x, y), view);

describe('a view', () => {
  it('keeps in its place what the pointer is at, and never shows what lies beyond the picture', () => {
    const place = fc.tuple(fc.double({ min: 0, max: width, noNaN: true }), fc.double({ min: 0, max: height, noNaN: true }));
    const move = fc.oneof(
      fc.record({ by: place, to: fc.constant(null) }),
      fc.record({ by: fc.double({ min: 0.1, max: 9, noNaN: true }), to: place }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
        let view = wholeView;
        for (const { by, to } of moves) {
          if (!to) view = panned(view, (by as number[])[0]! - width / 2, (by as number[])[1]! - height / 2, width, height);
          else {
            const [x, y] = to;
            const under = [(x - view.x) / view.scale, (y - view.y) / view.scale] as const;
            const next = zoomed(view, by as number, x, y, width, height);
            // Nothing holds it where it is but the edges, which matter only when it shrinks.
            if (next.scale > view.scale) expectClose(seen(next, ...under), [x, y], { atol: 0.02 });
            view = next;
          }
          expect(view.scale).toBeGreaterThanOrEqual(1);
          expect(view.scale).toBeLessThanOrEqual(40);
          const [left, top] = seen(view, 0, 0);
          const [right, bottom] = seen(view, width, height);
          expect(Math.max(left!, top!)).toBeLessThanOrEqual(1e-3);
          expect(right!).toBeGreaterThanOrEqual(width - 1e-2);
          expect(bottom!).toBeGreaterThanOrEqual(height - 1e-2);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('of the whole cannot be moved', () => expect(panned(wholeView, 50, -20, width, height)).toEqual(wholeView));
});

describe('a lasso', () => {
  // A C: a square with a notch from the right.
  const c = [0, 0, 10, 0, 10, 3, 4, 3, 4, 7, 10, 7, 10, 10, 0, 10];
  it('holds what is inside, not what lies in its bays', () => {
    expect(inside(c, 2, 5)).toBe(true);
    expect(inside(c, 8, 1)).toBe(true);
    expect(inside(c, 8, 9)).toBe(true);
    expect(inside(c, 8, 5)).toBe(false);
    expect(inside(c, -1, 5)).toBe(false);
    expect(inside(c, 11, 1)).toBe(false);
    expect(inside([], 1, 1)).toBe(false);
  });

  it('around a circle holds exactly the points nearer than its radius, whichever way it is drawn', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.boolean(),
        (x, y, backwards) => {
          const distance = Math.hypot(x, y);
          fc.pre(Math.abs(distance - 1) > 0.01);
          const circle = Array.from({ length: 100 }, (_, k) => {
            const angle = (2 * Math.PI * (backwards ? 99 - k : k)) / 100;
            return [Math.cos(angle), Math.sin(angle)];
          }).flat();
          expect(inside(circle, x, y)).toBe(distance < 1);
        },
      ),
      { seed: 2 },
    );
  });

  it('picks visible points only', () => {
    const points = Float32Array.of(2, 5, 8, 5, 1, 1, 9, 9);
    expect(enclosed(points, c, () => true)).toEqual([0, 2, 3]);
    expect(enclosed(points, c, (i) => i !== 2)).toEqual([0, 3]);
  });
});
