import * as tf from '../../tf.ts';
import { type Conditioner, condition, initImageConditioner } from '../conditioner.ts';
import { toPixels, toReals } from '../pixels.ts';
import { perRow, type Row, transform } from './transform.ts';

/** From pixels of 256 levels to reals: noise u ~ q(u|x) on [0, 1), then the logit. The level is lost on the way to data: V = −log q(u|x) + log-slopes. */

/** Uniform noise: log q = 0. */
export const dequantize = (row: Row) =>
  transform<Record<never, never>>({
    from: row,
    to: row,
    exact: false,
    init: () => ({}),
    forward: (_, x, rng) => {
      const { y, logDet } = toReals(x, rng.uniforms(x.shape as [number]));
      return { z: y, contribution: logDet };
    },
    inverse: (_, z) => toPixels(z),
  });

/** Noise stays this far from 0 and 1, where its logit would end. */
const edge = 1e-6;

/**
 * Noise that a network of the image shapes, pixel by pixel: u = σ(μ + s·logit e), e uniform; the network gives μ and log s.
 *   log q(u|x) = log e(1 − e) − log s − log u(1 − u)
 * Ho, Chen, Srinivas, Duan, Abbeel 2019, sec. 3.1, arXiv:1902.00275. Differs: their q is a deep flow that mixes pixels; this one is
 * logistic before its σ, so that at the start, where μ = log s = 0, it is the uniform noise of `dequantize` exactly.
 */
export function vardequantize(row: Row, width: number) {
  const channels = row.at(-1)!;
  return transform<Conditioner>({
    from: row,
    to: row,
    exact: false,
    init: (rng) => initImageConditioner(channels, 2 * channels, width, rng),
    forward: (net, x, rng) => {
      const e = tf.clipByValue(rng.uniforms(x.shape as [number]), edge, 1 - edge);
      const [logE, logRest] = [tf.log(e), tf.log(tf.sub(1, e))];
      const [mu, logScale] = tf.split(condition(net, x), 2, -1) as [tf.Tensor, tf.Tensor];
      const v = tf.add(mu, tf.mul(tf.exp(logScale), tf.sub(logE, logRest)));
      const logSlope = tf.neg(tf.add(tf.softplus(v), tf.softplus(tf.neg(v))));
      const logQ = tf.sub(tf.sub(tf.add(logE, logRest), logScale), logSlope);
      const { y, logDet } = toReals(x, tf.sigmoid(v));
      return { z: y, contribution: tf.sub(logDet, perRow(logQ)) };
    },
    inverse: (_, z) => toPixels(z),
  });
}
