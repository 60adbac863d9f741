/** Objects of scenes as numbers, for who learns to name them. Plain arithmetic: pages read it too. */
import type { SceneObject } from './dataset.ts';
import { mostObjects, sceneColours, sceneShapes } from './scenes.ts';

/**
 * What describes an object: presence, x, y and radius as shares of the side, all free in [0, 1]; then a number for each shape and one for
 * each colour, of which one alone is 1.
 */
export const objectNumbers = { free: 4, groups: [sceneShapes.length, sceneColours.length] } as const;
export const objectSize = 4 + sceneShapes.length + sceneColours.length;

/** Scenes as [N × 5 × objectSize]: objects in their order, 1 at their own shape and colour; the rest of a scene is 0, and so absent. */
export function packObjects(scenes: readonly (readonly SceneObject[])[], side: number): Float32Array {
  const out = new Float32Array(scenes.length * mostObjects * objectSize);
  for (const [n, objects] of scenes.entries())
    for (const [o, { shape, colour, x, y, radius }] of objects.entries()) {
      const at = (n * mostObjects + o) * objectSize;
      out.set([1, x / side, y / side, radius / side], at);
      out[at + 4 + sceneShapes.indexOf(shape)] = 1;
      out[at + 4 + sceneShapes.length + colour] = 1;
    }
  return out;
}

/** An object that somebody claims to see, how sure of it, and how sure of its shape and colour: shares in [0, 1]. */
export type SeenObject = SceneObject & { readonly presence: number; readonly shapeShare: number; readonly colourShare: number };

/** The likeliest reading of `objectSize` numbers as above. */
function readObject(numbers: Float32Array, side: number): SeenObject {
  const [presence, x, y, radius] = numbers as unknown as readonly [number, number, number, number];
  const shapes = numbers.subarray(4, 4 + sceneShapes.length);
  const colours = numbers.subarray(4 + sceneShapes.length, objectSize);
  const [shapeShare, colourShare] = [Math.max(...shapes), Math.max(...colours)];
  const colour = colours.indexOf(colourShare);
  return {
    ...{ shape: sceneShapes[shapes.indexOf(shapeShare)]!, colour, x: x * side, y: y * side, radius: radius * side },
    ...{ presence, shapeShare, colourShare },
  };
}

/** Numbers as above, of any count of objects, in words. */
export const readObjects = (numbers: Float32Array, side: number): SeenObject[] =>
  Array.from({ length: numbers.length / objectSize }, (_, i) => readObject(numbers.subarray(i * objectSize, (i + 1) * objectSize), side));
