import * as tf from '../../tf.ts';
import { floats, type Kernel } from './heap.ts';

type Runs = { readonly values: Float32Array; readonly start: number; readonly step: number };

/** Copies `runs` pieces of `length` values, each `step` values after the last. */
function copyRuns(runs: number, length: number, from: Runs, to: Runs): void {
  const [a, b] = [from.values, to.values];
  for (let r = 0, p = from.start, q = to.start; r < runs; r++, p += from.step, q += to.step) {
    // `set` costs as much as some 50 values: the stock kernels call it for single channels.
    if (length > 48) b.set(a.subarray(p, p + length), q);
    else for (let i = 0; i < length; i++) b[q + i] = a[p + i]!;
  }
}

const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** Concatenation along any axis. */
export const concat =
  (stock: Kernel<{ readonly axis: number }>): Kernel<{ readonly axis: number }> =>
  (call) => {
    const inputs = Object.values(call.inputs).filter((t) => t.size > 0);
    const first = inputs[0];
    const axis = first ? axisOf(call.attrs.axis, first.rank) : 0;
    const fits = (t: tf.Tensor) =>
      t.dtype === 'float32' && t.rank === first!.rank && t.shape.every((d, i) => i === axis || d === first!.shape[i]);
    if (!first || !inputs.every(fits)) return stock(call);
    const shape = first.shape.map((d, i) => (i === axis ? inputs.reduce((sum, t) => sum + t.shape[axis]!, 0) : d));
    const outer = tf.util.sizeFromShape(shape.slice(0, axis));
    const step = tf.util.sizeFromShape(shape.slice(axis));
    const out = call.backend.makeOutput(shape, 'float32');
    let start = 0;
    for (const t of inputs) {
      const length = t.size / outer;
      copyRuns(
        outer,
        length,
        { values: floats(call.backend, t), start: 0, step: length },
        { values: floats(call.backend, out), start, step },
      );
      start += length;
    }
    return out;
  };

type Split = { readonly axis: number; readonly numOrSizeSplits: number | number[] };

/** The inverse of concatenation: parts of given sizes along an axis. */
export const split =
  (stock: Kernel<Split>): Kernel<Split> =>
  (call) => {
    const x = call.inputs.x!;
    if (x.dtype !== 'float32' || x.size === 0) return stock(call);
    const axis = axisOf(call.attrs.axis, x.rank);
    const sizes = tf.backend_util.prepareSplitSize(x, call.attrs.numOrSizeSplits, axis);
    const outer = tf.util.sizeFromShape(x.shape.slice(0, axis));
    const step = x.size / outer;
    const inner = step / x.shape[axis]!;
    const outs = sizes.map((size) => call.backend.makeOutput([...x.shape.slice(0, axis), size, ...x.shape.slice(axis + 1)], 'float32'));
    const values = floats(call.backend, x);
    let start = 0;
    for (const [i, out] of outs.entries()) {
      const length = sizes[i]! * inner;
      copyRuns(outer, length, { values, start, step }, { values: floats(call.backend, out), start: 0, step: length });
      start += length;
    }
    return outs;
  };

type Gather = { readonly axis: number; readonly batchDims: number };

/** The slices at `indices` of an axis. Throws on an index out of range, as every backend on the processor does. */
export const gather =
  (stock: Kernel<Gather>): Kernel<Gather> =>
  (call) => {
    const { x, indices } = call.inputs as { x: tf.Tensor; indices: tf.Tensor };
    if (x.dtype !== 'float32' || call.attrs.batchDims || x.size === 0 || indices.size === 0) return stock(call);
    const axis = axisOf(call.attrs.axis, x.rank);
    const size = x.shape[axis]!;
    const outer = tf.util.sizeFromShape(x.shape.slice(0, axis));
    const inner = x.size / outer / size;
    const rows = call.backend.typedArrayFromHeap(indices);
    const wrong = rows.findIndex((row) => !(row >= 0 && row < size));
    if (wrong >= 0) throw new Error(`gather got index ${rows[wrong]} at ${wrong}, expected 0 to ${size - 1}.`);
    const out = call.backend.makeOutput([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], 'float32');
    const to = { values: floats(call.backend, out), step: rows.length * inner };
    const from = { values: floats(call.backend, x), step: size * inner };
    // Making the output may have moved the heap, and with it the indices.
    for (const [i, row] of call.backend.typedArrayFromHeap(indices).entries()) {
      copyRuns(outer, inner, { ...from, start: row * inner }, { ...to, start: i * inner });
    }
    return out;
  };
