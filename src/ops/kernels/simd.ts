import { plain } from './assembly/binary.ts';
import type { Wasm } from './heap.ts';

/** The functions of `assembly/index.ts`: addresses are in bytes, lengths in floats. */
type Exports = {
  run(kind: number, job: number): void;
  pack(from: number, to: number, count: number, columns: number, rowStride: number, columnStride: number, panelStride: number): void;
  pad(from: number, to: number, rows: number, width: number, left: number, right: number): void;
  crop(from: number, to: number, rows: number, pitch: number, width: number): void;
  columnSums(from: number, sums: number, lost: number, rows: number, columns: number): void;
  reluGradient(g: number, y: number, out: number, count: number): void;
  transpose(from: number, to: number, rows: number, columns: number): void;
  adam(...numbers: readonly number[]): void;
};

type Engine = {
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly backend: Wasm;
  scratch: { at: number; bytes: number };
};
let engine: Engine | null = null;

/** Starts our own vector kernels on the memory of tfjs's wasm backend, so that they work on its tensors in place. */
export async function startSimd(backend: Wasm): Promise<void> {
  const { memory } = backend.wasm.asm;
  const bytes = Uint8Array.from(atob(plain), (c) => c.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  engine = { exports: instance.exports as Exports, memory, backend, scratch: { at: 0, bytes: 0 } };
}

/** The kernels; throws before `startSimd`. */
export function simd(): Exports {
  if (!engine) throw new Error('The wasm kernels were called before startSimd().');
  return engine.exports;
}

/** A tensor's address. */
export const addressOf = (t: { readonly dataId: object }): number => engine!.backend.getMemoryOffset(t.dataId);

/** Room for one call, in regions of the given numbers of floats, 16-byte aligned; the next call uses it again. */
export function scratch(...floats: readonly number[]): number[] {
  const sizes = floats.map((n) => Math.ceil(n / 4) * 16);
  const bytes = sizes.reduce((a, b) => a + b, 16);
  const { scratch: have, backend } = engine!;
  if (have.bytes < bytes) {
    if (have.at) backend.wasm._free(have.at);
    // A little more than asked, so that growing batches don't move it each time.
    engine!.scratch = { bytes: Math.ceil(bytes * 1.25), at: backend.wasm._malloc(Math.ceil(bytes * 1.25)) >>> 0 };
    if (engine!.scratch.at === 0) throw new Error(`WebAssembly has no ${Math.ceil(bytes / 2 ** 20)} MB left: try a smaller batch.`);
  }
  let at = Math.ceil(engine!.scratch.at / 16) * 16;
  return sizes.map((size) => {
    const here = at;
    at += size;
    return here;
  });
}

/** The memory as floats or words; any allocation may replace it. */
export const heapFloats = () => new Float32Array(engine!.memory.buffer);
export const heapWords = () => new Int32Array(engine!.memory.buffer);

/** Padded to whole panels of 8 channels. */
export const panels = (columns: number) => Math.ceil(columns / 8) * 8;

export type Convolution = {
  /** Address of [n, h, w, channels]. */
  readonly x: number;
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly channels: number;
  /** Taps, and where each finds its [channels, columns] of the filter: an address and two strides. */
  readonly taps: readonly [number, number];
  readonly filter: (i: number, j: number) => { at: number; rowStride: number; columnStride: number };
  /** Tap (i, j) of output (y, x) reads input (y, x)·step + start + (i, j)·tapStep, zero outside. */
  readonly step: readonly [number, number];
  readonly start: readonly [number, number];
  readonly tapStep: 1 | -1;
  readonly columns: number;
  /** Address of `columns` floats, or 0. */
  readonly bias: number;
  readonly relu: boolean;
  /** Address of the first output; outputs in each direction; floats between images, rows and columns. */
  readonly out: number;
  readonly outputs: readonly [number, number];
  readonly strides: readonly [image: number, row: number, column: number];
};

/** Inputs of fewer channels than this are read a row of taps at a time. */
const thin = 8;

/** So few columns are packed one by one; as in `assembly/convolve.ts`. */
const few = 4;

/** activation(Σ over taps and channels of x · filter + bias), for every output. */
export function convolve(c: Convolution): void {
  const exports = simd();
  const [tapsY, tapsX] = c.taps;
  const [oh, ow] = c.outputs;
  const byRows = c.channels < thin && tapsX > 1;
  // The columns that a row of taps covers, from the leftmost one.
  const leftmost = c.start[1] - (c.tapStep < 0 ? tapsX - 1 : 0);
  const [before, behind] = byRows ? [Math.max(0, -leftmost), Math.max(0, (ow - 1) * c.step[1] + leftmost + tapsX - c.w)] : [0, 0];
  const width = c.w + before + behind;
  const [channels, across] = byRows ? [c.channels * tapsX, 1] : [c.channels, tapsX];
  const depth = tapsY * tapsX * c.channels;
  const columns = panels(c.columns);
  const table = 16 * 6 * (tapsY * across + 1);
  const [job, zeros, bias, filter, tables, padded] = scratch(
    32,
    channels,
    columns,
    depth * columns,
    table,
    byRows ? c.n * c.h * width * c.channels : 0,
  ) as [number, number, number, number, number, number];
  const heap = heapFloats();
  heap.fill(0, zeros / 4, zeros / 4 + channels);
  heap.fill(0, bias / 4, bias / 4 + columns);
  if (c.bias) heap.copyWithin(bias / 4, c.bias / 4, c.bias / 4 + c.columns);
  for (let i = 0; i < tapsY; i++) {
    for (let j = 0; j < tapsX; j++) {
      const { at, rowStride, columnStride } = c.filter(i, j);
      const place = i * tapsX + (byRows && c.tapStep < 0 ? tapsX - 1 - j : j);
      if (c.columns > few) exports.pack(at, filter + place * c.channels * 32, c.channels, c.columns, rowStride, columnStride, depth * 8);
      else
        for (let column = 0; column < c.columns; column++) {
          const to = filter / 4 + column * depth + place * c.channels;
          for (let k = 0; k < c.channels; k++) heap[to + k] = heap[at / 4 + k * rowStride + column * columnStride]!;
        }
    }
  }
  if (byRows) exports.pad(c.x, padded, c.n * c.h, c.w * c.channels, before * c.channels, behind * c.channels);
  heapWords().set(
    [
      byRows ? padded : c.x,
      ...[zeros, filter, bias, c.out, tables, table * 4],
      ...[c.n, c.h, width, c.channels, channels, tapsY, across],
      ...[...c.step, c.start[0], byRows ? leftmost + before : c.start[1], c.tapStep],
      ...[oh, ow, c.columns, ...c.strides, c.relu ? 1 : 0],
    ],
    job / 4,
  );
  exports.run(0, job);
}

export type Outer = Pick<Convolution, 'x' | 'n' | 'h' | 'w' | 'channels' | 'taps' | 'step' | 'start' | 'outputs' | 'columns'> & {
  /** Address of [n, outputs, columns]. */
  readonly g: number;
  /** Address of [taps, channels, columns]. */
  readonly out: number;
};

/** out = Σ over the outputs of x ⊗ g, for every tap: tap (i, j) of output (y, x) reads input (y, x)·step + start + (i, j). */
export function outer(c: Outer): void {
  const exports = simd();
  const [tapsY, tapsX] = c.taps;
  const [oh, ow] = c.outputs;
  const byRows = c.channels < thin && tapsX > 1;
  const [before, behind] = byRows ? [Math.max(0, -c.start[1]), Math.max(0, (ow - 1) * c.step[1] + c.start[1] + tapsX - c.w)] : [0, 0];
  const width = c.w + before + behind;
  const [channels, across] = byRows ? [c.channels * tapsX, 1] : [c.channels, tapsX];
  const columns = panels(c.columns);
  const pixels = c.n * oh * ow;
  const sums = tapsY * tapsX * c.channels;
  const ragged = columns !== c.columns;
  const table = 3 * 130;
  const [job, tables, g, out, padded] = scratch(
    32,
    table,
    ragged ? pixels * columns : 0,
    ragged ? sums * columns : 0,
    byRows ? c.n * c.h * width * c.channels : 0,
  ) as [number, number, number, number, number];
  if (ragged) exports.pad(c.g, g, pixels, c.columns, 0, columns - c.columns);
  if (byRows) exports.pad(c.x, padded, c.n * c.h, c.w * c.channels, before * c.channels, behind * c.channels);
  const to = ragged ? out : c.out;
  heapFloats().fill(0, to / 4, to / 4 + sums * columns);
  heapWords().set(
    [
      ...[byRows ? padded : c.x, ragged ? g : c.g, to, tables, table * 4],
      ...[c.n, c.h, width, c.channels, channels, tapsY, across],
      ...[...c.step, c.start[0], byRows ? c.start[1] + before : c.start[1], oh, ow, columns],
    ],
    job / 4,
  );
  exports.run(1, job);
  if (ragged) exports.crop(out, c.out, sums, columns, c.columns);
}
