import * as tf from '../../tf.ts';
import { empty, floats, type Kernel } from './heap.ts';
import { addressOf, heapWords, scratch, simd } from './simd.ts';

type Shape4 = [number, number, number, number];
type Pair = [number, number];
type Attrs = {
  readonly strides: Pair | number;
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** Windows over [n, h, w, c], each channel by itself. */
type Windows = Pick<tf.backend_util.Conv2DInfo, 'inShape' | 'outHeight' | 'outWidth' | 'strideHeight' | 'strideWidth' | 'padInfo'>;

/** Runs a kernel of `assembly/depthwise.ts` on tensors of its shapes, `taps` counting the filter's. */
function run(kernel: 'depthwiseInput' | 'depthwiseFilter', x: tf.Tensor, g: tf.Tensor, filter: tf.Tensor, taps: Pair, info: Windows): void {
  const { inShape, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  const [n, h, w] = inShape;
  const channels = g.shape[3]!;
  const [job] = scratch(16) as [number];
  heapWords().set(
    [
      ...[addressOf(x), addressOf(g), addressOf(filter)],
      ...[n, h, w, channels, ...taps, strideHeight, strideWidth],
      ...[padInfo.top, padInfo.left, outHeight, outWidth],
    ],
    job / 4,
  );
  simd()[kernel](job);
}

const geometry = (x: Shape4, filter: Shape4, { strides, pad, dimRoundingMode }: Attrs) =>
  tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad, dimRoundingMode, true);

/**
 * Gradient of a depthwise convolution by its input, [n, h, w, c], which stock wasm lacks: dy [n, oh, ow, c·m], filter [kh, kw, c, m].
 */
export const depthwiseInputGradient: Kernel<Attrs & { readonly inputShape: Shape4 }> = ({ inputs, attrs, backend }) => {
  const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
  const { inputShape } = attrs;
  const [kh, kw, channels, multiplier] = filter.shape;
  return tf.tidy(() => {
    // Output channel c·m + k reads input channel c: the gradients of its m copies add up.
    const copies = empty(backend, [...inputShape.slice(0, 3), channels * multiplier]);
    run('depthwiseInput', copies, dy, filter, [kh, kw], geometry(inputShape, filter.shape, attrs));
    return multiplier === 1 ? copies : tf.sum(tf.reshape(copies, [...inputShape, multiplier]), 4);
  });
};

/** The same by its filter, [kh, kw, c, m]. */
export const depthwiseFilterGradient: Kernel<Attrs & { readonly filterShape: Shape4 }> = ({ inputs, attrs, backend }) => {
  const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
  const { filterShape } = attrs;
  const [kh, kw, , multiplier] = filterShape;
  return tf.tidy(() => {
    const column = tf.reshape(x, [-1, 1]);
    const copies = multiplier === 1 ? x : tf.concat(Array<tf.Tensor>(multiplier).fill(column), 1);
    const out = empty(backend, filterShape);
    run('depthwiseFilter', copies, dy, out, [kh, kw], geometry(x.shape, filterShape, attrs));
    return out;
  });
};

type Pool = { readonly filterSize: Pair | number; readonly strides: Pair | number; readonly pad: Attrs['pad'] };

/**
 * Gradient of average pooling where every window has all its pixels (`gradients.ts` scales those at a border beforehand): that of a depthwise
 * convolution with a constant filter. The stock kernel takes 150 times as long over windows of 8×8.
 */
export const avgPoolGradient: Kernel<Pool> = ({ inputs, attrs, backend }) => {
  const { dy, input } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D };
  const info = tf.backend_util.computePool2DInfo(input.shape, attrs.filterSize, attrs.strides, 1, attrs.pad);
  const { filterHeight, filterWidth, inChannels } = info;
  const out = empty(backend, input.shape);
  const filter = empty(backend, [filterHeight, filterWidth, inChannels]);
  floats(backend, filter).fill(1 / (filterHeight * filterWidth));
  run('depthwiseInput', out, dy, filter, [filterHeight, filterWidth], info);
  filter.dispose();
  return out;
};
