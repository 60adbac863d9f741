import { expect, test } from 'vitest';
import { grouped, moved, written } from '../../demos/components/stack-parts.ts';
import { parseStack } from '../../src/nets/stack.ts';

test('parts of a stack are written as text that means the same', () => {
  for (const text of ['fold', 'fold, spline×4', '(linear, affine)×2, max, swap×2']) {
    const names = parseStack(text);
    expect(parseStack(written(grouped(names)))).toEqual(names);
  }
  expect(written(grouped(['abs', 'spline', 'spline', 'abs']))).toBe('abs, spline×2, abs');
});

test('a part moves by one place, and no other changes its order', () => {
  const parts = grouped(['abs', 'spline', 'max']);
  expect(written(moved(parts, 0, 1))).toBe('spline, abs, max');
  expect(written(moved(parts, 2, -1))).toBe('abs, max, spline');
});
