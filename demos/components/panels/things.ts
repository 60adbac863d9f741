import type { Artifact, Edit } from '../../../src/evaluate/artifact.ts';

/** A thing that was found: its number among all cells, its centre and side in pixels. */
export type Found = Edit['things'][number] & { readonly side: number };

/** The present things of a scene. */
export const foundIn = ({ things, each }: Extract<Artifact, { kind: 'things' }>, scene: number): readonly Found[] =>
  Array.from({ length: each }, (_, from) => {
    const [presence, y, x, side] = things.subarray((scene * each + from) * 5);
    return { from, presence: presence!, y: y!, x: x!, side: side! };
  })
    .filter(({ presence }) => presence > 0.5)
    .map(({ from, y, x, side }) => ({ from, y, x, side }));

/** Thing `index` at another centre, which stays in the picture. */
export function moved(things: Edit['things'], index: number, x: number, y: number, side: number): Edit['things'] {
  const inside = (v: number) => Math.min(side, Math.max(0, v));
  return things.map(({ from, ...at }, i) => ({ from, ...(i === index ? { x: inside(x), y: inside(y) } : { x: at.x, y: at.y }) }));
}

/** Two things in each other's places. */
export const swapped = (things: Edit['things'], a: number, b: number): Edit['things'] =>
  things.map(({ from }, i) => {
    const { x, y } = things[i === a ? b : i === b ? a : i]!;
    return { from, x, y };
  });
