/**
 * Convolutions and matrix products as one loop: each output pixel is a row of dot products between the input's pixels
 * under its window and the columns of a packed filter. A tile of 6 pixels × 8 channels stays in registers; the pixels are
 * read where they lie, through a table of addresses, so nothing is copied and the padding costs nothing.
 */

import { turn } from './rows';

/** Pixels of a tile, and channels of a panel: 12 accumulators of 4 floats leave room for their operands in 16 registers. */
const rows = 6;
const panel = 8;
/** Tiles that share a table: their inputs stay in the cache while all panels of the filter pass. */
const tilesAtOnce = 16;

/** What is to be computed; lengths in floats. Written by `simd.ts`, field by field. */
@unmanaged
export class Convolution {
  /** Input [n, h, w, pitch], `channels` of which a tap reads (more than `pitch` where a tap is a row of pixels). */
  x: usize;
  /** At least `channels` zeros: what lies outside of the input. */
  zeros: usize;
  /** The filter, packed by `pack`: [⌈columns / 8⌉, taps · channels, 8]. */
  filter: usize;
  /** As many as columns, padded to a multiple of 8. */
  bias: usize;
  out: usize;
  /** Room for the tables, `tableBytes` for each part. */
  table: usize;
  tableBytes: i32;
  n: i32;
  h: i32;
  w: i32;
  pitch: i32;
  channels: i32;
  tapsY: i32;
  tapsX: i32;
  /** Tap (i, j) of output (y, x) reads input row y·stepY + startY + i·tapStep, and so its column. */
  stepY: i32;
  stepX: i32;
  startY: i32;
  startX: i32;
  tapStep: i32;
  /** Outputs an image, and their distances in `out`. */
  oh: i32;
  ow: i32;
  columns: i32;
  imageStride: i32;
  rowStride: i32;
  columnStride: i32;
  relu: i32;
}

/** One of `parts` equal shares of the work. */
export function convolve(job: Convolution, part: i32, parts: i32): void {
  const taps = job.tapsY * job.tapsX;
  const tableOf = job.table + <usize>part * job.tableBytes;
  const pixels = job.n * job.oh * job.ow;
  const tiles = (pixels + rows - 1) / rows;
  const last = <i32>((<i64>tiles * (part + 1)) / parts);
  const panels = (job.columns + panel - 1) / panel;
  const depth = taps * job.channels;
  for (let first = <i32>((<i64>tiles * part) / parts); first < last; first += tilesAtOnce) {
    const count = min(tilesAtOnce, last - first);
    fillTable(job, tableOf, first * rows, count * rows, pixels);
    for (let p = 0; p < panels; p++) {
      const filter = job.filter + <usize>p * depth * panel * 4;
      const left = min(panel, job.columns - p * panel);
      for (let t = 0; t < count; t++) {
        tile(
          tableOf + <usize>t * rows * (taps + 1) * 4,
          taps,
          job.channels,
          filter,
          job.bias + p * panel * 4,
          p * panel * 4,
          left,
          job.relu,
        );
      }
    }
  }
}

/** For each tile: where each of its rows reads, tap by tap, then where it writes. Rows past the end repeat the last. */
function fillTable(job: Convolution, table: usize, first: i32, count: i32, pixels: i32): void {
  const taps = job.tapsY * job.tapsX;
  const perImage = job.oh * job.ow;
  const rowBytes = job.w * job.pitch * 4;
  const columnBytes = job.pitch * 4;
  let image = first / perImage;
  let y = (first % perImage) / job.ow;
  let x = first % job.ow;
  let tileOf = table;
  let place = 0;
  for (let r = 0; r < count; r++) {
    let at = tileOf + place * 4;
    const top = y * job.stepY + job.startY;
    const left = x * job.stepX + job.startX;
    const images = job.x + <usize>(image * job.h) * rowBytes;
    for (let i = 0; i < job.tapsY; i++) {
      const row = top + i * job.tapStep;
      const outside = <u32>row >= <u32>job.h;
      for (let j = 0; j < job.tapsX; j++) {
        const column = left + j * job.tapStep;
        const from = outside || <u32>column >= <u32>job.w ? job.zeros : images + row * rowBytes + column * columnBytes;
        store<usize>(at, from);
        at += rows * 4;
      }
    }
    store<usize>(at, job.out + <usize>(image * job.imageStride + y * job.rowStride + x * job.columnStride) * 4);
    if (++place === rows) {
      place = 0;
      tileOf += rows * (taps + 1) * 4;
    }
    if (first + r + 1 >= pixels) continue;
    if (++x === job.ow) {
      x = 0;
      if (++y === job.oh) {
        y = 0;
        image++;
      }
    }
  }
}

