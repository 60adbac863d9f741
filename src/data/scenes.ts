import type { Numbers } from '../ops/numbers.ts';
import { numbers } from '../ops/numbers.ts';
import type { SceneDataset, SceneObject, SceneSplit } from './dataset.ts';

/** Colours of objects, as bytes; all far from the background and from each other. */
export const sceneColours = [
  { name: 'red', rgb: [226, 57, 49] },
  { name: 'green', rgb: [58, 171, 68] },
  { name: 'blue', rgb: [53, 104, 224] },
  { name: 'yellow', rgb: [243, 206, 52] },
  { name: 'purple', rgb: [158, 68, 196] },
  { name: 'cyan', rgb: [61, 201, 214] },
  { name: 'white', rgb: [240, 240, 240] },
] as const;

/** The colour behind all objects, as bytes. */
export const background = [40, 40, 46] as const;

/** Whether a point lies in a shape of radius 1 around the origin, y downwards. Circle and square have the same area, π. */
const insides: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  circle: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= Math.sqrt(Math.PI) / 2,
  triangle: (x, y) => y >= -1.1 && y <= 0.9 && Math.abs(x) <= 0.6 * (y + 1.1),
};
export const sceneShapes = Object.keys(insides);

/** Most objects of a scene, the least share of an object's pixels that stays in sight, and radii as shares of the side. */
export const mostObjects = 5;
const inSight = 0.5;
const radii = [0.12, 0.2] as const;

/** The pixels that an object covers, whether or not something lies before it: places in a side × side image. */
export function covered({ shape, x, y, radius }: SceneObject, side: number): number[] {
  const inside = insides[shape]!;
  const from = (centre: number) => Math.max(0, Math.floor(centre - 1.2 * radius));
  const to = (centre: number) => Math.min(side, Math.ceil(centre + 1.2 * radius));
  const found: number[] = [];
  // A pixel belongs to what its centre lies in.
  for (let row = from(y); row < to(y); row++)
    for (let column = from(x); column < to(x); column++)
      if (inside((column + 0.5 - x) / radius, (row + 0.5 - y) / radius)) found.push(row * side + column);
  return found;
}

function drawObject(side: number, rng: Numbers): SceneObject {
  const radius = side * (radii[0] + (radii[1] - radii[0]) * rng.uniform());
  const place = () => radius + (side - 2 * radius) * rng.uniform();
  return { shape: sceneShapes[rng.integer(sceneShapes.length)]!, colour: rng.integer(sceneColours.length), x: place(), y: place(), radius };
}

/**
 * One scene of `side` × `side` pixels: 1 … 5 objects, uniformly many, from the farthest to the nearest, and the object of each
 * pixel: 0 the background, k the k-th object. What would leave less than half of some object in sight is drawn anew.
 */
export function drawScene(side: number, rng: Numbers): { readonly objects: readonly SceneObject[]; readonly mask: Uint8Array } {
  const count = 1 + rng.integer(mostObjects);
  for (;;) {
    const objects: SceneObject[] = [];
    const [whole, seen]: [number[], number[]] = [[], []];
    const mask = new Uint8Array(side * side);
    for (let tries = 0; tries < 50 && objects.length < count; tries++) {
      const object = drawObject(side, rng);
      const pixels = covered(object, side);
      const left = [...seen];
      for (const p of pixels) if (mask[p]) left[mask[p]! - 1]! -= 1;
      if (left.some((n, k) => n < inSight * whole[k]!)) continue;
      objects.push(object);
      whole.push(pixels.length);
      seen.splice(0, seen.length, ...left, pixels.length);
      for (const p of pixels) mask[p] = objects.length;
    }
    if (objects.length === count) return { objects, mask };
  }
}

/** `size` scenes of a stream of their own each, painted; a scene's label is its number of objects less one. */
export function drawScenes(size: number, side: number, rng: Numbers): SceneSplit {
  const area = side * side;
  const pixels = new Uint8Array(size * area * 3);
  const masks = new Uint8Array(size * area);
  const objects = Array.from({ length: size }, (_, i) => {
    const scene = drawScene(side, rng.split(i));
    masks.set(scene.mask, i * area);
    const paint = [background, ...scene.objects.map(({ colour }) => sceneColours[colour]!.rgb)];
    for (let p = 0; p < area; p++) pixels.set(paint[scene.mask[p]!]!, (i * area + p) * 3);
    return scene.objects;
  });
  return { size, pixels, masks, objects, labels: Uint8Array.from(objects, ({ length }) => length - 1) };
}

/** Scenes of coloured shapes: always the same for a side, training and held-out ones of different streams. 32 to 64 pixels a side. */
export function shapeScenes(
  info: Pick<SceneDataset, 'id' | 'name'>,
  { side = 32, train = 5000, test = 500 }: { side?: number; train?: number; test?: number } = {},
): SceneDataset {
  if (!Number.isInteger(side) || side < 32 || side > 64)
    throw new Error(`side is ${side}; scenes need a whole number of pixels from 32 to 64`);
  const rng = numbers(2020).split(info.id, side);
  return {
    ...{ kind: 'scenes', id: info.id, name: info.name, shape: [side, side, 3] },
    classes: Array.from({ length: mostObjects }, (_, k) => (k === 0 ? '1 object' : `${k + 1} objects`)),
    train: drawScenes(train, side, rng.split('train')),
    test: drawScenes(test, side, rng.split('test')),
  };
}
