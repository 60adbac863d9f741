import type { Rng } from '../../ops/random.ts';
import { stopGradient } from '../../ops/stop-gradient.ts';
import * as tf from '../../tf.ts';
import { type Conditioner, condition, initPointConditioner } from '../conditioner.ts';
import { squeeze, unsqueeze } from '../flow.ts';
import { gaussian, logNormal, perRow, type Row, sizeOf, transform } from './transform.ts';

/**
 * Steps that lose something one way. Where the loss is on the way to noise, V = log p(x|z) is exact (Nielsen et al. 2020, table 1,
 * arXiv:2007.02731); what follows then sees only a part of the space, so each step ends with a bijection from that part to all reals.
 */
type None = Record<never, never>;

/**
 * (0, ∞) → reals and the log of its slope, in two steps: L = log(eᵃ − 1), softplus backwards, and y = L − 1 where L > 0, else −√(1 − 2L).
 * What is even next to 0 gets the tail of a normal; L alone would throw it as far as e^L, beyond the interval of splines.
 * Differs: values below 1e-6 count as 1e-6.
 */
function toLine(a: tf.Tensor): { y: tf.Tensor; logSlope: tf.Tensor } {
  const positive = tf.clipByValue(a, 1e-6, Number.MAX_VALUE);
  const shrink = tf.log(tf.sub(1, tf.exp(tf.neg(positive))));
  const line = tf.add(positive, shrink);
  const tail = tf.add(1, tf.mul(2, tf.relu(tf.neg(line))));
  return { y: tf.sub(tf.relu(line), tf.mul(tail, tf.rsqrt(tail))), logSlope: tf.neg(tf.add(shrink, tf.mul(0.5, tf.log(tail)))) };
}
function fromLine(y: tf.Tensor): tf.Tensor {
  const above = tf.add(y, 1);
  return tf.softplus(tf.sub(above, tf.mul(0.5, tf.square(tf.relu(tf.neg(above))))));
}

/** 1 where a number of that shape is drawn below `chance`, else 0. */
const coin = (chance: tf.Tensor | number, shape: readonly number[], rng: Rng) => tf.step(tf.sub(chance, rng.uniforms(shape as [number])));

/** |x| of every number; signs are fair coins: V = −D log 2. */
export const abs = (row: Row) =>
  transform<None>({
    from: row,
    to: row,
    exact: true,
    init: () => ({}),
    forward: (_, x) => {
      const { y, logSlope } = toLine(tf.abs(x));
      return { z: y, contribution: tf.sub(perRow(logSlope), sizeOf(row) * Math.LN2) };
    },
    inverse: (_, z, rng) => tf.mul(fromLine(z), tf.sub(tf.mul(2, coin(0.5, z.shape, rng)), 1)),
  });

/** |x₁| of the first number alone; a network of |x₁| and the others tells how likely its sign is: V = log p(sign | |x₁|, others). */
export function fold(row: Row, width: number) {
  const [d] = row as [number];
  const parts = (x: tf.Tensor) => tf.split(x, [1, d - 1], 1) as [tf.Tensor, tf.Tensor];
  return transform<Conditioner>({
    from: row,
    to: row,
    exact: true,
    init: (rng) => initPointConditioner(d, 1, width, rng),
    forward: (net, x) => {
      const [first, others] = parts(x);
      const size = tf.abs(first);
      const logit = condition(net, tf.concat([size, others], 1));
      const sign = stopGradient(tf.step(first));
      const { y, logSlope } = toLine(size);
      const logSign = tf.sub(tf.mul(sign, logit), tf.softplus(logit));
      return { z: tf.concat([y, others], 1), contribution: perRow(tf.add(logSign, logSlope)) };
    },
    inverse: (net, z, rng) => {
      const [y, others] = parts(z);
      const size = fromLine(y);
      const positive = coin(tf.sigmoid(condition(net, tf.concat([size, others], 1))), y.shape, rng);
      return tf.concat([tf.mul(size, tf.sub(tf.mul(2, positive), 1)), others], 1);
    },
  });
}