function madd(a: v128, b: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

function put(at: usize, low: v128, high: v128, left: i32, relu: i32): void {
  if (relu) {
    const zero = f32x4.splat(0);
    low = f32x4.pmax(low, zero);
    high = f32x4.pmax(high, zero);
  }
  if (left === panel) {
    v128.store(at, low);
    v128.store(at, high, 16);
    return;
  }
  // A last panel's missing columns belong to the next pixel.
  f32.store(at, f32x4.extract_lane(low, 0));
  if (left > 1) f32.store(at, f32x4.extract_lane(low, 1), 4);
  if (left > 2) f32.store(at, f32x4.extract_lane(low, 2), 8);
  if (left > 3) f32.store(at, f32x4.extract_lane(low, 3), 12);
  if (left > 4) f32.store(at, f32x4.extract_lane(high, 0), 16);
  if (left > 5) f32.store(at, f32x4.extract_lane(high, 1), 20);
  if (left > 6) f32.store(at, f32x4.extract_lane(high, 2), 24);
}

/** out[6 pixels, 8 channels] = activation(Σ over taps and channels of x · filter + bias). */
function tile(table: usize, taps: i32, channels: i32, filter: usize, bias: usize, shift: usize, left: i32, relu: i32): void {
  const low = v128.load(bias);
  const high = v128.load(bias, 16);
  let l0 = low,
    l1 = low,
    l2 = low,
    l3 = low,
    l4 = low,
    l5 = low;
  let h0 = high,
    h1 = high,
    h2 = high,
    h3 = high,
    h4 = high,
    h5 = high;
  for (let t = 0; t < taps; t++, table += rows * 4) {
    let p0 = load<usize>(table),
      p1 = load<usize>(table, 4),
      p2 = load<usize>(table, 8);
    let p3 = load<usize>(table, 12),
      p4 = load<usize>(table, 16),
      p5 = load<usize>(table, 20);
    const end = p0 + ((<usize>channels) << 2);
    for (const fours = p0 + ((<usize>(channels & ~3)) << 2); p0 < fours; filter += 128) {
      let a: v128;
      let f0 = v128.load(filter),
        f1 = v128.load(filter, 16);
      a = v128.load32_splat(p0);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      f0 = v128.load(filter, 32);
      f1 = v128.load(filter, 48);
      a = v128.load32_splat(p0, 4);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1, 4);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2, 4);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3, 4);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4, 4);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5, 4);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      f0 = v128.load(filter, 64);
      f1 = v128.load(filter, 80);
      a = v128.load32_splat(p0, 8);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1, 8);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2, 8);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3, 8);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4, 8);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5, 8);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      f0 = v128.load(filter, 96);
      f1 = v128.load(filter, 112);
      a = v128.load32_splat(p0, 12);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1, 12);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2, 12);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3, 12);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4, 12);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5, 12);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      p4 += 16;
      p5 += 16;
    }
    for (; p0 < end; filter += 32) {
      const f0 = v128.load(filter),
        f1 = v128.load(filter, 16);
      let a = v128.load32_splat(p0);
      l0 = madd(a, f0, l0);
      h0 = madd(a, f1, h0);
      a = v128.load32_splat(p1);
      l1 = madd(a, f0, l1);
      h1 = madd(a, f1, h1);
      a = v128.load32_splat(p2);
      l2 = madd(a, f0, l2);
      h2 = madd(a, f1, h2);
      a = v128.load32_splat(p3);
      l3 = madd(a, f0, l3);
      h3 = madd(a, f1, h3);
      a = v128.load32_splat(p4);
      l4 = madd(a, f0, l4);
      h4 = madd(a, f1, h4);
      a = v128.load32_splat(p5);
      l5 = madd(a, f0, l5);
      h5 = madd(a, f1, h5);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      p4 += 4;
      p5 += 4;
    }
  }
  put(load<usize>(table) + shift, l0, h0, left, relu);
  put(load<usize>(table, 4) + shift, l1, h1, left, relu);
  put(load<usize>(table, 8) + shift, l2, h2, left, relu);
  put(load<usize>(table, 12) + shift, l3, h3, left, relu);
  put(load<usize>(table, 16) + shift, l4, h4, left, relu);
  put(load<usize>(table, 20) + shift, l5, h5, left, relu);
}

/**
 * Rows of a filter, values at from[row · rowStride + column · columnStride], into panels of 8 columns: [panel][row][8], zero past the last
 * column. `panelStride` floats lie between panels, so that several calls can fill one after another's rows.
 */
export function pack(from: usize, to: usize, count: i32, columns: i32, rowStride: i32, columnStride: i32, panelStride: i32): void {
  for (let c = 0; c < columns; c += panel) {
    let at = to + <usize>(c / panel) * panelStride * 4;
    const left = min(panel, columns - c);
    let p = from + <usize>c * columnStride * 4;
    let r = 0;
    if (left === panel && columnStride === 1) {
      for (; r < count; r++, at += 32, p += <usize>rowStride * 4) {
        v128.store(at, v128.load(p));
        v128.store(at, v128.load(p, 16), 16);
      }
    } else if (left === panel && rowStride === 1) {
      const step = <usize>columnStride * 4;
      for (; r + 4 <= count; r += 4, at += 128, p += 16) {
        turn(p, step, at, 32);
        turn(p + 4 * step, step, at + 16, 32);
      }
    }
    for (; r < count; r++, p += <usize>rowStride * 4) {
      for (let j = 0; j < panel; j++, at += 4) f32.store(at, j < left ? f32.load(p + <usize>j * columnStride * 4) : 0);
    }
  }
}
