import * as tf from '../../tf.ts';
import { type Program, run } from './program.ts';

/** Sums of the rows r, r + parts, r + 2·parts, … of [rows, columns] → [parts, columns]; stride = parts · columns. */
const rowSums: Program = {
  name: 'row-sums',
  inputs: ['X'],
  constants: { total: 'int', stride: 'int' },
  body: ({ at, constant, int, loop }) =>
    `${int('terms', `(${constant('total')} - index + ${constant('stride')} - 1) / ${constant('stride')}`)}
     ${loop('k', 'terms', `result = result + ${at('X', `index + k * ${constant('stride')}`)};`)}`,
};

type Sum = {
  readonly inputs: { readonly x: tf.Tensor };
  readonly attrs: { readonly axis: number | number[]; readonly keepDims: boolean };
  readonly backend: { disposeData(dataId: object): boolean };
};

const registered = new Set<string>();

/**
 * Replaces Sum on a GPU backend where it adds up leading axes (a bias' gradient over batch, rows and columns): the stock kernel
 * transposes the whole tensor first, and on WebGL then halves it again and again. Here it is two passes, or one where rows are few.
 * Call it once the backend's loader has resolved; calling it again changes nothing.
 */
export function registerGpuKernels(backendName: 'webgpu' | 'webgl'): void {
  if (registered.has(backendName)) return;
  const stock = tf.getKernel('Sum', backendName) as tf.KernelConfig | undefined;
  if (!stock) throw new Error(`registerGpuKernels('${backendName}') came before the backend: await loaders.${backendName}() first.`);
  const sum = (call: Sum): tf.TensorInfo => {
    const { x } = call.inputs;
    const axes = tf.util.parseAxisParam(call.attrs.axis, x.shape).sort((a, b) => a - b);
    const leading = axes.length > 0 && axes.length < x.rank && axes.every((axis, i) => axis === i);
    if (!leading || x.dtype !== 'float32' || x.size === 0) return (stock.kernelFunc as unknown as (call: Sum) => tf.TensorInfo)(call);
    const kept = x.shape.slice(axes.length);
    const columns = tf.util.sizeFromShape(kept);
    const rows = x.size / columns;
    // Float32 sums of a few hundred terms keep six digits; one of all rows would not.
    const parts = rows > 512 ? Math.ceil(Math.sqrt(rows)) : 1;
    const shape = call.attrs.keepDims ? [...axes.map(() => 1), ...kept] : kept;
    if (parts === 1) return run(rowSums, [x], shape, [x.size, columns]);
    const partial = run(rowSums, [x], [parts, columns], [x.size, parts * columns]);
    const out = run(rowSums, [partial], shape, [parts * columns, columns]);
    call.backend.disposeData(partial.dataId);
    return out;
  };
  tf.unregisterKernel('Sum', backendName);
  tf.registerKernel({ ...stock, kernelFunc: sum as unknown as tf.KernelFunc });
  registered.add(backendName);
}
