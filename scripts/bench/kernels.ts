import * as tf from '../../src/tf.ts';

export type KernelCall = { readonly inputs: tf.NamedTensorInfoMap; readonly attrs: tf.NamedAttrMap };
type Count = { calls: number; ms: number };

/** Replaces each registered kernel of a backend by `wrap(it)`; returns the function that puts them back. */
export function wrapKernels(backendName: string, wrap: (name: string, run: tf.KernelFunc) => tf.KernelFunc): () => void {
  const replace = (config: tf.KernelConfig, kernelFunc: tf.KernelFunc) => {
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel({ ...config, kernelFunc });
  };
  const stock = tf.getKernelsForBackend(backendName);
  for (const config of stock) replace(config, wrap(config.kernelName, config.kernelFunc));
  return () => {
    for (const config of stock) replace(config, config.kernelFunc);
  };
}

/**
 * Runs `step` and tells for each wasm kernel how often it was called and how long it took, without the kernels that it called itself.
 * `ms` is the time of the whole step; what the kernels do not account for is tfjs's own and the optimizer's.
 */
export async function measureKernels(step: () => Promise<unknown>) {
  const counts = new Map<string, Count>();
  // Time spent in kernels that the running one called.
  const nested = [0];
  const restore = wrapKernels('wasm', (name, run) => (call) => {
    const started = performance.now();
    nested.push(0);
    try {
      return run(call);
    } finally {
      const ms = performance.now() - started;
      const own = ms - nested.pop()!;
      nested[nested.length - 1]! += ms;
      const count = counts.get(name) ?? { calls: 0, ms: 0 };
      counts.set(name, { calls: count.calls + 1, ms: count.ms + own });
    }
  });
  const started = performance.now();
  try {
    await step();
  } finally {
    restore();
  }
  const kernels = [...counts].map(([name, { calls, ms }]) => ({ name, calls, ms })).sort((a, b) => b.ms - a.ms);
  return { ms: performance.now() - started, calls: kernels.reduce((sum, { calls }) => sum + calls, 0), kernels };
}
