import type { Rng } from '../ops/random.ts';
import { logSumExpRows } from '../ops/row-math.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';
import type { Dense } from './layers.ts';

/** Layers of random ±1 units below a linear classifier: hidden weights [n, m], the readout's [n, K]. */
export type BinaryNet = { readonly hidden: readonly Dense[]; readonly out: Dense };

/** Glorot-normal weights, `gain` times, for units of ±1; zero biases. */
export function initBinaryNet(widths: readonly number[], rng: Rng, gain = 1): BinaryNet {
  const layers = widths.slice(1).map((m, i) => ({
    w: tf.mul(rng.split('layer', i).normals<tf.Rank.R2>([widths[i]!, m]), gain * Math.sqrt(2 / (widths[i]! + m))) as tf.Tensor2D,
    b: tf.zeros<tf.Rank.R1>([m]),
  }));
  return { hidden: layers.slice(0, -1), out: layers.at(-1)! };
}

/**
 * One draw of the net. Layer l sees `inputs[l]` and has pre-activations `a[l]` = input·w + b, on the tape in its own weights only, and
 * states `x[l]`, [N, n] each, without gradient: sign(a − z) with logistic noise z, so that P(x = 1) = F(a), F the logistic function.
 * `logits` [N, K] are on the tape in the readout's weights.
 */
export type Draw = {
  readonly inputs: readonly tf.Tensor2D[];
  readonly a: readonly tf.Tensor2D[];
  readonly x: readonly tf.Tensor2D[];
  readonly logits: tf.Tensor2D;
};

/** x·w + b. */
const affine = (x: tf.Tensor2D, { w, b }: Dense) => tf.add(tf.matMul(x, w), b) as tf.Tensor2D;
const stopped = ({ w, b }: Dense): Dense => ({ w: stopGradient(w), b: stopGradient(b) });
/** +1 where u < p, else −1. */
const below = (u: tf.Tensor, p: tf.Tensor) => tf.sub(tf.mul(2, tf.step(tf.sub(p, u))), 1) as tf.Tensor2D;

/** Draws all layers from `from` on, given the input [N, n] of that layer. `relaxed`: tanh((a − z)/2τ) in place of the sign (Gumbel-softmax). */
export function draw({ hidden, out }: BinaryNet, input: tf.Tensor2D, rng: Rng, relaxed?: number, from = 0): Draw {
  const [inputs, a, x]: [tf.Tensor2D[], tf.Tensor2D[], tf.Tensor2D[]] = [[], [], []];
  let lower = input;
  hidden.slice(from).forEach((layer, i) => {
    inputs.push(lower);
    a.push(affine(lower, layer));
    const u = rng.split('noise', from + i).uniforms<tf.Rank.R2>([input.shape[0], layer.b.shape[0]], 1e-6, 1 - 1e-6);
    const fixed = stopGradient(a[i]!);
    const logistic = () => tf.sub(tf.log(u), tf.log(tf.sub(1, u)));
    // tanh(t) = 2F(2t) − 1.
    lower = relaxed
      ? (tf.sub(tf.mul(2, tf.sigmoid(tf.div(tf.add(fixed, logistic()), relaxed))), 1) as tf.Tensor2D)
      : below(u, tf.sigmoid(fixed));
    x.push(lower);
  });
  return { inputs, a, x, logits: affine(lower, out) };
}

