/** Many small dots, drawn into an array of pixels: ten thousand in a few milliseconds on any machine, with or without a graphics card. */

export type Rgb = readonly [number, number, number];

/** "#rrggbb" as numbers. */
export const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

/** Pixels of RGBA, rows from the top down. */
export type Pixels = { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number };

/** The share of each pixel that a disc of this radius covers, as [dx, dy, share, …] from its centre's pixel. */
function disc(radius: number): Float32Array {
  const reach = Math.ceil(radius);
  const found: number[] = [];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      const share = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(dx, dy)));
      if (share > 0) found.push(dx, dy, share);
    }
  return Float32Array.from(found);
}

/**
 * Draws a disc for each point [x0, y0, x1, …], in pixels, in the order of the points: `color(i)` its colour, `alpha(i)` its opacity (0: not
 * drawn). Clears the picture first; dots outside of it are cut off.
 */
export function splat(
  { data, width, height }: Pixels,
  points: Float32Array,
  radius: number,
  color: (index: number) => Rgb,
  alpha: (index: number) => number,
): void {
  data.fill(0);
  const mask = disc(radius);
  const reach = Math.ceil(radius);
  for (let i = 0; i < points.length / 2; i++) {
    const opacity = alpha(i);
    const x = Math.round(points[2 * i]!);
    const y = Math.round(points[2 * i + 1]!);
    if (opacity <= 0 || !(x >= -reach && x < width + reach && y >= -reach && y < height + reach)) continue;
    const [r, g, b] = color(i);
    for (let m = 0; m < mask.length; m += 3) {
      const px = x + mask[m]!;
      const py = y + mask[m + 1]!;
      if (px < 0 || px >= width || py < 0 || py >= height) continue;
      const at = 4 * (py * width + px);
      const share = opacity * mask[m + 2]!;
      // Over what is there: the colour of a transparent pixel counts for nothing.
      const under = (data[at + 3]! / 255) * (1 - share);
      const total = share + under;
      const mix = share / total;
      data[at] = data[at]! + (r - data[at]!) * mix;
      data[at + 1] = data[at + 1]! + (g - data[at + 1]!) * mix;
      data[at + 2] = data[at + 2]! + (b - data[at + 2]!) * mix;
      data[at + 3] = 255 * total;
    }
  }
}
