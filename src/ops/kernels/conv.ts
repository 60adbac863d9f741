import * as tf from '../../tf.ts';
import { empty, floats, type Kernel, type Wasm } from './heap.ts';

type Pair = readonly [number, number];
type Attrs = {
  readonly strides: Pair | number;
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: string;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};
type Shape4 = [number, number, number, number];

function geometry(x: Shape4, w: Shape4, { strides, pad, dataFormat, dimRoundingMode }: Attrs) {
  if (dataFormat === 'NCHW') throw new Error('The gradient of a convolution got data in NCHW order, expected NHWC: transpose the input.');
  const info = tf.backend_util.computeConv2DInfo(x, w, strides as [number, number], 1, pad, dimRoundingMode);
  return { sh: info.strideHeight, sw: info.strideWidth, top: info.padInfo.top, left: info.padInfo.left };
}

/** Filters of at most this many taps × channels go through `taps`. */
const few = 64;

/** The pixels under each tap of the filter: [kh·kw·ci, n·oh·ow], zero in the padding. */
function taps(
  backend: Wasm,
  x: tf.Tensor4D,
  [kh, kw]: Pair,
  [oh, ow]: Pair,
  { sh, sw, top, left }: ReturnType<typeof geometry>,
): tf.Tensor2D {
  const [n, h, w, ci] = x.shape;
  const out = empty(backend, [kh * kw * ci, n * oh * ow]) as tf.Tensor2D;
  const to = floats(backend, out);
  const from = floats(backend, x);
  let p = 0;
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      for (let c = 0; c < ci; c++) {
        for (let image = 0; image < n; image++) {
          for (let oy = 0; oy < oh; oy++) {
            const y = oy * sh + i - top;
            const row = (image * h + y) * w;
            for (let ox = 0, col = j - left; ox < ow; ox++, col += sw) {
              to[p++] = y < 0 || y >= h || col < 0 || col >= w ? 0 : from[(row + col) * ci + c]!;
            }
          }
        }
      }
    }
  }
  return out;
}

/**
 * Gradient of a convolution by its filter, [kh, kw, ci, co], which stock wasm lacks:
 * dw[i, j, ci, co] = Σ_{n,y,x} x[n, s·y + i − top, s·x + j − left, ci] · dy[n, y, x, co]
 * is itself a convolution, of xᵀ [ci, H, W, n] with the filter dyᵀ [y, x, n, co] dilated by the stride. It uses
 * vectors badly where the filter is small (a first or last layer's): there one matrix product over gathered pixels is
 * twice as fast.
 */
export const filterGradient: Kernel<Attrs & { readonly filterShape: Shape4 }> = ({ inputs, attrs, backend }) => {
  const x = inputs.x as tf.Tensor4D;
  const dy = inputs.dy as tf.Tensor4D;
  const [n, h, w, ci] = x.shape;
  const [, oh, ow, co] = dy.shape;
  const [kh, kw] = attrs.filterShape;
  const where = geometry(x.shape, attrs.filterShape, attrs);
  const { sh, sw, top, left } = where;
  return tf.tidy(() => {
    const rows = n * oh * ow;
    if (kh === 1 && kw === 1 && oh === h && ow === w && top === 0 && left === 0) {
      return tf.reshape(tf.matMul(tf.reshape(x, [rows, ci]), tf.reshape(dy, [rows, co]), true), [1, 1, ci, co]);
    }
    if (kh * kw * ci <= few) {
      const pixels = taps(backend, x, [kh, kw], [oh, ow], where);
      return tf.reshape(tf.matMul(pixels, tf.reshape(dy, [rows, co])), [kh, kw, ci, co]);
    }
    if (kh * kw * co <= few && sh === 1 && sw === 1) {
      // The other way round: what each pixel of x meets in dy, through the flipped filter.
      const met = taps(backend, dy, [kh, kw], [h, w], { sh, sw, top: kh - 1 - top, left: kw - 1 - left });
      const flipped = tf.reshape(tf.matMul(met, tf.reshape(x, [n * h * w, ci])), [kh, kw, co, ci]);
      return tf.transpose(tf.reverse(flipped, [0, 1]), [0, 1, 3, 2]);
    }
    const bottom = kh + (oh - 1) * sh - h - top;
    const right = kw + (ow - 1) * sw - w - left;
    let xt = tf.transpose(x, [3, 1, 2, 0]);
    // Rows and columns past the last window never met the filter.
    if (bottom < 0 || right < 0) xt = tf.slice(xt, [0, 0, 0, 0], [ci, h + Math.min(bottom, 0), w + Math.min(right, 0), n]);
    const filter = tf.transpose(dy, [1, 2, 0, 3]);
    const pad: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [top, Math.max(bottom, 0)],
      [left, Math.max(right, 0)],
      [0, 0],
    ];
    return tf.transpose(tf.conv2d(xt, filter, 1, pad, 'NHWC', [sh, sw]), [1, 2, 0, 3]);
  });
};

