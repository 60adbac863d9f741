import { describe, expect, test } from 'vitest';
import { foundAll } from '../../src/evaluate/things.ts';

describe('objects are all found', () => {
  const objects = [
    { x: 8, y: 8 },
    { x: 24, y: 8 },
  ];
  test('where each has a box of its own within 3 pixels, in any order', () => {
    expect(
      foundAll(objects, [
        { x: 24, y: 10 },
        { x: 9, y: 8 },
      ]),
    ).toBe(true);
    expect(foundAll([], [])).toBe(true);
  });
  test('not with a box too many, one too few, one too far, or one for both', () => {
    expect(
      foundAll(objects, [
        { x: 24, y: 8 },
        { x: 8, y: 8 },
        { x: 16, y: 16 },
      ]),
    ).toBe(false);
    expect(foundAll(objects, [{ x: 24, y: 8 }])).toBe(false);
    expect(
      foundAll(objects, [
        { x: 24, y: 8 },
        { x: 8, y: 12 },
      ]),
    ).toBe(false);
    const close = [
      { x: 8, y: 8 },
      { x: 10, y: 8 },
    ];
    expect(
      foundAll(close, [
        { x: 9, y: 8 },
        { x: 30, y: 30 },
      ]),
    ).toBe(false);
  });
});
