import { describe, expect, test } from 'vitest';
import type { SceneObject } from '../../src/data/dataset.ts';
import type { SeenObject } from '../../src/data/objects.ts';
import { averagePrecision, hitsOf } from '../../src/evaluate/average-precision.ts';

const anywhere = Number.POSITIVE_INFINITY;
const object = (colour: number, x: number, y = 8, shape = 'circle'): SceneObject => ({ shape, colour, x, y, radius: 4 });
const seen = (presence: number, of: SceneObject, dx = 0): SeenObject => ({ ...of, x: of.x + dx, presence, shapeShare: 1, colourShare: 1 });
const [red, green, blue] = [object(0, 5), object(1, 15), object(2, 25)];

describe('average precision', () => {
  test('is 1 for all objects and nothing else, also below surer hits; 0 for wrong colours or shapes', () => {
    const truth = [red, green, blue];
    const all = truth.map((one, i) => seen(0.9 - i / 10, one));
    expect(averagePrecision([{ truth, seen: all }], anywhere)).toBe(1);
    expect(averagePrecision([{ truth, seen: [seen(0.1, object(5, 5)), ...all] }], 1)).toBe(1);
    const wrong = [seen(1, object(3, 5)), seen(1, object(1, 15, 8, 'square'))];
    expect(averagePrecision([{ truth, seen: wrong }], anywhere)).toBe(0);
    expect(averagePrecision([{ truth, seen: [] }], anywhere)).toBe(0);
  });

  test('by hand: hits and misses in the order of how sure they are, over two scenes', () => {
    // Hit, miss, hit, and one object never named: precisions 1 and 2/3 at recalls 1/3 and 2/3.
    const scenes = [
      { truth: [red, green], seen: [seen(0.9, red), seen(0.3, object(6, 3))] },
      { truth: [blue], seen: [seen(0.5, object(4, 25))] },
    ];
    expect(averagePrecision(scenes, anywhere)).toBeCloseTo(1 / 3, 12);
    const later = [{ ...scenes[0]!, seen: [...scenes[0]!.seen, seen(0.4, green)] }, scenes[1]!];
    expect(averagePrecision(later, anywhere)).toBeCloseTo((1 + 2 / 3) / 3, 12);
    // Miss, hit, hit: precision ½ at the first hit, raised to the 2/3 of the second.
    const first = [{ truth: [red, green], seen: [seen(0.9, blue), seen(0.8, red), seen(0.7, green)] }];
    expect(averagePrecision(first, anywhere)).toBeCloseTo(2 / 3, 12);
  });

  test('an object is hit once, by the surest; the distance counts to the pixel', () => {
    const scene = { truth: [red], seen: [seen(0.4, red), seen(0.6, red, 3)] };
    expect([...hitsOf([scene], anywhere).hits[0]!]).toEqual([-1, 0]);
    expect([...hitsOf([scene], 2.9).hits[0]!]).toEqual([0, -1]);
    expect([...hitsOf([scene], 3).hits[0]!]).toEqual([-1, 0]);
    expect(averagePrecision([scene], anywhere)).toBe(1);
    // The surer one misses.
    expect(averagePrecision([scene], 2)).toBe(0.5);
  });

  test('of two alike the nearer one is hit, and the other is left', () => {
    const twins = [object(0, 5), object(0, 12)];
    expect([...hitsOf([{ truth: twins, seen: [seen(0.9, object(0, 11)), seen(0.8, object(0, 10))] }], anywhere).hits[0]!]).toEqual([1, 0]);
  });

  test('needs an object to find', () => {
    expect(() => averagePrecision([{ truth: [], seen: [seen(1, red)] }], 1)).toThrow(/at least one to find/);
  });
});
