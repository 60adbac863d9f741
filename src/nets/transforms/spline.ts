import { stopGradient } from '../../ops/stop-gradient.ts';
import * as tf from '../../tf.ts';
import { type Conditioner, condition, initPointConditioner } from '../conditioner.ts';
import { perRow, type Row, transform } from './transform.ts';

/** Raw numbers of M splines of K bins: widths and heights [M, K], slopes at the inner knots [M, K − 1]. */
export type Knots = { readonly widths: tf.Tensor2D; readonly heights: tf.Tensor2D; readonly slopes: tf.Tensor2D };

/** Bins are no narrower, as a share of the whole, and slopes no flatter than this. */
const least = 1e-3;

/** K × K: ones above the diagonal add up all bins before each; −1 below it takes the next bin's step off each step. */
const square = (k: number, value: (i: number, j: number) => number) =>
  tf.tensor2d(
    Float32Array.from({ length: k * k }, (_, at) => value(Math.floor(at / k), at % k)),
    [k, k],
  );

/** Where bins begin, and their sizes, over [−reach, reach]. */
function binsOf(raw: tf.Tensor2D, reach: number) {
  const k = raw.shape[1];
  const sizes = tf.mul(2 * reach, tf.add(least, tf.mul(1 - least * k, tf.softmax(raw)))) as tf.Tensor2D;
  // Not cumsum, whose gradient some backends get wrong.
  return {
    sizes,
    starts: tf.sub(
      tf.matMul(
        sizes,
        square(k, (i, j) => (i < j ? 1 : 0)),
      ),
      reach,
    ) as tf.Tensor2D,
  };
}

/**
 * Monotone rational-quadratic splines on [−reach, reach], the identity outside: x [M, 1] → y and log dy/dx, [M, 1] each. In a bin with
 * θ = (x − xₖ)/width, s = height/width and slopes δₖ, δₖ₊₁ at its ends,
 *   y = yₖ + height·(sθ² + δₖθ(1−θ)) / (s + (δₖ + δₖ₊₁ − 2s)θ(1−θ))
 * Durkan, Bekasov, Murray & Papamakarios 2019, eqs. 4–8, arXiv:1906.04032. `inverse` solves it for x (their eqs. 6–8), and
 * gives log dx/dy. Sizes are softmaxes, slopes softplus + 0.001, both 1 at the ends.
 */
