import { expect, it } from 'vitest';
import { answerOf, cornersOf, verdictOf } from '../../demos/components/panels/objects.ts';
import type { SceneObject } from '../../src/data/dataset.ts';
import { objectSize, packObjects } from '../../src/data/objects.ts';
import { covered, mostObjects } from '../../src/data/scenes.ts';

const circle: SceneObject = { shape: 'circle', colour: 0, x: 6, y: 8, radius: 4 };
const square: SceneObject = { shape: 'square', colour: 1, x: 20, y: 8, radius: 5 };
const originals = { n: 2, shape: [32, 32, 3] as const, pixels: new Uint8Array() };
const attention = { side: [1, 1] as const, shares: new Uint8Array() };
const rows = (objects: readonly SceneObject[], presence: readonly number[]) => {
  const packed = packObjects([objects], 32).subarray(0, objects.length * objectSize);
  for (const [i, p] of presence.entries()) packed[i * objectSize] = p;
  return packed;
};

it('says of the chosen scene which slots are right and which objects nobody names', () => {
  // Three slots: a wrong colour, the square three pixels off, and the circle without being sure.
  const said = rows([{ ...circle, colour: 4 }, { ...square, x: 23 }, circle], [0.9, 0.8, 0.4]);
  const truth = new Float32Array(2 * mostObjects * objectSize);
  truth.set(packObjects([[circle, square]], 32), mostObjects * objectSize);
  const seen = Float32Array.from([...new Float32Array(said.length), ...said]);
  const answer = answerOf({ kind: 'objects', originals, truth, slots: 3, seen, attention }, 1);
  expect(answer.hits).toEqual([-1, 1, -1]);
  expect(answer.missed.map(({ shape }) => shape)).toEqual(['circle']);
  expect(verdictOf(answer)).toBe('1 of 2 objects named right; not named: red circle; 1 slot names what is not there.');
  // Five pixels are more than an eighth of the side.
  const far = rows([{ ...square, x: 25 }], [0.9]);
  const alone = {
    kind: 'objects',
    originals: { ...originals, n: 1 },
    truth: packObjects([[circle, square]], 32),
    slots: 1,
    seen: far,
    attention,
  } as const;
  expect(answerOf(alone, 0).hits).toEqual([-1]);
  expect(verdictOf(answerOf(alone, 0))).toMatch(/^0 of 2 objects named right; .*There are fewer slots than objects\.$/);
});

it('outlines what an object covers', () => {
  expect(cornersOf(circle)).toBeNull();
  for (const shape of ['square', 'triangle']) {
    const object = { shape, colour: 0, x: 31.3, y: 30.8, radius: 20 };
    const corners = cornersOf(object)!;
    // The shoelace formula, against the pixels that the scene paints.
    const area = corners.reduce((sum, [x, y], i) => {
      const [nextX, nextY] = corners[(i + 1) % corners.length]!;
      return sum + (x * nextY - nextX * y) / 2;
    }, 0);
    const pixels = covered(object, 64);
    expect(Math.abs(Math.abs(area) - pixels.length)).toBeLessThan(0.03 * pixels.length);
    const rowsOf = pixels.map((p) => Math.floor(p / 64));
    expect(Math.abs(Math.min(...rowsOf) - Math.min(...corners.map(([, y]) => y)))).toBeLessThan(1.5);
    expect(Math.abs(Math.max(...rowsOf) + 1 - Math.max(...corners.map(([, y]) => y)))).toBeLessThan(1.5);
  }
});
