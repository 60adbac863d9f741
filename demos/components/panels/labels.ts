import type { ImageGrid } from '../../../src/worker/protocol.ts';
import { classColors } from './colors.ts';
import { rgbOf } from './splat.ts';

/** Of a pixel's class, on grey images of either colour scheme; class 0 has none. */
export const labelColor = (label: number): string => classColors.dark[[0, 1, 2, 4, 9, 8][label % 6]!]!;

/** Grey images as colour images, each pixel tinted by its label; those of label 0 stay grey. */
export function tinted({ n, shape: [h, w], pixels }: ImageGrid, labels: Uint8Array, colorOf = labelColor): ImageGrid {
  const out = new Uint8Array(n * h * w * 3);
  const colors = [0, 1, 2, 3, 4, 5].map((label) => rgbOf(colorOf(label)));
  labels.forEach((label, i) => {
    for (let c = 0; c < 3; c++) out[3 * i + c] = label ? Math.round(0.35 * pixels[i]! + 0.65 * colors[label % 6]![c]!) : pixels[i]!;
  });
  return { n, shape: [h, w, 3], pixels: out };
}
