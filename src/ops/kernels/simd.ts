import { plain, shared } from './assembly/binary.ts';
import type { Wasm } from './heap.ts';
import { startThreads } from './threads.ts';

/** The functions of `assembly/index.ts`: addresses are in bytes, lengths in floats. */
type Exports = {
  run(kind: number, job: number, control: number, parts: number): void;
  pack(from: number, to: number, count: number, columns: number, rowStride: number, columnStride: number, panelStride: number): void;
  pad(from: number, to: number, rows: number, width: number, left: number, right: number): void;
  addParts(sums: number, count: number, parts: number): void;
  copyRows(from: number, to: number, rows: number, width: number, fromStep: number, toStep: number): void;
  columnSums(from: number, sums: number, lost: number, rows: number, columns: number): void;
  reluGradient(g: number, y: number, out: number, count: number): void;
  transpose(from: number, to: number, rows: number, columns: number): void;
  depthwiseInput(job: number): void;
  depthwiseFilter(job: number): void;
  adam(...numbers: readonly number[]): void;
};

type Engine = {
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly backend: Wasm;
  /** Where the threads look for work, and into how many parts it is divided. */
  readonly control: number;
  parts: number;
  scratch: { at: number; bytes: number };
};
let engine: Engine | null = null;

/** Jobs of fewer multiplications are done before other threads would have woken up. */
const large = 500_000;
/** A share of the time of one thread: more threads that save less than the rest are not worth their cores. */
const worthwhile = 0.85;

/**
 * Starts our own vector kernels on the memory of tfjs's wasm backend, so that they work on its tensors in place. In a shared memory they
 * use as many as `wanted` threads if these prove faster than one. Resolves to the number that they use.
 */
export async function startSimd(backend: Wasm, memory: WebAssembly.Memory, wanted: number): Promise<number> {
  const isShared = 'SharedArrayBuffer' in globalThis && memory.buffer instanceof SharedArrayBuffer;
  const bytes = Uint8Array.from(atob(isShared ? shared : plain), (c) => c.charCodeAt(0));
  const module = await WebAssembly.compile(bytes);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const control = backend.wasm._malloc(64) >>> 0;
  engine = { exports: exports as Exports, memory, backend, control, parts: 1, scratch: { at: 0, bytes: 0 } };
  if (!isShared || wanted === 1) return 1;
  heapWords().fill(0, control / 4, control / 4 + 16);
  const end = await startThreads(module, memory, control, wanted - 1);
  if (!end) return 1;
  const alone = trial();
  engine.parts = wanted;
  if (trial() < worthwhile * alone) return wanted;
  engine.parts = 1;
  end();
  return 1;
}

/** Milliseconds of a product of 256 × 256 matrices, at best. */
function trial(): number {
  const n = 256;
  const { backend } = engine!;
  const at = backend.wasm._malloc(12 * n * n) >>> 0;
  heapFloats().fill(1, at / 4, at / 4 + 2 * n * n);
  const filter = () => ({ at: at + 4 * n * n, rowStride: n, columnStride: 1 });
  const one = [1, 1] as const;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const begun = performance.now();
    const product = { x: at, n: 1, h: 1, w: n, channels: n, taps: one, filter, step: one, start: [0, 0], tapStep: 1, columns: n } as const;
    convolve({ ...product, bias: 0, relu: false, out: at + 8 * n * n, outputs: [1, n], strides: [0, 0, n] });
    best = Math.min(best, performance.now() - begun);
  }
  backend.wasm._free(at);
  return best;
}

/** Runs a described job in so many parts. */
const run = (kind: number, job: number, parts: number) => engine!.exports.run(kind, job, engine!.control, parts);
/** Into how many parts a job of so many multiplications is worth dividing. */
const partsFor = (multiplications: number) => (multiplications < large ? 1 : engine!.parts);

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
    engine!.scratch = { at: 0, bytes: 0 };
    // A little more than asked, so that growing batches don't move it each time.
    const more = Math.ceil(bytes * 1.25);
    const at = backend.wasm._malloc(more) >>> 0;
    if (at === 0) throw new Error(`WebAssembly is out of memory: ${Math.ceil(more / 2 ** 20)} MB more are not there. Try a smaller batch`);
    engine!.scratch = { at, bytes: more };
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
const panels = (columns: number) => Math.ceil(columns / 8) * 8;

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

/**
 * How the taps are read. Of a thin input, a whole row of taps at a time, from a copy with zeros `before` and `behind` each of its rows, as
 * wide as the windows from column `leftmost` on reach: then there is one tap `across`, of more channels.
 */
function reading({ n, h, w, channels, taps: [, tapsX], step, outputs: [, ow] }: Omit<Outer, 'g' | 'out'>, leftmost: number) {
  const byRows = channels < thin && tapsX > 1;
  if (!byRows) return { byRows, before: 0, behind: 0, width: w, channels, across: tapsX, copy: 0 };
  const before = Math.max(0, -leftmost);
  const behind = Math.max(0, (ow - 1) * step[1] + leftmost + tapsX - w);
  const width = before + w + behind;
  return { byRows, before, behind, width, channels: channels * tapsX, across: 1, copy: n * h * width * channels };
}

/** activation(Σ over taps and channels of x · filter + bias), for every output. */
export function convolve(c: Convolution): void {
  const exports = simd();
  const [tapsY, tapsX] = c.taps;
  const [oh, ow] = c.outputs;
  // The columns that a row of taps covers, from the leftmost one.
  const leftmost = c.start[1] - (c.tapStep < 0 ? tapsX - 1 : 0);
  const { byRows, before, behind, width, channels, across, copy } = reading(c, leftmost);
  const depth = tapsY * tapsX * c.channels;
  const columns = panels(c.columns);
  const table = 16 * 6 * (tapsY * across + 1);
  const parts = partsFor(c.n * oh * ow * depth * c.columns);
  const [job, zeros, bias, filter, tables, padded] = scratch(32, channels, columns, depth * columns, parts * table, copy) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
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
  run(0, job, parts);
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
  const { byRows, before, behind, width, channels, across, copy } = reading(c, c.start[1]);
  const columns = panels(c.columns);
  const pixels = c.n * oh * ow;
  const sums = tapsY * tapsX * c.channels;
  const ragged = columns !== c.columns;
  const table = 3 * 130;
  const parts = partsFor(pixels * sums * columns);
  // Each part has sums of its own: which thread adds first must not decide how they round.
  const apart = ragged || parts > 1;
  const [job, tables, g, out, padded] = scratch(
    32,
    parts * table,
    ragged ? pixels * columns : 0,
    apart ? parts * sums * columns : 0,
    copy,
  ) as [number, number, number, number, number];
  if (ragged) exports.pad(c.g, g, pixels, c.columns, 0, columns - c.columns);
  if (byRows) exports.pad(c.x, padded, c.n * c.h, c.w * c.channels, before * c.channels, behind * c.channels);
  const to = apart ? out : c.out;
  heapFloats().fill(0, to / 4, to / 4 + parts * sums * columns);
  heapWords().set(
    [
      ...[byRows ? padded : c.x, ragged ? g : c.g, to, tables, table * 4],
      ...[c.n, c.h, width, c.channels, channels, tapsY, across],
      ...[...c.step, c.start[0], byRows ? c.start[1] + before : c.start[1], oh, ow, columns],
    ],
    job / 4,
  );
  run(1, job, parts);
  if (parts > 1) exports.addParts(out, sums * columns, parts);
  if (apart) exports.copyRows(out, c.out, sums, c.columns, columns, c.columns);
}
