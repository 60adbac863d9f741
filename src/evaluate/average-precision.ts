/** How well sets of objects were named. Plain arithmetic: pages read it too. */
import type { SceneObject } from '../data/dataset.ts';
import type { SeenObject } from '../data/objects.ts';

/** A scene's true objects, and what somebody claims to see in it. */
export type Named = { readonly truth: readonly SceneObject[]; readonly seen: readonly SeenObject[] };

/**
 * Which true object each claim hits: [scene][claim], −1 none. The surest claims choose first, over all scenes; each takes the nearest
 * true object of its shape and colour whose centre lies within so many pixels and which no other has taken.
 */
export function hitsOf(
  scenes: readonly Named[],
  within: number,
): { readonly hits: readonly Int8Array[]; readonly order: readonly Claim[] } {
  const hits = scenes.map(({ seen }) => new Int8Array(seen.length).fill(-1));
  const order = scenes.flatMap(({ seen }, scene) => seen.map(({ presence }, claim) => ({ scene, claim, presence })));
  order.sort((a, b) => b.presence - a.presence);
  for (const { scene, claim } of order) {
    const { truth, seen } = scenes[scene]!;
    const { shape, colour, x, y } = seen[claim]!;
    let nearest = within;
    for (const [o, object] of truth.entries()) {
      const distance = Math.hypot(object.x - x, object.y - y);
      if (object.shape !== shape || object.colour !== colour || distance > nearest || hits[scene]!.includes(o)) continue;
      hits[scene]![claim] = o;
      nearest = distance;
    }
  }
  return { hits, order };
}
type Claim = { readonly scene: number; readonly claim: number; readonly presence: number };

/**
 * Average precision: the area under precision against recall as less and less sure claims are let in, each precision raised to the best
 * at that recall or a higher one. 1 if every true object is hit by surer claims than all misses, 0 if none is hit. As in Locatello et al.
 * 2020, arXiv 2006.15055, “Set Prediction”. Throws where there is no true object.
 */
export function averagePrecision(scenes: readonly Named[], within: number): number {
  const total = scenes.reduce((sum, { truth }) => sum + truth.length, 0);
  if (total === 0) throw new Error('No scene has an object: average precision needs at least one to find');
  const { hits, order } = hitsOf(scenes, within);
  let right = 0;
  const precisions: number[] = [];
  for (const [i, { scene, claim }] of order.entries()) if (hits[scene]![claim]! >= 0) precisions.push(++right / (i + 1));
  // Recall grows at hits alone, by 1 / total.
  let [best, area] = [0, 0];
  for (const precision of precisions.reverse()) {
    best = Math.max(best, precision);
    area += best;
  }
  return area / total;
}
