import * as tf from '../tf.ts';
import { registerGpuKernels } from './kernels/gpu.ts';
import { registerGradientRepairs } from './kernels/gradients.ts';
import { type Offer, offersWebGL, offersWebGPU, scope, threadsFor } from './kernels/hardware.ts';
import type { Wasm } from './kernels/heap.ts';
import { selfTest } from './kernels/self-test.ts';
import { startSimd } from './kernels/simd.ts';
import { registerWasmKernels } from './kernels/wasm.ts';
import { registerWebGPUKernels } from './kernels/webgpu.ts';

export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

export type BackendReport = {
  readonly name: BackendName;
  readonly threads: number;
  /** One or two sentences: why this one. */
  readonly reason: string;
  /** The one to go on with when this one's graphics device is lost; null where that cannot happen or nothing is left. */
  readonly next: BackendName | null;
  /** The others, and why each was passed over; `software` ones are usable, but imitate a graphics card on the processor. */
  readonly alternatives: readonly Alternative[];
};

type Alternative = { readonly name: BackendName; readonly usable: boolean; readonly software: boolean; readonly reason: string };

export type WasmFiles = {
  /** The folder of tfjs's three .wasm files, or the address of each. */
  readonly paths: string | Readonly<Record<string, string>>;
  /** Absent: as many as are faster on this machine. */
  readonly threads?: number;
};

/** Fastest first. */
const order: readonly BackendName[] = ['webgpu', 'webgl', 'wasm', 'cpu'];
const titles = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly', cpu: 'Plain JavaScript' } as const;

const offers: Record<BackendName, () => Offer | Promise<Offer>> = {
  webgpu: offersWebGPU,
  webgl: offersWebGL,
  wasm: () =>
    'WebAssembly' in globalThis
      ? { state: 'ready', reason: 'WebAssembly runs on the processor, and is the fastest there.' }
      : { state: 'absent', reason: 'WebAssembly is not offered here.' },
  cpu: () => ({ state: 'ready', reason: 'Plain JavaScript runs everywhere, tens of times slower than WebAssembly.' }),
};

const flag = (name: string, value: number | boolean) => tf.env().set(name, value);

async function useWebGPU(): Promise<number> {
  await tf.loaders.webgpu();
  registerWebGPUKernels();
  registerGpuKernels('webgpu');
  // Commands go to the driver in fewer, larger lots: it halved the time to issue a step.
  flag('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 64);
  if (!(await tf.setBackend('webgpu'))) throw new Error('WebGPU did not start.');
  return 1;
}

async function useWebGL(allowSoftware: boolean): Promise<number> {
  const webgl = await tf.loaders.webgl();
  registerGpuKernels('webgl');
  flag('SOFTWARE_WEBGL_ENABLED', allowSoftware);
  flag('WEBGL_USE_SHAPES_UNIFORMS', true);
  // tfjs never frees textures on its own; with batches of several shapes they pile up.
  flag('WEBGL_DELETE_TEXTURE_THRESHOLD', 256 * 2 ** 20);
  // In a worker tfjs refuses Safari the only canvas there is.
  if (tf.env().getBool('IS_SAFARI') && !('document' in globalThis) && scope.OffscreenCanvas) {
    webgl.setWebGLContext(2, new scope.OffscreenCanvas(1, 1).getContext('webgl2') as unknown as WebGLRenderingContext);
  }
  if (!(await tf.setBackend('webgl'))) throw new Error('WebGL did not start.');
  if (!tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) throw new Error('WebGL computes in half precision here, too coarse to train.');
  return 1;
}

async function useWasm({ paths, threads: asked }: WasmFiles): Promise<number> {
  const wasm = await tf.loaders.wasm();
  wasm.setWasmPaths(paths);
  registerWasmKernels();
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('This WebAssembly has no vector instructions (SIMD).');
  const { threads } = threadsFor(asked);
  const start = async (n: number) => {
    // The threaded module starts eight workers even for one thread: take the other.
    if (n === 1) flag('WASM_HAS_MULTITHREAD_SUPPORT', false);
    wasm.setThreadsCount(n);
    return tf.setBackend('wasm').catch(() => false);
  };
  // tfjs takes at most half of the cores that the module sees as it starts.
  if (threads > 1) Object.defineProperty(globalThis.navigator, 'hardwareConcurrency', { value: 2 * threads, configurable: true });
  const memories = watchMemories();
  const started = (await start(threads)) || (threads > 1 && (await start(1)));
  memories.end();
  if (!started) throw new Error('WebAssembly did not start: are its files there?');
  const backend = tf.backend() as unknown as Wasm;
  // The threaded module makes its memory itself and shows it to nobody; the other one exports it.
  return startSimd(backend, backend.wasm.asm.memory ?? memories.last()!, wasm.getThreadsCount());
}

/** Until its end, remembers the memories that are made. */
function watchMemories() {
  const { Memory } = WebAssembly;
  let last: WebAssembly.Memory | null = null;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, [descriptor]) {
      last = new target(descriptor);
      return last;
    },
  });
  return {
    last: () => last,
    end: () => {
      WebAssembly.Memory = Memory;
    },
  };
}

