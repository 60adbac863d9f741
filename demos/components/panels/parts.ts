/** Pictures of scenes taken apart. Pure functions. */
import type { Artifact, ImageGrid } from '../../../src/worker/protocol.ts';
import { classColor, type Scheme } from './colors.ts';
import { rgbOf } from './splat.ts';

type Round = Extract<Artifact, { kind: 'parts' }>['rounds'][number];
export type View = 'painted' | 'mask' | 'attention';

/** Which object or part each pixel belongs to, in colours; 0 stays dark where `ground` is set. `ids`: [n × H × W]. */
export function colouredGrid(ids: Uint8Array, [h, w]: readonly [number, number, ...unknown[]], scheme: Scheme, ground: boolean): ImageGrid {
  const pixels = new Uint8Array(ids.length * 3);
  for (const [p, id] of ids.entries())
    pixels.set(ground && id === 0 ? [40, 40, 46] : rgbOf(classColor(ground ? id - 1 : id, scheme)), 3 * p);
  return { n: ids.length / (h * w), shape: [h, w, 3], pixels };
}

/** One round of one scene as images in a row: all parts together, then each part in the way chosen. */
export function roundGrid({ whole, images, masks, attention }: Round, scene: number, parts: number, view: View): ImageGrid {
  const [h, w, channels] = whole.shape;
  const area = h * w;
  const size = area * channels;
  const pixels = new Uint8Array((parts + 1) * size);
  pixels.set(whole.pixels.subarray(scene * size, (scene + 1) * size));
  for (let part = 0; part < parts; part++) {
    const which = scene * parts + part;
    const [ah, aw] = attention.side;
    const looked = attention.shares.subarray(which * ah * aw, (which + 1) * ah * aw);
    for (let p = 0; p < area; p++) {
      const share = masks[which * area + p]! / 255;
      const place = Math.floor((Math.floor(p / w) * ah) / h) * aw + Math.floor(((p % w) * aw) / w);
      for (let c = 0; c < channels; c++) {
        const painted = share * images.pixels[which * size + p * channels + c]! + (1 - share) * 128;
        pixels[(part + 1) * size + p * channels + c] = view === 'painted' ? painted : view === 'mask' ? 255 * share : looked[place]!;
      }
    }
  }
  return { n: parts + 1, shape: whole.shape, pixels };
}

/** Each part's share of one scene's pixels, in [0, 1]. */
export const sharesOf = ({ masks }: Round, scene: number, parts: number, area: number): number[] =>
  Array.from({ length: parts }, (_, part) => {
    const from = (scene * parts + part) * area;
    return masks.subarray(from, from + area).reduce((sum, v) => sum + v, 0) / (255 * area);
  });
