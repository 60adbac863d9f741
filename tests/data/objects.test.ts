import { expect, test } from 'vitest';
import { objectNumbers, objectSize, packObjects, readObjects } from '../../src/data/objects.ts';
import { drawScenes, mostObjects } from '../../src/data/scenes.ts';
import { numbers } from '../../src/ops/numbers.ts';

test('objects come back as they were written, and the rest of a scene is absent', () => {
  const side = 48;
  const { objects } = drawScenes(20, side, numbers(3));
  const packed = packObjects(objects, side);
  expect(packed.length).toBe(20 * mostObjects * objectSize);
  expect(objectNumbers.groups.reduce((sum, n) => sum + n, objectNumbers.free)).toBe(objectSize);
  for (const [i, list] of objects.entries()) {
    const row = packed.subarray(i * mostObjects * objectSize, (i + 1) * mostObjects * objectSize);
    const read = readObjects(row, side);
    expect(read.map(({ presence }) => presence)).toEqual(Array.from({ length: mostObjects }, (_, o) => Number(o < list.length)));
    for (const [o, { shape, colour, x, y, radius }] of list.entries()) {
      expect(read[o]).toMatchObject({ shape, colour, shapeShare: 1, colourShare: 1 });
      expect(read[o]!.x).toBeCloseTo(x, 4);
      expect(read[o]!.y).toBeCloseTo(y, 4);
      expect(read[o]!.radius).toBeCloseTo(radius, 4);
    }
    expect(row.subarray(list.length * objectSize).every((v) => v === 0)).toBe(true);
  }
});

test('the likeliest shape and colour are read, with their shares', () => {
  const numbersOf = Float32Array.from([0.75, 0.5, 0.25, 0.125, 0.2, 0.5, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.375, 0.125]);
  const expected = { presence: 0.75, x: 16, y: 8, radius: 4, shape: 'square', shapeShare: 0.5, colour: 5, colourShare: 0.375 };
  expect(readObjects(numbersOf, 32)).toEqual([expected]);
});
