import type { Rng } from '../ops/random.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import { map } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { type Conv, conv2d, doubling, initConv, initDoubling } from './layers.ts';

/** A U-Net (Ronneberger et al. 2015, arXiv:1505.04597): maps are halved and doubled again, and each size hands its maps across. */
export type UNet = {
  readonly down: readonly Conv[];
  readonly up: readonly { readonly double: Conv; readonly mix: Conv }[];
  readonly out: Conv;
};

/** Channels of the maps from the finest to the coarsest, which is an eighth of the image a side. */
export const unetWidths = [8, 16, 32, 48] as const;

export const initUNet = (channels: number, classes: number, rng: Rng): UNet => ({
  down: unetWidths.map((out, i) => initConv(3, i === 0 ? channels : unetWidths[i - 1]!, out, rng.split('down', i))),
  up: [2, 1, 0].map((i) => ({
    double: initDoubling(unetWidths[i + 1]!, unetWidths[i]!, rng.split('double', i)),
    mix: initConv(3, 2 * unetWidths[i]!, unetWidths[i]!, rng.split('mix', i)),
  })),
  out: initConv(1, unetWidths[0], classes, rng.split('out')),
});

/** Each slice with mean 0 and variance 1: brightness has no unit. */
const standard = (x: tf.Tensor4D): tf.Tensor4D => {
  const { mean, variance } = tf.moments(x, [1, 2, 3], true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-4)));
};

/** Maps of the way down, finest first: [N, H, W, 8], [N, H/2, W/2, 16], …, [N, H/8, W/8, 48]. */
export function contract({ down }: UNet, x: tf.Tensor4D): tf.Tensor4D[] {
  const maps: tf.Tensor4D[] = [];
  for (const [i, { w, b }] of down.entries())
    maps.push(
      conv2d(maps.at(-1) ?? standard(x), w, b, { stride: i === 0 ? 1 : 2, activation: 'relu', input: i === 0 ? 'data' : 'hidden' }),
    );
  return maps;
}

/** Maps after `steps` of the way up: one gives [N, H/4, W/4, 32], three [N, H, W, 8]. */
export const expand = ({ up }: UNet, maps: readonly tf.Tensor4D[], steps: number): tf.Tensor4D =>
  up.slice(0, steps).reduce((h, { double, mix }, i) => {
    const across = maps[maps.length - 2 - i]!;
    return conv2d(tf.concat([doubling(double, h), across], 3), mix.w, mix.b, { activation: 'relu' });
  }, maps.at(-1)!);

/** Logits of each pixel's class: [N, H, W, 1] → [N, H, W, classes]. */
export const unet = (net: UNet, x: tf.Tensor4D): tf.Tensor4D => conv2d(expand(net, contract(net, x), 3), net.out.w, net.out.b);

/** The same net, whose way down and first `steps` of the way up no gradient reaches. */
export const frozen = (net: UNet, steps: number): UNet => ({
  ...net,
  down: map(stopGradient, net.down),
  up: [...map(stopGradient, net.up.slice(0, steps)), ...net.up.slice(steps)],
});
