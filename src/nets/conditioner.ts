import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, type Dense, initConv, initMlp, mlp } from './layers.ts';

/** The network of a conditional layer: it reads one part of a row and gives the numbers that the layer does to the rest. */
export type Conditioner = readonly Dense[] | readonly Conv[];

/** For points [N, inputs] → [N, outputs]: three dense layers, nearly 0 at the start. */
export const initPointConditioner = (inputs: number, outputs: number, width: number, rng: Rng): Conditioner =>
  initMlp([inputs, width, width, outputs], rng, 0.1);

/** For feature maps [N, H, W, inputs] → [N, H, W, outputs]: convolutions 3×3, 1×1, 3×3, which give 0 at the start. */
export const initImageConditioner = (inputs: number, outputs: number, width: number, rng: Rng): Conditioner => [
  initConv(3, inputs, width, rng.split(0)),
  initConv(1, width, width, rng.split(1)),
  initConv(3, width, outputs, rng.split(2), 0),
];

/** The last convolution sums hundreds of inputs, which Adam moves together: undamped, a step would move its outputs by far too much. */
const damping = 0.1;

export const condition = (net: Conditioner, x: tf.Tensor): tf.Tensor =>
  x.rank === 2
    ? mlp(net as readonly Dense[], x as tf.Tensor2D)
    : tf.mul(
        damping,
        (net as readonly Conv[]).reduce(
          (h, { w, b }, i) => conv2d(h, w, b, { activation: i < net.length - 1 ? 'relu' : 'linear' }),
          x as tf.Tensor4D,
        ),
      );

/** tanh as 2σ(2x) − 1: on wasm ten times faster than tanh itself. */
export const squash = (x: tf.Tensor): tf.Tensor => tf.sub(tf.mul(2, tf.sigmoid(tf.mul(2, x))), 1);
