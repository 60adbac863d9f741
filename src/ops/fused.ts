import * as tf from '../tf.ts';
import { empty, type Wasm } from './kernels/heap.ts';
import { compute, type Program, runsPrograms } from './kernels/program.ts';
import { addressOf, simd } from './kernels/simd.ts';

/** With bias and activation in the same kernel, as tfjs's own fused ops are only without gradients. */
export type Activation = 'linear' | 'relu';

const reluGradient: Program = {
  name: 'relu-gradient',
  inputs: ['D', 'Y'],
  constants: {},
  body: ({ at }) => `result = ${at('D', 'index')} * sign(${at('Y', 'index')});`,
};

/** dy where the activation let the signal pass; y is its output. */
function through(dy: tf.Tensor, y: tf.Tensor, activation: Activation): tf.Tensor {
  if (activation === 'linear') return dy;
  if (runsPrograms()) return compute(reluGradient, [dy, y], dy.shape);
  if (tf.getBackend() !== 'wasm') return tf.mul(dy, tf.step(y));
  const out = empty(tf.backend() as unknown as Wasm, dy.shape);
  simd().reluGradient(addressOf(dy), addressOf(y), addressOf(out), dy.size);
  return out;
}

/**
 * activation(x ∗ w + b): x [N, H, W, in], w [kh, kw, in, out], b [out] → [N, H′, W′, out], with H′ = ⌈H / stride⌉ for
 * 'same' padding and ⌈(H − kh + 1) / stride⌉ for 'valid'. `input: 'data'` promises that nobody asks for the gradient
 * by x (a first layer, whose x is an image), and saves its cost. First-order gradients only.
 */
export function conv2d(
  x: tf.Tensor4D,
  w: tf.Tensor4D,
  b: tf.Tensor1D,
  o: { stride?: number; pad?: 'same' | 'valid'; activation?: Activation; input?: 'data' | 'hidden' } = {},
): tf.Tensor4D {
  const { stride = 1, pad = 'same', activation = 'linear', input = 'hidden' } = o;
  const attrs = { strides: [stride, stride], pad, dataFormat: 'NHWC' };
  const run = (kernel: string, inputs: Record<string, tf.Tensor>, more: tf.NamedAttrMap) =>
    tf.engine().runKernel(kernel, inputs, { ...attrs, ...more }) as tf.Tensor4D;

  const forward = (save: tf.GradSaveFunc) => {
    const y = run('FusedConv2D', { x, filter: w, bias: b }, { dilations: [1, 1], activation });
    save([x, w, y]);
    return y;
  };
  const backward = (dy: tf.Tensor, saved: tf.Tensor[]) =>
    tf.tidy(() => {
      const [x, w, y] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const g = through(dy, y, activation);
      const dw = run('Conv2DBackpropFilter', { x, dy: g }, { filterShape: w.shape });
      const db = tf.sum(g, [0, 1, 2]);
      return input === 'data' ? [dw, db] : [run('Conv2DBackpropInput', { dy: g, filter: w }, { inputShape: x.shape }), dw, db];
    });
  const layer = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    return { value: forward(save), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => backward(dy, saved) };
  });
  return (input === 'data' ? layer(w, b) : layer(x, w, b)) as tf.Tensor4D;
}

/** activation(x w + b): x [N, in], w [in, out], b [out] → [N, out]. First-order gradients only. */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D, activation: Activation = 'linear'): tf.Tensor2D {
  const [rows, columns] = [x.shape[0], w.shape[1]];
  const layer = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    // The kernel itself takes batches of matrices only.
    const inputs = { a: tf.reshape(x, [1, ...x.shape]), b: tf.reshape(w, [1, ...w.shape]), bias: b };
    const product = tf.engine().runKernel('_FusedMatMul', inputs, { transposeA: false, transposeB: false, activation }) as tf.Tensor;
    const y = tf.reshape(product, [rows, columns]);
    save([x, w, y]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      tf.tidy(() => {
        const [x, w, y] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const g = through(dy, y, activation) as tf.Tensor2D;
        return [tf.matMul(g, w, false, true), tf.matMul(x, g, true), tf.sum(g, 0)];
      });
    return { value: y, gradFunc };
  });
  return layer(x, w, b) as tf.Tensor2D;
}
