import * as tf from '../../tf.ts';
import { empty, floats, type Kernel, type Wasm } from './heap.ts';
import { addressOf, convolve, outer } from './simd.ts';

type Pair = readonly [number, number];
type Attrs = {
  readonly strides: Pair | number;
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: Pair | number;
  readonly dataFormat?: string;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};
type Shape4 = [number, number, number, number];

function geometry(x: Shape4, w: Shape4, { strides, pad, dataFormat, dimRoundingMode }: Attrs) {
  if (dataFormat === 'NCHW') throw new Error('A convolution got data in NCHW order, expected NHWC: transpose the input.');
  const info = tf.backend_util.computeConv2DInfo(x, w, strides as [number, number], 1, pad, dimRoundingMode);
  return {
    step: [info.strideHeight, info.strideWidth] as const,
    top: info.padInfo.top,
    left: info.padInfo.left,
    outputs: [info.outHeight, info.outWidth] as const,
  };
}

type Forward = Attrs & { readonly activation?: string };

/** y = activation(x ∗ filter + bias). What our kernel does not know (dilation, other activations) goes to the stock one. */
export const convolution =
  (stock: Kernel<Forward>): Kernel<Forward> =>
  (call) => {
    const { x, filter, bias, preluActivationWeights } = call.inputs as Record<string, tf.Tensor4D | undefined>;
    const { activation = 'linear', dilations = 1 } = call.attrs;
    const known = activation === 'linear' || activation === 'relu';
    const dilated = [dilations].flat().some((d) => d !== 1);
    if (!x || !filter || !known || dilated || preluActivationWeights || x.size === 0 || call.attrs.dataFormat === 'NCHW')
      return stock(call);
    const { step, top, left, outputs } = geometry(x.shape, filter.shape, call.attrs);
    const [n, h, w, channels] = x.shape;
    const [kh, kw, , columns] = filter.shape;
    const out = empty(call.backend, [n, ...outputs, columns]);
    const weights = addressOf(filter);
    convolve({
      x: addressOf(x),
      n,
      h,
      w,
      channels,
      taps: [kh, kw],
      filter: (i, j) => ({ at: weights + (i * kw + j) * channels * columns * 4, rowStride: columns, columnStride: 1 }),
      step,
      start: [-top, -left],
      tapStep: 1,
      columns,
      bias: bias ? addressOf(bias) : 0,
      relu: activation === 'relu',
      out: addressOf(out),
      outputs,
      strides: [outputs[0] * outputs[1] * columns, outputs[1] * columns, columns],
    });
    return out;
  };

/**
 * Gradient of a convolution by its input (and so the forward pass of a transposed convolution), [n, h, w, ci].
 * With i + top = s·j + r, dx at phase r is Σ_q dy[j − q] · w[r + s·q]: s² convolutions that touch no zero, each of
 * which writes its own pixels of dx.
 */
export const inputGradient: Kernel<Attrs & { readonly inputShape: Shape4 }> = ({ inputs, attrs, backend }) => {
  const dy = inputs.dy as tf.Tensor4D;
  const filter = inputs.filter as tf.Tensor4D;
  const [n, h, w, ci] = attrs.inputShape;
  const [kh, kw, , co] = filter.shape;
  const { step, top, left } = geometry(attrs.inputShape, filter.shape, attrs);
  const out = empty(backend, attrs.inputShape);
  const [weights, to, from] = [addressOf(filter), addressOf(out), addressOf(dy)];
  /** Along one axis: the first dy and the first dx of phase r, and how many. */
  const phase = (r: number, s: number, before: number, size: number) => {
    const first = Math.max(0, Math.ceil((before - r) / s));
    const at = s * first + r - before;
    return { first, at, count: Math.max(0, Math.ceil((size - at) / s)) };
  };
  for (let r = 0; r < step[0]; r++) {
    for (let c = 0; c < step[1]; c++) {
      const y = phase(r, step[0], top, h);
      const x = phase(c, step[1], left, w);
      if (y.count === 0 || x.count === 0) continue;
      convolve({
        x: from,
        n,
        h: dy.shape[1],
        w: dy.shape[2],
        channels: co,
        taps: [Math.max(0, Math.ceil((kh - r) / step[0])), Math.max(0, Math.ceil((kw - c) / step[1]))],
        filter: (i, j) => ({
          at: weights + ((r + i * step[0]) * kw + c + j * step[1]) * ci * co * 4,
          rowStride: 1,
          columnStride: co,
        }),
        step: [1, 1],
        start: [y.first, x.first],
        tapStep: -1,
        columns: ci,
        bias: 0,
        relu: false,
        out: to + (y.at * w + x.at) * ci * 4,
        outputs: [y.count, x.count],
        strides: [h * w * ci, step[0] * w * ci, step[1] * ci],
      });
    }
  }
  return out;
};

/** Filters to fewer outputs than this are summed the other way round: their panels of 8 would be mostly empty. */
const few = 4;

/**
 * Gradient of a convolution by its filter, [kh, kw, ci, co], which stock wasm lacks:
 * dw[i, j] = Σ_{n,y,x} x[n, s·y + i − top, s·x + j − left] ⊗ dy[n, y, x].
 */
export const filterGradient: Kernel<Attrs & { readonly filterShape: Shape4 }> = ({ inputs, attrs, backend }) => {
  const x = inputs.x as tf.Tensor4D;
  const dy = inputs.dy as tf.Tensor4D;
  const [n, h, w, ci] = x.shape;
  const [, oh, ow, co] = dy.shape;
  const [kh, kw] = attrs.filterShape;
  const { step, top, left } = geometry(x.shape, attrs.filterShape, attrs);
  const taps = [kh, kw] as const;
  if (co < few && ci >= 8 && step[0] === 1 && step[1] === 1) return flipped(backend, x, dy, attrs.filterShape, [top, left]);
  const out = empty(backend, attrs.filterShape);
  outer({
    x: addressOf(x),
    n,
    h,
    w,
    channels: ci,
    taps,
    step,
    start: [-top, -left],
    outputs: [oh, ow],
    columns: co,
    g: addressOf(dy),
    out: addressOf(out),
  });
  return out;
};

/** The same for stride 1 as Σ dy ⊗ x: what each pixel of x meets in dy, through the flipped filter. */
function flipped(backend: Wasm, x: tf.Tensor4D, dy: tf.Tensor4D, [kh, kw, ci, co]: Shape4, [top, left]: Pair): tf.TensorInfo {
  return tf.tidy(() => {
    const [n, h, w] = x.shape;
    const sums = empty(backend, [kh, kw, co, ci]);
    outer({
      x: addressOf(dy),
      n,
      h: dy.shape[1],
      w: dy.shape[2],
      channels: co,
      taps: [kh, kw],
      step: [1, 1],
      start: [top - kh + 1, left - kw + 1],
      outputs: [h, w],
      columns: ci,
      g: addressOf(x),
      out: addressOf(sums),
    });
    const out = empty(backend, [kh, kw, ci, co]);
    const [from, to] = [floats(backend, sums), floats(backend, out)];
    const taps = kh * kw;
    for (let t = 0; t < taps; t++) {
      for (let c = 0; c < co; c++) {
        for (let k = 0; k < ci; k++) to[(t * ci + k) * co + c] = from[((taps - 1 - t) * co + c) * ci + k]!;
      }
    }
    return out;
  });
}
