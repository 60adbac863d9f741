import { expect } from 'vitest';

/** Numbers agree to |actual − expected| ≤ atol + rtol·|expected|; NaN never agrees. Names the worst entry. */
export function expectClose(
  actual: ArrayLike<number> | number,
  expected: ArrayLike<number> | number,
  { rtol = 1e-5, atol = 0 }: { rtol?: number; atol?: number } = {},
): void {
  const a = typeof actual === 'number' ? [actual] : Array.from(actual);
  const e = typeof expected === 'number' ? [expected] : Array.from(expected);
  expect(a.length, 'number of values').toBe(e.length);
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i]! - e[i]!) / (atol + rtol * Math.abs(e[i]!) || Number.MIN_VALUE);
    const over = a[i] === e[i] ? 0 : Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
    if (over > 1 && over > excess) {
      worst = i;
      excess = over;
    }
  }
  if (worst >= 0)
    expect.fail(
      `value ${worst} of ${a.length} is ${a[worst]}, expected ${e[worst]} (rtol ${rtol}, atol ${atol}): ${excess.toPrecision(3)} × the tolerance`,
    );
}
