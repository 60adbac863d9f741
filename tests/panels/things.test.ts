import { expect, test } from 'vitest';
import { foundIn, moved, swapped } from '../../demos/components/panels/things.ts';

const things = [
  { from: 3, x: 8, y: 9 },
  { from: 7, x: 20, y: 10 },
];

test('present things of a scene keep the numbers of their cells', () => {
  // Two scenes of three cells; presence, down, right, side, depth.
  const numbers = [
    [0, 1, 2, 3, 0],
    [1, 8, 9, 12, 0],
    [0, 0, 0, 0, 0],
    [1, 4, 5, 6, 0],
    [0, 0, 0, 0, 0],
    [1, 7, 8, 9, 0],
  ].flat();
  const artifact = { each: 3, things: Float32Array.from(numbers) } as Parameters<typeof foundIn>[0];
  expect(foundIn(artifact, 0)).toEqual([{ from: 1, y: 8, x: 9, side: 12 }]);
  expect(foundIn(artifact, 1)).toEqual([
    { from: 0, y: 4, x: 5, side: 6 },
    { from: 2, y: 7, x: 8, side: 9 },
  ]);
});

test('a thing that is moved stays in the picture, and the others where they are', () => {
  expect(moved(things, 1, 40, -3, 32)).toEqual([things[0], { from: 7, x: 32, y: 0 }]);
});

test('two things swap their places, not their looks', () => {
  expect(swapped(things, 0, 1)).toEqual([
    { from: 3, x: 20, y: 10 },
    { from: 7, x: 8, y: 9 },
  ]);
});
