/**
 * Counts the GPU work of one bench step in a page: calls of `dispatchWorkgroups` or of WebGL's draws. ./gpu.mjs loads it anew for each
 * backend and version.
 */
import { prepareBackend } from '../../src/ops/backend.ts';
import * as tf from '../../src/tf.ts';
import { type BenchStep, benchSize, createBenchStep } from '../../src/train/bench.ts';
import { createStockStep } from './stock/step.ts';

type Backend = 'webgpu' | 'webgl';

let calls = 0;
let carriedOut = true;
/** Counts the calls of a method; while `carriedOut` is false they go no further. */
function watch(scope: object | undefined, name: string): void {
  if (!scope) return;
  const methods = scope as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[name]!;
  methods[name] = function (this: unknown, ...args: unknown[]) {
    calls++;
    return carriedOut ? original.apply(this, args) : undefined;
  };
}
watch(globalThis.GPUComputePassEncoder?.prototype, 'dispatchWorkgroups');
watch(globalThis.GPUComputePassEncoder?.prototype, 'dispatchWorkgroupsIndirect');
for (const name of ['drawElements', 'drawArrays']) watch(globalThis.WebGL2RenderingContext?.prototype, name);

async function prepare(backend: Backend, version: 'ours' | 'stock'): Promise<void> {
  if (version === 'ours') {
    const report = await prepareBackend(backend, { paths: './' });
    if (report.name !== backend) throw new Error(report.reason);
    return;
  }
  await tf.loaders[backend]();
  if (backend === 'webgl') tf.env().set('SOFTWARE_WEBGL_ENABLED', true);
  if (!(await tf.setBackend(backend))) throw new Error(`${backend} did not start`);
}

async function lossOf(step: BenchStep): Promise<number> {
  const loss = step.step();
  const [value] = await loss.data();
  loss.dispose();
  return value!;
}

/**
 * The calls of one step of the real size, once two steps in a row agree. Software takes half a minute for such a step, so its calls are
 * counted and not carried out: what is called depends on shapes alone. Before that a tiny version runs in earnest; its losses tell
 * that both versions do the same.
 */
async function count(backend: Backend, version: 'ours' | 'stock'): Promise<{ calls: number; losses: number[] }> {
  await prepare(backend, version);
  const create = version === 'ours' ? createBenchStep : createStockStep;
  const tiny = create({ batch: 2, side: 8, widths: [4, 8, 8] }, 0);
  const losses = [await lossOf(tiny), await lossOf(tiny), await lossOf(tiny)];
  tiny.dispose();
  carriedOut = false;
  const step = create(benchSize, 0);
  for (let i = 0, last = -1; i < 6; i++) {
    calls = 0;
    await lossOf(step);
    if (calls === last) return { calls, losses };
    last = calls;
  }
  throw new Error(`the number of ${backend} calls changes from step to step`);
}

Object.assign(globalThis, { count });