/** −log softmax(logits)_y of each row, nats: logits [N, K], y as one-hot [N, K] → [N]. */
export const rowLoss = (logits: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor1D => tf.sub(logSumExpRows(logits), tf.sum(tf.mul(logits, y), 1));

/** F′(a) = F(a)·F(−a). */
const slope = (a: tf.Tensor2D) => tf.mul(tf.sigmoid(a), tf.sigmoid(tf.neg(a))) as tf.Tensor2D;

/** Estimates of ∂E[loss]/∂a of each layer, [N, n] each, as constants: E over all the net's states, given the row's input. */
export type Estimator = (net: BinaryNet, drawn: Draw, y: tf.Tensor2D, rng: Rng, baseline: tf.Scalar) => tf.Tensor2D[];

/**
 * Path Sample-Analytic: the state of every unit is sampled, the effect of flipping any one of them is summed in closed form.
 *   g_i = x_i·F′(a_i)·d_i,   d_i = Σ_j [F(x_j·a_j) − F(x_j·a_j^{↓i})]·d_j,   at the top  d_i = loss(x) − loss(x^{↓i}),
 * where ↓i flips unit i below: a_j^{↓i} = a_j − 2·w_ij·x_i. Unbiased for one hidden layer; above that flips of several units at once are
 * linearized. Shekhovtsov, Yanush & Flach 2020, sec. 3 and alg. 1, arXiv:2006.03143. [N, n] each.
 */
export const psa: Estimator = ({ hidden, out }, { a, x, logits }, y) => {
  const [n, width] = x.at(-1)!.shape;
  const k = y.shape[1];
  /** Pre-activations (or logits) with each unit below flipped, [N, n, m]. */
  const flipped = (below: tf.Tensor2D, above: tf.Tensor2D, w: tf.Tensor2D) =>
    tf.sub(tf.expandDims(above, 1), tf.mul(tf.mul(2, tf.expandDims(below, 2)), tf.expandDims(w, 0))) as tf.Tensor3D;
  const z = stopGradient(logits);
  const all = flipped(x.at(-1)!, z, stopGradient(out.w));
  const chosen = tf.sum(tf.mul(all, tf.expandDims(y, 1)), 2);
  const after = tf.sub(tf.reshape(logSumExpRows(tf.reshape(all, [n * width, k])), [n, width]), chosen);
  let d = tf.sub(tf.expandDims(rowLoss(z, y), 1), after) as tf.Tensor2D;
  const g: tf.Tensor2D[] = [];
  for (let l = hidden.length - 1; l >= 0; l--) {
    const at = stopGradient(a[l]!);
    g.unshift(tf.mul(tf.mul(x[l]!, slope(at)), d));
    if (l === 0) break;
    const state = tf.expandDims(x[l]!, 1);
    const then = tf.sigmoid(tf.mul(state, flipped(x[l - 1]!, at, stopGradient(hidden[l]!.w))));
    const change = tf.sub(tf.sigmoid(tf.mul(state, tf.expandDims(at, 1))), then);
    d = tf.sum(tf.mul(change, tf.expandDims(d, 1)), 2) as tf.Tensor2D;
  }
  return g;
};

/** Backpropagation in which ∂x/∂a of a layer is whatever `through` says. */
const backward =
  (through: (a: tf.Tensor2D, x: tf.Tensor2D) => tf.Tensor2D): Estimator =>
  ({ hidden, out }, { a, x, logits }, y) => {
    const g: tf.Tensor2D[] = [];
    let up = tf.matMul(tf.sub(tf.softmax(stopGradient(logits)), y) as tf.Tensor2D, stopGradient(out.w), false, true) as tf.Tensor2D;
    for (let l = hidden.length - 1; l >= 0; l--) {
      g.unshift(tf.mul(up, through(stopGradient(a[l]!), x[l]!)));
      up = tf.matMul(g[0]!, stopGradient(hidden[l]!.w), false, true);
    }
    return g;
  };

/** PSA with every difference linearized: backpropagation with ∂x/∂a = 2F′(a), the straight-through estimator that the paper derives (sec. 3.3). */
export const straightThrough = backward((a) => tf.mul(2, slope(a)));

/** The rule of thumb ∂x/∂a = 1 (Hinton 2012; Bengio et al. 2013, arXiv:1308.3432). */
export const identityStraightThrough = backward((a) => tf.onesLike(a));

/** Backpropagation through tanh((a − z)/2τ): for draws that were relaxed with the same τ (Jang et al., arXiv:1611.01144; Maddison et al., arXiv:1611.00712). */
export const gumbelSoftmax = (temperature: number): Estimator =>
  backward((_, x) => tf.div(tf.sub(1, tf.square(x)), 2 * temperature) as tf.Tensor2D);

/** (loss − baseline)·∂log p(x|a)/∂a = (loss − baseline)·x·F(−x·a) (Williams 1992). Unbiased. */
export const reinforce: Estimator = (_, { a, x, logits }, y, __, baseline) => {
  const advantage = tf.expandDims(tf.sub(rowLoss(stopGradient(logits), y), baseline), 1);
  return a.map((at, l) => tf.mul(advantage, tf.mul(x[l]!, tf.sigmoid(tf.neg(tf.mul(x[l]!, stopGradient(at)))))) as tf.Tensor2D);
};

/**
 * Augment-REINFORCE-merge: (loss(1[u > F(−a)]) − loss(1[u < F(a)]))·(u − ½), u uniform, the layers above drawn anew with the same noise
 * for both. Yin & Zhou 2019, arXiv:1807.11143. Unbiased; two passes for every layer.
 */
export const arm: Estimator = (net, { a }, y, rng) => {
  const fixed: BinaryNet = { hidden: net.hidden.map(stopped), out: stopped(net.out) };
  return a.map((at, l) => {
    const u = rng.split('arm', l).uniforms<tf.Rank.R2>(at.shape);
    const p = tf.sigmoid(stopGradient(at));
    const lossOf = (x: tf.Tensor2D) => rowLoss(draw(fixed, x, rng.split('above', l), undefined, l + 1).logits, y);
    const difference = tf.sub(lossOf(below(tf.sub(1, u), p)), lossOf(below(u, p)));
    return tf.mul(tf.expandDims(difference, 1), tf.sub(u, 0.5)) as tf.Tensor2D;
  });
};

/**
 * A scalar whose value is the mean loss of the draw and whose gradient in the hidden weights is the estimate: Σ_l ⟨g_l, a_l⟩ / N.
 * The readout's gradient is that of the loss itself.
 */
export function surrogate({ a, logits }: Draw, g: readonly tf.Tensor2D[], y: tf.Tensor2D): tf.Scalar {
  const paths = a.map((at, l) => tf.sum(tf.mul(g[l]!, tf.sub(at, stopGradient(at)))));
  return tf.add(tf.mean(rowLoss(logits, y)), tf.div(tf.addN(paths), y.shape[0]));
}

/** All 2ⁿ states of n units of ±1, [2ⁿ, n]. */
const statesOf = (n: number) =>
  tf.tensor2d(
    Array.from({ length: 2 ** n }, (_, s) => Array.from({ length: n }, (_, i) => ((s >> i) & 1 ? 1 : -1))),
    [2 ** n, n],
  );

/**
 * E[loss] by enumeration of every state of every layer, for inputs [N, n]; on the tape in all weights. The mean over rows, nats.
 * p(x^l | x^{l−1}) = Π_j F(x_j·a_j). Takes 4ⁿ numbers a layer: n ≤ 8 or so.
 */
export function exactLoss({ hidden, out }: BinaryNet, input: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
  let states = input;
  let p: tf.Tensor2D | null = null;
  for (const layer of hidden) {
    const next = statesOf(layer.b.shape[0]);
    // log F(t) = −softplus(−t).
    const logP = tf.sum(tf.neg(tf.softplus(tf.neg(tf.mul(tf.expandDims(affine(states, layer), 1), tf.expandDims(next, 0))))), 2);
    const transition = tf.exp(logP) as tf.Tensor2D;
    p = p ? (tf.matMul(p, transition) as tf.Tensor2D) : transition;
    states = next;
  }
  const logits = affine(states, out);
  // −log softmax of every class in every state, [2ⁿ, K].
  const losses = tf.sub(tf.expandDims(logSumExpRows(logits), 1), logits) as tf.Tensor2D;
  return tf.mean(tf.sum(tf.mul(tf.matMul(p!, losses), y), 1)) as tf.Scalar;
}
