/**
 * Sums of outer products, Σ over pixels of x ⊗ g: the gradient of a convolution by its filter, and aᵀ b. A tile of
 * 4 input × 8 output channels stays in registers while some 128 pixels pass, few enough for the cache.
 */

import { madd, panel } from './tile';

const rows = 4;
/** Pixels that pass at once. */
const chunk = 128;

/** What is to be computed; lengths in floats. Written by `simd.ts`, field by field. */
@unmanaged
export class Outer {
  /** Input [n, h, w, pitch], `channels` of which a tap reads (more than `pitch` where a tap is a row of pixels). */
  x: usize;
  /** [n, oh, ow, columns], columns a multiple of 8. */
  g: usize;
  /** Sums [taps, channels, columns] of each part, zero at first. */
  out: usize;
  /** Room for 3 addresses a segment, `tableBytes` for each part. */
  table: usize;
  tableBytes: i32;
  n: i32;
  h: i32;
  w: i32;
  pitch: i32;
  channels: i32;
  tapsY: i32;
  tapsX: i32;
  /** Tap (i, j) of output (y, x) reads input row y·stepY + startY + i, and so its column. */
  stepY: i32;
  stepX: i32;
  startY: i32;
  startX: i32;
  oh: i32;
  ow: i32;
  columns: i32;
}

/** One of `parts` equal shares of the pixels, summed into that part's own output. */
export function outer(job: Outer, part: i32, parts: i32): void {
  const table = job.table + <usize>part * job.tableBytes;
  const sums = job.out + <usize>part * (job.tapsY * job.tapsX * job.channels * job.columns) * 4;
  // A unit is a row of outputs, or a stretch of a long row.
  const stretches = (job.ow + chunk - 1) / chunk;
  const units = job.n * job.oh * stretches;
  const atOnce = max(1, chunk / job.ow);
  const last = <i32>((<i64>units * (part + 1)) / parts);
  for (let first = <i32>((<i64>units * part) / parts); first < last; first += atOnce) {
    const end = min(first + atOnce, last);
    let at = sums;
    for (let i = 0; i < job.tapsY; i++) {
      for (let j = 0; j < job.tapsX; j++, at += <usize>(job.channels * job.columns) * 4) {
        const segments = fillTable(job, table, first, end, stretches, i, j);
        if (segments > 0) tapSums(job, table, segments, at);
      }
    }
  }
}

/** The stretches of pixels on which tap (i, j) lies inside of the input: address in x, in g, and length. */
function fillTable(job: Outer, table: usize, first: i32, end: i32, stretches: i32, i: i32, j: i32): i32 {
  const start = job.startX + j;
  // Outputs whose column x·stepX + start is from 0 to w − 1.
  const from = start >= 0 ? 0 : (job.stepX - 1 - start) / job.stepX;
  const to = start >= job.w ? 0 : min(job.ow, (job.w - 1 - start) / job.stepX + 1);
  let found = 0;
  for (let unit = first; unit < end; unit++) {
    const line = unit / stretches;
    const image = line / job.oh;
    const y = line % job.oh;
    const row = y * job.stepY + job.startY + i;
    const stretch = unit % stretches;
    const left = max(from, stretch * chunk);
    const right = min(to, (stretch + 1) * chunk);
    if (<u32>row >= <u32>job.h || right <= left) continue;
    store<usize>(table, job.x + <usize>((image * job.h + row) * job.w + left * job.stepX + start) * job.pitch * 4);
    store<usize>(table, job.g + <usize>(line * job.ow + left) * job.columns * 4, 4);
    store<i32>(table, right - left, 8);
    table += 12;
    found++;
  }
  return found;
}

function tapSums(job: Outer, table: usize, segments: i32, out: usize): void {
  const xStep = <usize>(job.stepX * job.pitch) * 4;
  const gStep = <usize>job.columns * 4;
  for (let c = 0; c < job.columns; c += panel) {
    let k = 0;
    for (; k + rows <= job.channels; k += rows) {
      tile(table, segments, <usize>k * 4, <usize>c * 4, xStep, gStep, out + <usize>(k * job.columns + c) * 4);
    }
    for (; k < job.channels; k++) strip(table, segments, <usize>k * 4, <usize>c * 4, xStep, gStep, out + <usize>(k * job.columns + c) * 4);
  }
}

function add(at: usize, low: v128, high: v128): void {
  v128.store(at, f32x4.add(v128.load(at), low));
  v128.store(at, f32x4.add(v128.load(at, 16), high), 16);
}

/** out[4, 8] += Σ over the pixels of all segments. */
function tile(table: usize, segments: i32, k: usize, c: usize, xStep: usize, gStep: usize, out: usize): void {
  const zero = f32x4.splat(0);
  let l0 = zero,
    l1 = zero,
    l2 = zero,
    l3 = zero,
    h0 = zero,
    h1 = zero,
    h2 = zero,
    h3 = zero;
  for (let s = 0; s < segments; s++, table += 12) {
    let x = load<usize>(table) + k;
    let g = load<usize>(table, 4) + c;
    const end = g + load<usize>(table, 8) * gStep;
    for (; g < end; g += gStep, x += xStep) {
      const low = v128.load(g),
        high = v128.load(g, 16);
      let a = v128.load32_splat(x);
      l0 = madd(a, low, l0);
      h0 = madd(a, high, h0);
      a = v128.load32_splat(x, 4);
      l1 = madd(a, low, l1);
      h1 = madd(a, high, h1);
      a = v128.load32_splat(x, 8);
      l2 = madd(a, low, l2);
      h2 = madd(a, high, h2);
      a = v128.load32_splat(x, 12);
      l3 = madd(a, low, l3);
      h3 = madd(a, high, h3);
    }
  }
  add(out, l0, h0);
  add(out + gStep, l1, h1);
  add(out + 2 * gStep, l2, h2);
  add(out + 3 * gStep, l3, h3);
}

/** The same for one input channel. */
function strip(table: usize, segments: i32, k: usize, c: usize, xStep: usize, gStep: usize, out: usize): void {
  let low = f32x4.splat(0),
    high = low;
  for (let s = 0; s < segments; s++, table += 12) {
    let x = load<usize>(table) + k;
    let g = load<usize>(table, 4) + c;
    const end = g + load<usize>(table, 8) * gStep;
    for (; g < end; g += gStep, x += xStep) {
      const a = v128.load32_splat(x);
      low = madd(a, v128.load(g), low);
      high = madd(a, v128.load(g, 16), high);
    }
  }
  add(out, low, high);
}
