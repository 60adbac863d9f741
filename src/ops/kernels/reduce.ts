import * as tf from '../../tf.ts';
import { empty, floats, type Kernel, type Wasm } from './heap.ts';
import { addressOf, scratch, simd } from './simd.ts';

type Attrs = { readonly axis: number | number[]; readonly keepDims: boolean };

/** Σ over the middle of [outer, n, inner] times `scale`. */
function sumMiddle(backend: Wasm, x: tf.Tensor, [outer, n, inner]: readonly [number, number, number], scale: number): tf.Tensor {
  const out = empty(backend, [outer, inner]);
  if (inner > 1) {
    const [from, to, lost] = [addressOf(x), addressOf(out), scratch(inner)[0]!];
    for (let o = 0; o < outer; o++) simd().columnSums(from + 4 * o * n * inner, to + 4 * o * inner, lost, n, inner);
    return scale === 1 ? out : tf.mul(out, scale);
  }
  const [from, to] = [floats(backend, x), floats(backend, out)];
  let p = 0;
  for (let o = 0; o < outer; o++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += from[p++]!;
    to[o] = sum * scale;
  }
  return out;
}

/**
 * Sum or mean over neighbouring axes. The stock kernels transpose what is not innermost, then add in one float32
 * accumulator (a million times 0.1 gives 100958).
 */
const reduction =
  (mean: boolean) =>
  (stock: Kernel<Attrs>): Kernel<Attrs> =>
  (call) => {
    const x = call.inputs.x as tf.Tensor;
    const axes = tf.util.parseAxisParam(call.attrs.axis, x.shape).sort((a, b) => a - b);
    const first = axes[0];
    const neighbours = first !== undefined && axes.every((axis, i) => axis === first + i);
    if (x.dtype !== 'float32' || x.size === 0 || !neighbours) return stock(call);
    const size = (from: number, to?: number) => tf.util.sizeFromShape(x.shape.slice(from, to));
    const last = first + axes.length;
    const n = size(first, last);
    const shape = [...x.shape.slice(0, first), ...(call.attrs.keepDims ? axes.map(() => 1) : []), ...x.shape.slice(last)];
    return tf.tidy(() => tf.reshape(sumMiddle(call.backend, x, [size(0, first), n, size(last)], mean ? 1 / n : 1), shape));
  };

export const sum = reduction(false);
export const mean = reduction(true);

type Pool = {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'same' | 'valid' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** Gradient of max pooling to the first largest of each window. The stock kernel takes 0 for the least float, so it loses windows of negatives. */
export const maxPoolGradient: Kernel<Pool> = ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D };
  const info = tf.backend_util.computePool2DInfo(input.shape, attrs.filterSize, attrs.strides, 1, attrs.pad, attrs.dimRoundingMode);
  const [n, h, w, channels] = input.shape;
  const { outHeight, outWidth, strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } = info;
  const out = backend.makeOutput(input.shape, 'float32');
  const [x, g, d] = [floats(backend, input), floats(backend, dy), floats(backend, out)];
  d.fill(0);
  let q = 0;
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = Math.max(oy * strideHeight - padInfo.top, 0);
      const y1 = Math.min(oy * strideHeight - padInfo.top + effectiveFilterHeight, h);
      for (let ox = 0; ox < outWidth; ox++) {
        const x0 = Math.max(ox * strideWidth - padInfo.left, 0);
        const x1 = Math.min(ox * strideWidth - padInfo.left + effectiveFilterWidth, w);
        for (let c = 0; c < channels; c++, q++) {
          let best = Number.NEGATIVE_INFINITY;
          let at = -1;
          for (let iy = y0; iy < y1; iy++) {
            for (let ix = x0; ix < x1; ix++) {
              const p = ((b * h + iy) * w + ix) * channels + c;
              if (x[p]! > best) {
                best = x[p]!;
                at = p;
              }
            }
          }
          if (at >= 0) d[at]! += g[q]!;
        }
      }
    }
  }
  return out;
};

/** out[s] = Σ of the rows whose segment is s: the gradient of gather, which stock wasm lacks. Ids out of range are dropped. */
export const segmentSum: Kernel<{ readonly numSegments: number }> = ({ inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as { x: tf.Tensor; segmentIds: tf.Tensor };
  const out = backend.makeOutput([attrs.numSegments, ...x.shape.slice(segmentIds.rank)], x.dtype);
  const [from, ids, to] = [floats(backend, x), backend.typedArrayFromHeap(segmentIds), floats(backend, out)];
  to.fill(0);
  const width = ids.length ? from.length / ids.length : 0;
  for (let i = 0; i < ids.length; i++) {
    const segment = ids[i]!;
    if (segment < 0 || segment >= attrs.numSegments) continue;
    for (let j = 0; j < width; j++) to[segment * width + j]! += from[i * width + j]!;
  }
  return out;
};
