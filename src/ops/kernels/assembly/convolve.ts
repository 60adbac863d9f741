/**
 * Convolutions and matrix products as one loop: each output pixel is a row of dot products between the input's pixels
 * under its window and the columns of a packed filter. A tile of 6 pixels × 8 channels stays in registers; the pixels are
 * read where they lie, through a table of addresses, so nothing is copied and the padding costs nothing.
 */

import { turn } from './rows';
import { dots, panel, rows, tile } from './tile';

/** Tiles that share a table: their inputs stay in the cache while all panels of the filter pass. */
const tilesAtOnce = 16;

/** So few columns would leave most of a panel empty: they are computed one by one. */
const few = 4;

/** What is to be computed; lengths in floats. Written by `simd.ts`, field by field. */
@unmanaged
export class Convolution {
  /** Input [n, h, w, pitch], `channels` of which a tap reads (more than `pitch` where a tap is a row of pixels). */
  x: usize;
  /** At least `channels` zeros: what lies outside of the input. */
  zeros: usize;
  /** The filter, packed by `pack`: [⌈columns / 8⌉, taps · channels, 8]; of a few columns, [columns, taps · channels]. */
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
    if (job.columns <= few) {
      for (let t = 0; t < count; t++) {
        for (let c = 0; c < job.columns; c++) {
          const at = tableOf + <usize>t * rows * (taps + 1) * 4;
          dots(at, taps, job.channels, job.filter + <usize>c * depth * 4, f32.load(job.bias + c * 4), c * 4, job.relu);
        }
      }
      continue;
    }
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
