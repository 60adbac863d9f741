import type { ImageGrid } from '../../../src/worker/protocol.ts';

/** Image `index` as RGBA into `out` at pixel (left, top) of a picture `width` pixels wide; grey is spread to R, G and B. */
export function copyImage(grid: ImageGrid, index: number, out: Uint8ClampedArray, width: number, left = 0, top = 0): void {
  const [h, w, c] = grid.shape;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = ((index * h + y) * w + x) * c;
      const to = ((top + y) * width + left + x) * 4;
      const red = grid.pixels[from] ?? 0;
      out[to] = red;
      out[to + 1] = c === 1 ? red : (grid.pixels[from + 1] ?? 0);
      out[to + 2] = c === 1 ? red : (grid.pixels[from + 2] ?? 0);
      out[to + 3] = 255;
    }
  }
}

/** All images on one sheet, `columns` wide, rows from the top (or from the bottom up). */
export function sheetPixels(grid: ImageGrid, columns: number, upwards = false): ImageData {
  const [h, w] = grid.shape;
  const rows = Math.max(1, Math.ceil(grid.n / columns));
  const sheet = new ImageData(columns * w, rows * h);
  for (let i = 0; i < grid.n; i++) {
    const row = Math.floor(i / columns);
    copyImage(grid, i, sheet.data, sheet.width, (i % columns) * w, (upwards ? rows - 1 - row : row) * h);
  }
  return sheet;
}

/** A canvas off screen that holds the picture, for drawing it scaled. */
export function offscreen(picture: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
  return canvas;
}