/** log density of the distance below a maximum: half-normal, 2·N(d; 0, 1) for d ≥ 0. */
const logHalfNormal = (d: tf.Tensor) => tf.add(logNormal(d), Math.LN2);

/**
 * The largest of G: x [M, G, C] → [M, 1, C]. Which one it is is uniform, and the others lie half-normally below it:
 *   V = Σ_C ( −log G + Σ_{i ≠ argmax} log 2N(z − xᵢ; 0, 1) )
 */
function largest(x: tf.Tensor3D): { z: tf.Tensor; logProb: tf.Tensor } {
  const g = x.shape[1];
  const z = tf.split(x, g, 1).reduce((top, next) => tf.add(top, tf.relu(tf.sub(next, top))));
  // The largest itself lies 0 below: what that term adds too much is a constant.
  const own = Math.LN2 - 0.5 * Math.log(2 * Math.PI);
  return { z, logProb: tf.sub(tf.sum(logHalfNormal(tf.sub(z, x)), 1), Math.log(g) + own) };
}

/** Draws what `largest` drops: z [M, 1, C] → [M, G, C]. */
function below(z: tf.Tensor, g: number, rng: Rng): tf.Tensor {
  const [m, , c] = z.shape as [number, number, number];
  const order = tf.tensor(
    Int32Array.from({ length: m * c }, () => rng.integer(g)),
    [m, c],
    'int32',
  );
  const isLargest = tf.transpose(tf.oneHot(order, g), [0, 2, 1]);
  const distance = tf.abs(rng.split('distances').normals<tf.Rank.R3>([m, g, c]));
  return tf.sub(z, tf.mul(tf.sub(1, isLargest), distance));
}

/** The largest number of a row alone: [D] → [1]. */
export const max = (row: Row) =>
  transform<None>({
    from: row,
    to: [1],
    exact: true,
    init: () => ({}),
    forward: (_, x) => {
      const { z, logProb } = largest(tf.reshape(x, [-1, row[0]!, 1]));
      return { z: tf.reshape(z, [-1, 1]), contribution: perRow(logProb) };
    },
    inverse: (_, z, rng) => tf.reshape(below(tf.reshape(z, [-1, 1, 1]), row[0]!, rng), [-1, row[0]!]),
  });

/** The largest of every 2 × 2 pixels of each channel: [H, W, C] → [H/2, W/2, C]. Nielsen et al. 2020, sec. 5.3. */
export function maxPool(row: Row) {
  const [h, w, c] = row as readonly [number, number, number];
  const to = [h / 2, w / 2, c] as const;
  return transform<None>({
    from: row,
    to,
    exact: true,
    init: () => ({}),
    forward: (_, x) => {
      const { z, logProb } = largest(tf.reshape(squeeze(x, row), [-1, 4, c]));
      return { z: tf.reshape(z, [-1, ...to]), contribution: perRow(tf.reshape(logProb, [-1, sizeOf(to)])) };
    },
    inverse: (_, z, rng) => unsqueeze(tf.reshape(below(tf.reshape(z, [-1, 1, c]), 4, rng), [-1, h / 2, w / 2, 4 * c]), row),
  });
}

/** The columns of [N, K, C], or of [N, K] as its only one: [N, K] each. */
const columns = (x: tf.Tensor): tf.Tensor[] => {
  const [n, k, c = 1] = x.shape as [number, number, number?];
  return tf.split(tf.reshape(x, [n, k, c]), c, 2).map((column) => tf.reshape(column, [n, k]));
};
const joined = (parts: readonly tf.Tensor[], shape: readonly number[]): tf.Tensor => tf.reshape(tf.stack([...parts], 2), [...shape]);

/**
 * Numbers in ascending order, or points [K, 2] by their first coordinate, as the smallest and the gaps after it. The order that they
 * came in is uniform, p(x|z) = 1/K! for each of the K!: V = −log K! + the log-slopes of the gaps.
 */
