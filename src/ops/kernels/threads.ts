/** Threads of our own for the kernels of `simd.ts`: workers on the same memory, each of which does its part of every large job. */

type Thread = {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: (() => void) | null;
  onerror: ((event: unknown) => void) | null;
};
type Scope = {
  readonly Worker: new (url: string, options: { name: string }) => Thread;
  readonly URL: typeof URL;
  readonly Blob: typeof Blob;
};

/** All that a thread runs. As text, since it needs no file: tfjs starts its own threads in the same way. */
const program = `onmessage = async ({ data: { module, memory, control, part } }) => {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  postMessage('ready');
  exports.serve(control, part);
};`;

/** Milliseconds that the threads may take to start, before the kernels go on without them. */
const patience = 5000;

/**
 * Starts `count` threads that wait for jobs at the address `control` of a shared memory. Resolves when all of them do to a function that ends
 * them, or to null if one cannot start.
 */
export async function startThreads(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  control: number,
  count: number,
): Promise<(() => void) | null> {
  const { Worker, URL, Blob } = globalThis as unknown as Scope;
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const threads: Thread[] = [];
  const end = () => {
    for (const thread of threads) thread.terminate();
    URL.revokeObjectURL(url);
  };
  const start = (part: number) =>
    new Promise<void>((resolve, reject) => {
      const thread = new Worker(url, { name: `kernels ${part}` });
      threads.push(thread);
      thread.onmessage = () => resolve();
      thread.onerror = reject;
      thread.postMessage({ module, memory, control, part });
    });
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('The threads are late.')), patience));
  try {
    await Promise.race([late, Promise.all(Array.from({ length: count }, (_, i) => start(i + 1)))]);
    return end;
  } catch {
    end();
    return null;
  }
}
