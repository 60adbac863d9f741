import type { Frame } from './geometry.ts';

/**
 * The decoded grid has `side` images from −span to span on each axis, the first row at the bottom. An image stands for
 * the latent at its centre, so the picture reaches half a cell beyond ±span.
 */
export function manifoldFrame(side: number, span: number, width: number): Frame {
  const scale = (width * Math.max(1, side - 1)) / (side * 2 * span);
  return { scale, x0: width / 2, y0: width / 2 };
}

/** Index of the image under a point of a picture `width` wide. */
export function manifoldCell(side: number, width: number, x: number, y: number): number {
  const cell = (v: number) => Math.max(0, Math.min(side - 1, Math.floor((v / width) * side)));
  return (side - 1 - cell(y)) * side + cell(x);
}

/** The two latents of image `index`. */
export function manifoldLatent(side: number, span: number, index: number): readonly [number, number] {
  const at = (k: number) => (side > 1 ? -span + (2 * span * k) / (side - 1) : 0);
  return [at(index % side), at(Math.floor(index / side))];
}
