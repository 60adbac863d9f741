/** Where things lie on a canvas: image grids, scatter plots and what is under the pointer. Pure functions, CSS pixels. */

export type GridOptions = {
  /** Images above one another in one cell (an original and its views). */
  readonly stack?: number;
  /** Fixed number of columns; as many as fit otherwise. */
  readonly columns?: number;
  /** Wanted width of one image. */
  readonly target?: number;
  readonly gap?: number;
  /** Device pixels per CSS pixel. */
  readonly ratio?: number;
};

export type GridLayout = {
  readonly columns: number;
  readonly rows: number;
  /** Size of one image. */
  readonly width: number;
  readonly height: number;
  /** From one cell to the next. */
  readonly pitchX: number;
  readonly pitchY: number;
  /** From one image of a stack to the next. */
  readonly pitchStack: number;
  readonly totalWidth: number;
  readonly totalHeight: number;
};

/** The largest size up to `wanted` at which every source pixel covers the same whole number of device pixels. */
export function snap(wanted: number, source: number, ratio: number): number {
  const scale = Math.floor((wanted * ratio) / source);
  return scale >= 1 ? (scale * source) / ratio : wanted;
}

/** Lays out `count` cells of images (source size in pixels) in `available` width. */
export function gridLayout(available: number, count: number, source: readonly [number, number], options: GridOptions = {}): GridLayout {
  const { stack = 1, gap = 4, ratio = 1 } = options;
  const [sourceHeight, sourceWidth] = source;
  // In little room images are smaller, so that four or more stand in a row, but not smaller than they are.
  const full = options.target ?? 56;
  const target = available < 400 ? Math.max(0.75 * full, Math.min(full, sourceWidth)) : full;
  const wanted = snap(target, sourceWidth, ratio);
  const most = Math.max(1, Math.min(count, Math.floor((available + gap) / (wanted + gap))));
  // As few rows as possible, then as even as possible.
  const columns = Math.max(1, options.columns ?? Math.ceil(count / Math.max(1, Math.ceil(count / most))));
  const room = Math.max(1, (available - gap * (columns - 1)) / columns);
  const width = options.columns === undefined && room >= wanted ? wanted : snap(Math.min(room, target), sourceWidth, ratio);
  const height = (width * sourceHeight) / sourceWidth;
  const rows = Math.ceil(count / columns);
  const inner = stack > 1 ? Math.min(2, gap) : 0;
  const pitchStack = height + inner;
  const cellHeight = stack * height + (stack - 1) * inner;
  const pitchX = width + gap;
  const pitchY = cellHeight + (stack > 1 ? 3 * gap : gap);
  return {
    columns,
    rows,
    width,
    height,
    pitchX,
    pitchY,
    pitchStack,
    totalWidth: columns * pitchX - gap,
    totalHeight: Math.max(0, (rows - 1) * pitchY + cellHeight),
  };
}

/** The cell under a point, or null (between cells, or beyond the last). */
export function cellAt(layout: GridLayout, count: number, x: number, y: number): number | null {
  const column = Math.floor(x / layout.pitchX);
  const row = Math.floor(y / layout.pitchY);
  if (x < 0 || y < 0 || column >= layout.columns || x - column * layout.pitchX > layout.width) return null;
  const index = row * layout.columns + column;
  return index < count ? index : null;
}

/** Index after an arrow key in a grid, null for other keys; never leaves the grid. */
export function moveInGrid(index: number, key: string, columns: number, count: number): number | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (step === undefined) return null;
  const next = index + step;
  return next < 0 || next >= count ? index : next;
}

/** Data → screen: the same scale on both axes, centred, y upwards. */
export type Frame = { readonly scale: number; readonly x0: number; readonly y0: number };

/** The frame that fits points [x0, y0, x1, …] into a width × height canvas with a margin. */
export function fit(points: Float32Array, width: number, height: number, margin: number): Frame {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  if (left > right) return { scale: 1, x0: width / 2, y0: height / 2 };
  const wide = Math.max(1, width - 2 * margin);
  const high = Math.max(1, height - 2 * margin);
  const scale = Math.min(wide / (right - left || 1e-9), high / (top - bottom || 1e-9));
  return { scale, x0: width / 2 - (scale * (left + right)) / 2, y0: height / 2 + (scale * (bottom + top)) / 2 };
}

