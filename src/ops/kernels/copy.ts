import * as tf from '../../tf.ts';
import type { Kernel } from './heap.ts';
import { addressOf, simd } from './simd.ts';

const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** Concatenation along any axis. The stock kernels copy even single channels one by one, at the cost of some 50 values each. */
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
      simd().copyRows(addressOf(t), addressOf(out) + 4 * start, outer, length, length, step);
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
    let start = 0;
    for (const [i, out] of outs.entries()) {
      const length = sizes[i]! * inner;
      simd().copyRows(addressOf(x) + 4 * start, addressOf(out), outer, length, step, length);
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
    const [from, to] = [addressOf(x), addressOf(out)];
    // Making the output may have moved the heap, and with it the indices.
    for (const [i, row] of call.backend.typedArrayFromHeap(indices).entries()) {
      simd().copyRows(from + 4 * row * inner, to + 4 * i * inner, outer, inner, size * inner, rows.length * inner);
    }
    return out;
  };
