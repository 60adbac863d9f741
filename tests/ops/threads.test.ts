import { Worker as NodeWorker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Wasm } from '../../src/ops/kernels/heap.ts';
import { convolve, outer, startSimd } from '../../src/ops/kernels/simd.ts';
import { rng } from '../../src/ops/random.ts';
import { expectClose } from '../close.ts';

const threads: NodeWorker[] = [];

/** Node's threads behind the browser's interface, as far as the kernels use it. */
class BrowserWorker {
  onmessage: (() => void) | null = null;
  onerror: ((error: unknown) => void) | null = null;
  readonly #thread: NodeWorker;
  constructor(program: string) {
    const scope = `const { parentPort } = require('node:worker_threads');
      const postMessage = (message) => parentPort.postMessage(message);
      let onmessage;
      ${program};
      parentPort.on('message', (data) => onmessage({ data }));`;
    this.#thread = new NodeWorker(scope, { eval: true });
    this.#thread.on('message', () => this.onmessage?.());
    this.#thread.on('error', (error) => this.onerror?.(error));
    threads.push(this.#thread);
  }
  postMessage(message: unknown) {
    this.#thread.postMessage(message);
  }
  terminate() {
    void this.#thread.terminate();
  }
}

/** A memory that threads share, with the least of an allocator. */
function sharedBackend() {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536, shared: true });
  let top = 1024;
  const backend = {
    wasm: {
      _malloc: (bytes: number) => {
        const at = top;
        top = Math.ceil((top + bytes) / 16) * 16;
        return at;
      },
      _free: () => {},
    },
  } as unknown as Wasm;
  const put = (values: Float32Array | number) => {
    const floats = typeof values === 'number' ? new Float32Array(values) : values;
    const at = backend.wasm._malloc(floats.byteLength);
    new Float32Array(memory.buffer).set(floats, at / 4);
    return at;
  };
  const get = (at: number, count: number) => new Float32Array(memory.buffer).slice(at / 4, at / 4 + count);
  return { memory, backend, put, get };
}

/** performance.now() by which every trial with threads is faster than the one before it without. */
function makeThreadsFast() {
  let now = 0;
  let calls = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += calls++ < 20 ? 10 : 1;
    return now;
  });
}

beforeAll(() => {
  vi.stubGlobal('Worker', BrowserWorker);
  // An address is the program itself.
  vi.stubGlobal(
    'Blob',
    class {
      constructor(readonly parts: string[]) {}
    },
  );
  vi.stubGlobal('URL', { createObjectURL: ({ parts }: { parts: string[] }) => parts.join(''), revokeObjectURL: () => {} });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});
afterAll(() => vi.unstubAllGlobals());

type Shape = { n: number; h: number; w: number; ci: number; co: number; taps: number };
const usual: Shape = { n: 3, h: 13, w: 11, ci: 9, co: 19, taps: 5 };
/** All large enough to be divided; some have fewer pixels than there are threads. */
const shapes: Shape[] = fc.sample(
  fc
    .tuple(...[3, 12, 12, 64, 64, 5].map((most) => fc.integer({ min: 1, max: most })))
    .map(([n, h, w, ci, co, taps]) => ({ n, h, w, ci, co, taps }) as Shape)
    .filter(({ n, h, w, ci, co, taps }) => n * h * w * ci * co * taps * taps > 500_000),
  { numRuns: 40, seed: 13 },
);
shapes.push({ n: 1, h: 1, w: 2, ci: 250, co: 300, taps: 3 }, { n: 1, h: 1, w: 300, ci: 9, co: 30, taps: 5 });

/** Whole numbers: their sums are exact in whatever order (see `shapes.ts`). */
const values = (seed: number, count: number) => {
  const random = rng(seed);
  return Float32Array.from({ length: count }, () => random.integer(7) - 3);
};

/** Convolutions and the sums of their filters' gradients. */
async function compute(wanted: number, shapes: readonly Shape[] = [usual]) {
  const { memory, backend, put, get } = sharedBackend();
  const used = await startSimd(backend, memory, wanted);
  const results = shapes.map(({ n, h, w, ci, co, taps }) => {
    const [x, filter, g] = [put(values(1, n * h * w * ci)), put(values(2, taps * taps * ci * co)), put(values(3, n * h * w * co))];
    const [y, dw] = [put(n * h * w * co), put(taps * taps * ci * co)];
    const before = -Math.floor(taps / 2);
    const common = {
      x,
      n,
      h,
      w,
      channels: ci,
      taps: [taps, taps],
      step: [1, 1],
      start: [before, before],
      outputs: [h, w],
      columns: co,
    } as const;
    for (let again = 0; again < 5; again++) {
      convolve({
        ...common,
        filter: (i, j) => ({ at: filter + 4 * (taps * i + j) * ci * co, rowStride: co, columnStride: 1 }),
        tapStep: 1,
        bias: 0,
        relu: false,
        out: y,
        strides: [h * w * co, w * co, co],
      });
      outer({ ...common, g, out: dw });
    }
    return { y: get(y, n * h * w * co), dw: get(dw, taps * taps * ci * co) };
  });
  return { used, results };
}

describe('kernels in a shared memory', () => {
  test('compute the same on three threads as on one', async () => {
    const alone = await compute(1, [usual, ...shapes]);
    makeThreadsFast();
    const together = await compute(3, [usual, ...shapes]);
    expect([alone.used, together.used]).toEqual([1, 3]);
    expect(threads).toHaveLength(2);
    for (const [i, { y, dw }] of together.results.entries()) {
      expectClose(y, alone.results[i]!.y, { rtol: 0 });
      expectClose(dw, alone.results[i]!.dw, { rtol: 0 });
    }
    expect(Math.max(...alone.results[0]!.y)).toBeGreaterThan(1);
  });

  test('stay on one thread where more are not faster, or do not start', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    expect((await compute(2)).used).toBe(1);
    vi.stubGlobal(
      'Worker',
      class extends BrowserWorker {
        constructor() {
          super('throw new Error("no threads here")');
        }
      },
    );
    expect((await compute(2)).used).toBe(1);
  });
});