export function sort(row: Row) {
  const k = row[0]!;
  let logFactorial = 0;
  for (let i = 2; i <= k; i++) logFactorial += Math.log(i);
  /** 1 where a number (row) goes to a place (column), [N, K, K]; of equal ones the first goes first. */
  const places = (x: tf.Tensor): tf.Tensor => {
    const gap = tf.sub(tf.expandDims(x, 2), tf.expandDims(x, 1));
    const earlier = tf.tensor(
      Array.from({ length: k * k }, (_, at) => (at % k < Math.floor(at / k) ? 1 : 0)),
      [1, k, k],
    );
    const before = tf.add(tf.step(gap), tf.mul(earlier, tf.sub(1, tf.step(tf.abs(gap)))));
    return tf.cast(tf.oneHot(tf.cast(tf.sum(before, 2), 'int32'), k), 'float32');
  };
  return transform<None>({
    from: row,
    to: row,
    exact: true,
    init: () => ({}),
    forward: (_, x) => {
      const given = columns(x);
      const to = places(stopGradient(given[0]!));
      const [key, ...others] = given.map((column) => tf.sum(tf.mul(to, tf.expandDims(column, 2)), 1)) as [tf.Tensor, ...tf.Tensor[]];
      const [first, later] = tf.split(key, [1, k - 1], 1) as [tf.Tensor, tf.Tensor];
      const { y, logSlope } = toLine(tf.sub(later, tf.slice(key, [0, 0], [-1, k - 1])));
      return { z: joined([tf.concat([first, y], 1), ...others], x.shape), contribution: tf.sub(perRow(logSlope), logFactorial) };
    },
    inverse: (_, z, rng) => {
      const [key, ...others] = columns(z) as [tf.Tensor, ...tf.Tensor[]];
      const [first, y] = tf.split(key, [1, k - 1], 1) as [tf.Tensor, tf.Tensor];
      const steps = tf.concat([first, fromLine(y)], 1);
      const sums = tf.tensor2d(
        Array.from({ length: k * k }, (_, at) => (Math.floor(at / k) <= at % k ? 1 : 0)),
        [k, k],
      );
      return shuffled(joined([tf.matMul(steps, sums), ...others], z.shape), rng);
    },
  });
}

/** Each row's numbers, or points, in a random order of its own. */
export function shuffled(x: tf.Tensor, rng: Rng): tf.Tensor {
  const [n, k] = x.shape as [number, number];
  const orders = new Int32Array(n * k);
  for (let i = 0; i < n; i++) orders.set(rng.permutation(k), i * k);
  const pick = tf.cast(tf.oneHot(tf.tensor(orders, [n, k], 'int32'), k), 'float32');
  return joined(
    columns(x).map((column) => tf.sum(tf.mul(pick, tf.expandDims(column, 1)), 2)),
    x.shape,
  );
}

/** The first half of the numbers; the rest is Gaussian, given them: V = log p(rest | z). */
export function slice(row: Row, width: number) {
  const [d] = row as [number];
  const half = Math.floor(d / 2);
  return transform<Conditioner>({
    from: row,
    to: [half],
    exact: true,
    init: (rng) => initPointConditioner(half, 2 * (d - half), width, rng),
    forward: (net, x, rng) => {
      const [z, rest] = tf.split(x, [half, d - half], 1) as [tf.Tensor, tf.Tensor];
      return { z, contribution: gaussian(condition(net, z), rng, rest).logProb };
    },
    inverse: (net, z, rng) => tf.concat([z, gaussian(condition(net, z), rng).x], 1),
  });
}

/** One of every 2 × 2 pixels of each channel; the other three are standard normal: what max pooling is compared with, sec. 5.3. */
export function slicePool(row: Row) {
  const [h, w, c] = row as readonly [number, number, number];
  const to = [h / 2, w / 2, c] as const;
  return transform<None>({
    from: row,
    to,
    exact: true,
    init: () => ({}),
    forward: (_, x) => {
      const [z, rest] = tf.split(squeeze(x, row), [c, 3 * c], -1) as [tf.Tensor, tf.Tensor];
      return { z, contribution: perRow(logNormal(rest)) };
    },
    inverse: (_, z, rng) => unsqueeze(tf.concat([z, rng.normals([z.shape[0]!, to[0], to[1], 3 * c])], -1), row),
  });
}