export function spline(x: tf.Tensor2D, { widths, heights, slopes }: Knots, reach: number, inverse = false) {
  const k = widths.shape[1];
  const [across, up] = [binsOf(widths, reach), binsOf(heights, reach)];
  const ones = tf.ones([x.shape[0], 1]);
  const inner = tf.add(least, tf.softplus(slopes));
  const within = tf.clipByValue(x, -reach, reach) as tf.Tensor2D;
  // 1 in the bin that holds x, 0 elsewhere; and whether any does: constants, through which no gradient passes.
  const reached = tf.step(tf.slice(tf.sub(within, (inverse ? up : across).starts), [0, 1], [-1, k - 1]));
  const next = square(k, (i, j) => (i === j ? 1 : i === j + 1 ? -1 : 0));
  const bin = stopGradient(tf.matMul(tf.concat([ones, reached], 1) as tf.Tensor2D, next));
  const inside = stopGradient(tf.step(tf.sub(reach, tf.abs(x))));
  // Of each table of K the number in that bin: all six at once, as small ops cost their call.
  const tables = [across.starts, across.sizes, up.starts, up.sizes, tf.concat([ones, inner], 1), tf.concat([inner, ones], 1)];
  const [left, width, bottom, height, d0, d1] = tf.split(
    tf.sum(tf.mul(tf.expandDims(bin, 1), tf.reshape(tf.concat(tables, 1), [-1, 6, k])), 2),
    6,
    1,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const s = tf.div(height, width);
  const bend = tf.sub(tf.add(d0, d1), tf.mul(2, s));
  const theta = inverse ? root() : tf.div(tf.sub(within, left), width);

  /** The root of aθ² + bθ + c = 0 in [0, 1]. */
  function root(): tf.Tensor {
    const above = tf.sub(within, bottom);
    const a = tf.add(tf.mul(height, tf.sub(s, d0)), tf.mul(above, bend));
    const b = tf.sub(tf.mul(height, d0), tf.mul(above, bend));
    const c = tf.neg(tf.mul(s, above));
    const discriminant = tf.relu(tf.sub(tf.square(b), tf.mul(4, tf.mul(a, c))));
    return tf.div(tf.mul(-2, c), tf.add(b, tf.mul(discriminant, tf.rsqrt(tf.add(discriminant, 1e-30)))));
  }
  const rest = tf.sub(1, theta);
  const mixed = tf.mul(theta, rest);
  const below = tf.add(s, tf.mul(bend, mixed));
  const y = inverse
    ? tf.add(left, tf.mul(theta, width))
    : tf.add(bottom, tf.div(tf.mul(height, tf.add(tf.mul(s, tf.square(theta)), tf.mul(d0, mixed))), below));
  const slope = tf.add(tf.add(tf.mul(d1, tf.square(theta)), tf.mul(2, tf.mul(s, mixed))), tf.mul(d0, tf.square(rest)));
  const logSlope = tf.add(tf.mul(2, tf.log(tf.div(s, below))), tf.log(slope));
  const outside = tf.sub(1, inside);
  return {
    y: tf.add(tf.mul(inside, y), tf.mul(outside, x)),
    logSlope: tf.mul(inverse ? tf.neg(inside) : inside, logSlope),
  };
}

const bins = 8;
const reach = 5;
/** Raw numbers of one spline. */
export const perSpline = 3 * bins - 1;
/** softplus of it, with the least slope, is 1: a spline of zeros is the identity. */
const even = Math.log(Math.expm1(1 - least));

/** Each number of x [N, d] through the spline of its raw numbers, [N, d·(3K − 1)] or so reshaped. */
export function bent(x: tf.Tensor, raw: tf.Tensor, inverse: boolean) {
  const [widths, heights, slopes] = tf.split(tf.reshape(raw, [-1, perSpline]), [bins, bins, bins - 1], 1) as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const { y, logSlope } = spline(tf.reshape(x, [-1, 1]), { widths, heights, slopes: tf.add(slopes, even) }, reach, inverse);
  return { y: tf.reshape(y, x.shape), logSlope: perRow(tf.reshape(logSlope, x.shape)) };
}

/** A coupling whose free numbers each go through a spline that a network of the kept ones chooses; `turn` says which half is kept. */
export function splineCoupling(row: Row, turn: number, width: number) {
  const [d] = row as [number];
  const half = Math.floor(d / 2);
  const swapped = turn % 2 === 1;
  const kept = swapped ? d - half : half;
  const apply = (net: Conditioner, x: tf.Tensor, inverse: boolean) => {
    const [a, b] = tf.split(x, [half, d - half], 1) as [tf.Tensor, tf.Tensor];
    const [stays, moves] = swapped ? [b, a] : [a, b];
    const { y, logSlope } = bent(moves, condition(net, stays), inverse);
    return { z: tf.concat(swapped ? [y, stays] : [stays, y], 1), contribution: logSlope };
  };
  return transform<Conditioner>({
    from: row,
    to: row,
    exact: true,
    init: (rng) => initPointConditioner(kept, (d - kept) * perSpline, width, rng),
    forward: (net, x) => apply(net, x, false),
    inverse: (net, z) => apply(net, z, true).z,
  });
}

/** A spline of its own for each number of the row. */
export function curve(row: Row) {
  const apply = ({ raw }: { readonly raw: tf.Tensor }, x: tf.Tensor, inverse: boolean) =>
    bent(x, tf.mul(tf.ones([x.shape[0]!, 1, 1]), raw), inverse);
  return transform<{ readonly raw: tf.Tensor }>({
    from: row,
    to: row,
    exact: true,
    init: () => ({ raw: tf.zeros([1, row[0]!, perSpline]) }),
    forward: (weights, x) => {
      const { y, logSlope } = apply(weights, x, false);
      return { z: y, contribution: logSlope };
    },
    inverse: (weights, z) => apply(weights, z, true).y,
  });
}
