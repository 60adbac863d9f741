import * as tf from '../../../src/tf.ts';

type Attrs = {
  readonly strides: [number, number] | number;
  readonly pad: 'same' | 'valid' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
};

/** The gradient of a convolution by its filter, written plainly: im2col by one slice a tap, then one transposed product. */
export function naiveFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, { strides, pad, dimRoundingMode, filterShape }: Attrs): tf.Tensor4D {
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { batchSize, inChannels, outHeight, outWidth, outChannels, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info;
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ]);
    const taps: tf.Tensor4D[] = [];
    for (let i = 0; i < filterHeight; i++) {
      for (let j = 0; j < filterWidth; j++) {
        const end = [batchSize, i + strideHeight * (outHeight - 1) + 1, j + strideWidth * (outWidth - 1) + 1, inChannels];
        taps.push(tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]) as tf.Tensor4D);
      }
    }
    const rows = batchSize * outHeight * outWidth;
    const columns = tf.reshape(tf.concat(taps, 3), [rows, filterHeight * filterWidth * inChannels]);
    return tf.reshape(tf.matMul(columns, tf.reshape(dy, [rows, outChannels]), true), filterShape);
  });
}

/**
 * Supplies what stock wasm lacks so that a convolutional net trains at all: the filter gradient, written naively, and nothing else.
 * The wasm backend must be loaded, and our own kernels must not be registered.
 */
export function registerNaiveKernels(): void {
  if (tf.getKernel('Conv2DBackpropFilter', 'wasm')) throw new Error('This is no stock wasm: it has a Conv2DBackpropFilter already.');
  const kernelFunc = ({ inputs, attrs }: { inputs: tf.NamedTensorInfoMap; attrs?: object }) =>
    naiveFilterGradient(inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D, attrs as Attrs);
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: kernelFunc as unknown as tf.KernelFunc });
}