/**
 * The filter of one stride phase of the input gradient, flipped: [qh, qw, co, columns·ci] with
 * taps w[row + sh·a, column + sw·b], zero where they fall outside. Written on the heap: reversing, slicing and
 * transposing with tf ops costs more than the convolution that follows.
 */
function phaseFilter(backend: Wasm, w: tf.Tensor4D, [sh, sw]: Pair, row: number, columns: readonly number[], [qh, qw]: Pair) {
  const [kh, kw, ci, co] = w.shape;
  const filter = empty(backend, [qh, qw, co, columns.length * ci]) as tf.Tensor4D;
  const to = floats(backend, filter);
  const from = floats(backend, w);
  let p = 0;
  for (let a = qh - 1; a >= 0; a--) {
    for (let b = qw - 1; b >= 0; b--) {
      for (let c = 0; c < co; c++) {
        for (const column of columns) {
          const i = row + sh * a;
          const j = column + sw * b;
          let q = (i * kw + j) * ci * co + c;
          if (i < kh && j < kw) for (let k = 0; k < ci; k++, q += co) to[p++] = from[q]!;
          else for (let k = 0; k < ci; k++) to[p++] = 0;
        }
      }
    }
  }
  return filter;
}

/** The [h, w] window of the full convolution of `d` with `filter`, whose first output starts at (−top, −left). */
function window(d: tf.Tensor4D, filter: tf.Tensor4D, [top, left]: Pair, [h, w]: Pair): tf.Tensor4D {
  const [n, dh, dw, channels] = d.shape;
  const [kh, kw] = filter.shape;
  const sides = [top, h + kh - 1 - top - dh, left, w + kw - 1 - left - dw] as const;
  const [t, b, l, r] = sides.map((side) => Math.max(side, 0)) as [number, number, number, number];
  // Negative padding is a crop; the rest the convolution pads by itself, without a copy.
  const cropped = sides.some((side) => side < 0)
    ? tf.slice(d, [0, Math.max(-top, 0), Math.max(-left, 0), 0], [n, h + kh - 1 - t - b, w + kw - 1 - l - r, channels])
    : d;
  return tf.conv2d(cropped, filter, 1, [
    [0, 0],
    [t, b],
    [l, r],
    [0, 0],
  ]);
}

/**
 * Gradient of a convolution by its input (and so the forward pass of a transposed convolution), [n, h, w, ci].
 * With i + top = s·j + r, dx at phase r is Σ_q dy[j − q] · w[r + s·q]: s² small convolutions that touch no zero,
 * interleaved. For few channels the s column phases share one convolution as output channels: fuller vectors, some
 * taps zero. Wider ones run each phase alone.
 */
export const inputGradient: Kernel<Attrs & { readonly inputShape: Shape4 }> = ({ inputs, attrs, backend }) => {
  const dy = inputs.dy as tf.Tensor4D;
  const filter = inputs.filter as tf.Tensor4D;
  const [n, h, w, ci] = attrs.inputShape;
  const [kh, kw] = filter.shape;
  const { sh, sw, top, left } = geometry(attrs.inputShape, filter.shape, attrs);
  const stride = [sh, sw] as const;
  return tf.tidy(() => {
    if (sh === 1 && sw === 1) {
      return window(dy, phaseFilter(backend, filter, stride, 0, [0], [kh, kw]), [kh - 1 - top, kw - 1 - left], [h, w]);
    }
    const jh = Math.ceil((h + top) / sh);
    const jw = Math.ceil((w + left) / sw);
    const phase = (row: number, columns: readonly number[]): tf.Tensor4D => {
      const qh = Math.ceil((kh - row) / sh);
      const qw = Math.ceil((kw - columns[0]!) / sw);
      // A phase without taps gets no gradient; the convolution would refuse an empty filter.
      if (qh <= 0 || qw <= 0) return tf.zeros([n, jh, jw, columns.length * ci]);
      return window(dy, phaseFilter(backend, filter, stride, row, columns, [qh, qw]), [qh - 1, qw - 1], [jh, jw]);
    };
    const columns = Array.from({ length: sw }, (_, c) => c);
    const groups = ci <= 16 ? [columns] : columns.map((c) => [c]);
    const parts = Array.from({ length: sh }, (_, row) => groups.map((group) => ({ row, group, values: phase(row, group) }))).flat();
    const dx = empty(backend, attrs.inputShape);
    const to = floats(backend, dx);
    for (const { row, group, values } of parts) {
      const from = floats(backend, values);
      for (let image = 0; image < n; image++) {
        for (let j = 0, y = row - top; y < h; j++, y += sh) {
          if (y < 0) continue;
          let p = (image * jh + j) * jw * group.length * ci;
          for (let k = 0; k < jw; k++) {
            for (const column of group) {
              const x = k * sw + column - left;
              let q = ((image * h + y) * w + x) * ci;
              if (x < 0 || x >= w) p += ci;
              else for (let c = 0; c < ci; c++) to[q++] = from[p++]!;
            }
          }
        }
      }
    }
    return dx;
  });
};
