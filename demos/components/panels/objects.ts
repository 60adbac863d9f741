/** Objects of scenes as outlines and in words. Pure functions. */
import type { SceneObject } from '../../../src/data/dataset.ts';
import { objectSize, readObjects, type SeenObject } from '../../../src/data/objects.ts';
import { mostObjects, sceneColours } from '../../../src/data/scenes.ts';
import { hitsOf } from '../../../src/evaluate/average-precision.ts';
import type { Artifact } from '../../../src/worker/protocol.ts';

type Objects = Extract<Artifact, { kind: 'objects' }>;

/** What is true of a scene and what its slots say; which true object each of them names, −1 none; and the true ones that none names. */
export type Answer = {
  readonly truth: readonly SceneObject[];
  readonly seen: readonly SeenObject[];
  readonly hits: readonly number[];
  readonly missed: readonly SceneObject[];
};

/** A slot counts as naming an object above this presence. */
export const sure = 0.5;

/** The answer of one scene. A hit: shape and colour are right, and the centre is at most an eighth of the side away. */
export function answerOf({ truth, seen, slots, originals }: Objects, scene: number): Answer {
  const [side] = originals.shape;
  const rows = (all: Float32Array, each: number) =>
    readObjects(all.subarray(scene * each * objectSize, (scene + 1) * each * objectSize), side);
  const known = rows(truth, mostObjects).filter(({ presence }) => presence > sure);
  const said = rows(seen, slots);
  const claims = said.filter(({ presence }) => presence > sure);
  const found = hitsOf([{ truth: known, seen: claims }], side / 8).hits[0]!;
  const hits = said.map((object) => (claims.includes(object) ? found[claims.indexOf(object)]! : -1));
  return { truth: known, seen: said, hits, missed: known.filter((_, o) => !hits.includes(o)) };
}

export const inWords = ({ colour, shape }: Pick<SceneObject, 'colour' | 'shape'>): string => `${sceneColours[colour]!.name} ${shape}`;
export const cssColour = ({ colour }: Pick<SceneObject, 'colour'>): string => `rgb(${sceneColours[colour]!.rgb.join(' ')})`;

/** Corners of a shape of radius 1 around the origin, y downwards; circle: none. */
const half = Math.sqrt(Math.PI) / 2;
const corners: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  square: [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ],
  triangle: [
    [0, -1.1],
    [1.2, 0.9],
    [-1.2, 0.9],
  ],
};

/** Corners of an object as it lies in its scene, in pixels; null for a circle. */
export const cornersOf = ({ shape, x, y, radius }: SceneObject): [number, number][] | null =>
  corners[shape]?.map(([dx, dy]) => [x + radius * dx, y + radius * dy]) ?? null;

/** What became of a scene, in a sentence. */
export function verdictOf({ truth, seen, hits, missed }: Answer): string {
  const claims = seen.filter(({ presence }) => presence > sure).length;
  const right = truth.length - missed.length;
  const wrong = claims - right;
  const ofAll = `${right} of ${truth.length} ${truth.length === 1 ? 'object' : 'objects'} named right`;
  const rest = [
    ...(missed.length ? [`not named: ${missed.map(inWords).join(', ')}`] : []),
    ...(wrong ? [`${wrong} ${wrong === 1 ? 'slot names' : 'slots name'} what is not there`] : []),
  ];
  return `${[ofAll, ...rest].join('; ')}.${hits.length < truth.length ? ' There are fewer slots than objects.' : ''}`;
}