/** Points on screen. */
export function place(points: Float32Array, { scale, x0, y0 }: Frame): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i + 1 < points.length; i += 2) {
    out[i] = x0 + scale * points[i]!;
    out[i + 1] = y0 - scale * points[i + 1]!;
  }
  return out;
}

/** Index of the point nearest to (x, y) within `reach`, among those that `visible` allows; null when there is none. */
export function nearest(
  points: Float32Array,
  x: number,
  y: number,
  reach = Infinity,
  visible: (index: number) => boolean = () => true,
): number | null {
  let best: number | null = null;
  let least = reach * reach;
  for (let i = 0; i < points.length / 2; i++) {
    const dx = points[2 * i]! - x;
    const dy = points[2 * i + 1]! - y;
    const d = dx * dx + dy * dy;
    if ((d < least || (best === null && d <= least)) && visible(i)) {
      least = d;
      best = i;
    }
  }
  return best;
}

/** The nearest other point within 45° of an arrow key's direction on screen; the same point when there is none, null for other keys. */
export function neighbour(
  points: Float32Array,
  from: number,
  key: string,
  visible: (index: number) => boolean = () => true,
): number | null {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!direction) return null;
  const [ux, uy] = direction as [number, number];
  const x = points[2 * from]!;
  const y = points[2 * from + 1]!;
  return (
    nearest(points, x, y, Infinity, (i) => {
      if (i === from || !visible(i)) return false;
      const dx = points[2 * i]! - x;
      const dy = points[2 * i + 1]! - y;
      const along = dx * ux + dy * uy;
      return along > 0 && along >= Math.abs(dx * uy - dy * ux);
    }) ?? from
  );
}

/** Round values from `low` to `high`, about `count` of them. */
export function ticks(low: number, high: number, count = 5): number[] {
  const rough = (high - low) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10);
  const found: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

/** How a plot is looked at: a point at (px, py) of the whole picture is drawn at scale·px + x, scale·py + y. */
export type View = { readonly scale: number; readonly x: number; readonly y: number };
export const wholeView: View = { scale: 1, x: 0, y: 0 };

/** The view moved by (dx, dy) on screen, kept within the picture: nothing beyond its edges comes into sight. */
export function panned({ scale, x, y }: View, dx: number, dy: number, width: number, height: number): View {
  const within = (to: number, size: number) => Math.max(size * (1 - scale), Math.min(0, to));
  return { scale, x: within(x + dx, width), y: within(y + dy, height) };
}

/** The view enlarged by `factor`, up to 40 times the whole picture; what is at (px, py) on screen stays there. */
export function zoomed(view: View, factor: number, px: number, py: number, width: number, height: number): View {
  const scale = Math.max(1, Math.min(40, view.scale * factor));
  const f = scale / view.scale;
  return panned({ scale, x: px - (px - view.x) * f, y: py - (py - view.y) * f }, 0, 0, width, height);
}

/** Places of the whole picture as they are seen. */
export function viewed(points: Float32Array, { scale, x, y }: View): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i + 1 < points.length; i += 2) {
    out[i] = scale * points[i]! + x;
    out[i + 1] = scale * points[i + 1]! + y;
  }
  return out;
}

/** Whether a point lies within a closed polygon [x0, y0, x1, …], by the number of its edges to the right (even-odd rule). */
export function inside(polygon: ArrayLike<number>, x: number, y: number): boolean {
  let within = false;
  for (let i = 0, j = polygon.length - 2; i + 1 < polygon.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [polygon[i]!, polygon[i + 1]!, polygon[j]!, polygon[j + 1]!];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) within = !within;
  }
  return within;
}

/** Indices of the visible points within a polygon. */
export function enclosed(points: Float32Array, polygon: ArrayLike<number>, visible: (index: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < points.length / 2; i++) if (visible(i) && inside(polygon, points[2 * i]!, points[2 * i + 1]!)) found.push(i);
  return found;
}

/** The share of the values in each of `bins` equal parts of [−reach, reach]; what lies beyond counts in the outermost. */
export function shares(values: Float32Array, reach: number, bins: number): Float32Array {
  const out = new Float32Array(bins);
  for (const value of values) {
    const bin = Math.floor(((value + reach) / (2 * reach)) * bins);
    out[Math.max(0, Math.min(bins - 1, bin))]! += 1 / values.length;
  }
  return out;
}
