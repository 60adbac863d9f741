import * as tf from '../../tf.ts';
import { type Conditioner, condition, initPointConditioner } from '../conditioner.ts';
import { type Dense, initMlp, mlp } from '../layers.ts';
import { bent, perSpline } from './spline.ts';
import { type Row, transform } from './transform.ts';

type Weights = { readonly each: readonly Dense[]; readonly net: Conditioner };

/**
 * A coupling of sets [K, 2]: one coordinate of every point goes through a spline that a network chooses from the point's other
 * coordinate and from the mean of what a first network makes of the other coordinates of all points (deep sets: Zaheer et al. 2017,
 * arXiv:1703.06114). To list the points in another order does that to z, and nothing to V. `turn` says which coordinate is kept.
 */
export function equivariant(row: Row, turn: number, width: number) {
  const [k] = row as readonly [number, number];
  const apply = ({ each, net }: Weights, x: tf.Tensor, inverse: boolean) => {
    const n = x.shape[0]!;
    const [first, second] = tf.split(x, 2, 2) as [tf.Tensor, tf.Tensor];
    const [kept, moves] = turn % 2 ? [second, first] : [first, second];
    const seen = tf.relu(mlp(each, tf.reshape(kept, [n * k, 1])));
    const mean = tf.mean(tf.reshape(seen, [n, k, width]), 1, true);
    const ofAll = tf.reshape(tf.mul(tf.ones([1, k, 1]), mean), [n * k, width]);
    const { y, logSlope } = bent(tf.reshape(moves, [n, k]), condition(net, tf.concat([seen, ofAll], 1)), inverse);
    const moved = tf.reshape(y, [n, k, 1]);
    return { z: tf.concat(turn % 2 ? [moved, kept] : [kept, moved], 2), contribution: logSlope };
  };
  return transform<Weights>({
    from: row,
    to: row,
    exact: true,
    init: (rng) => ({
      each: initMlp([1, width, width], rng.split('each')),
      net: initPointConditioner(2 * width, perSpline, width, rng.split('net')),
    }),
    forward: (weights, x) => apply(weights, x, false),
    inverse: (weights, z) => apply(weights, z, true).z,
  });
}