async function useCpu(): Promise<number> {
  await tf.loaders.cpu();
  await tf.setBackend('cpu');
  return 1;
}

/** Runs the self-test with tfjs's shortcut off that would compute such small tensors on the processor. */
async function tested(name: BackendName): Promise<void> {
  const shortcut = name === 'webgpu' ? 'WEBGPU_CPU_FORWARD' : name === 'webgl' ? 'WEBGL_CPU_FORWARD' : null;
  if (shortcut) flag(shortcut, false);
  try {
    const wrong = await selfTest();
    if (wrong) throw new Error(`${titles[name]} computes wrongly here: ${wrong}.`);
  } finally {
    if (shortcut) flag(shortcut, true);
  }
}

/**
 * Loads a backend, repairs it (kernels, gradients), tests it on numbers computed elsewhere and makes it tfjs's own.
 * 'auto' takes the first that fits: WebGPU on a real graphics card, WebGL on one, WebAssembly, plain JavaScript. A
 * backend asked for by name comes first, in software too; where it fails the others follow, and the reason says so.
 * Call it in the scope that will train (the worker), before any tensor exists. Throws if no backend works.
 */
export async function prepareBackend(wanted: BackendName | 'auto', wasm: WasmFiles): Promise<BackendReport> {
  registerGradientRepairs();
  const found = new Map<BackendName, Offer>();
  for (const name of order) found.set(name, await offers[name]());
  const use = {
    webgpu: useWebGPU,
    webgl: () => useWebGL(wanted === 'webgl'),
    wasm: () => useWasm(wasm),
    cpu: useCpu,
  };
  const tried = wanted === 'auto' ? order : [wanted, ...order.filter((name) => name !== wanted)];
  for (const name of tried) {
    const { state, reason } = found.get(name)!;
    if (state === 'absent' || (state === 'software' && name !== wanted)) continue;
    try {
      const threads = await use[name]();
      await tested(name);
      return report(name, threads, reason);
    } catch (error) {
      found.set(name, { state: 'absent', reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new Error(`No backend works here. ${order.map((name) => found.get(name)!.reason).join(' ')}`);

  function report(name: BackendName, threads: number, because: string): BackendReport {
    const alternatives = order
      .filter((other) => other !== name)
      .map((other) => {
        const { state, reason } = found.get(other)!;
        return { name: other, usable: state !== 'absent', software: state === 'software', reason };
      });
    const below = order.slice(order.indexOf(name) + 1, order.indexOf('cpu'));
    const next = below.find((other) => found.get(other)!.state === 'ready') ?? null;
    const { why } = threadsFor(wasm.threads);
    const workers = name !== 'wasm' ? '' : threads > 1 ? ` It uses ${threads} threads.` : why ? ` It uses one thread: ${why}.` : '';
    const missed = wanted !== 'auto' && name !== wanted ? `${titles[wanted]} was asked for. ${found.get(wanted)!.reason} ` : '';
    return { name, threads, reason: `${missed}${because}${workers}`, next, alternatives };
  }
}
