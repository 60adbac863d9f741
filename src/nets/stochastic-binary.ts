import type { ImageShape } from '../data/dataset.ts';
import type { Rng } from '../ops/random.ts';
import { logSumExpRows } from '../ops/row-math.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';
import { affine, flips, initLayer, type Layer, rowsOf, stopped, transposed } from './binary-layers.ts';
import type { Conv, Dense } from './layers.ts';

/** Layers of random ±1 units below a linear classifier, w [n, K]. */
export type BinaryNet = { readonly hidden: readonly Layer[]; readonly out: Dense };

/** Dense layers of the given widths, the inputs' first and the classes' last. */
export function initBinaryNet(widths: readonly number[], rng: Rng, gain = 1): BinaryNet {
  const layers = widths.slice(1).map((m, i) => initLayer<Dense>([widths[i]!, m], rng.split('layer', i), gain));
  return { hidden: layers.slice(0, -1), out: layers.at(-1)! };
}

/** Convolutions of so many channels and of stride 2 over images of that shape: 5×5 over the pixels, then 3×3. */
export function initConvolutionalNet(
  [height, width, inputs]: ImageShape,
  channels: readonly number[],
  classes: number,
  rng: Rng,
  gain = 1,
): BinaryNet {
  const hidden = channels.map((m, i) => {
    const size = i === 0 ? 5 : 3;
    return initLayer<Conv>([size, size, channels[i - 1] ?? inputs, m], rng.split('layer', i), gain);
  });
  const [h, w] = channels.reduce(([h, w]) => [Math.ceil(h / 2), Math.ceil(w / 2)], [height, width] as const);
  return { hidden, out: initLayer<Dense>([h * w * (channels.at(-1) ?? inputs), classes], rng.split('layer', channels.length), gain) };
}

/**
 * One draw of the net. Layer l sees `inputs[l]` and has pre-activations `a[l]`, x·w + b or x ∗ w + b, on the tape in its own weights only,
 * and states `x[l]`, of the same shape [N, n] or [N, H, W, C], without gradient: sign(a − z) with logistic noise z, so that P(x = 1) = F(a),
 * F the logistic function. `logits` [N, K] are on the tape in the readout's weights.
 */
export type Draw = {
  readonly inputs: readonly tf.Tensor[];
  readonly a: readonly tf.Tensor[];
  readonly x: readonly tf.Tensor[];
  readonly logits: tf.Tensor2D;
};

/** +1 where u < p, else −1. */
const below = (u: tf.Tensor, p: tf.Tensor) => tf.sub(tf.mul(2, tf.step(tf.sub(p, u))), 1);
/** One number a row, [N], against tensors of the shape of `like`, [N, …]. */
const perRow = (values: tf.Tensor1D, like: tf.Tensor) => tf.reshape(values, [-1, ...like.shape.slice(1).fill(1)]);

/** Draws all layers from `from` on, given the input [N, …] of that layer. `relaxed`: tanh((a − z)/2τ) in place of the sign (Gumbel-softmax). */
export function draw({ hidden, out }: BinaryNet, input: tf.Tensor, rng: Rng, relaxed?: number, from = 0): Draw {
  const [inputs, a, x]: [tf.Tensor[], tf.Tensor[], tf.Tensor[]] = [[], [], []];
  let lower = input;
  hidden.slice(from).forEach((layer, i) => {
    inputs.push(lower);
    a.push(affine(lower, layer));
    const u = rng.split('noise', from + i).uniforms(a[i]!.shape, 1e-6, 1 - 1e-6);
    const fixed = stopGradient(a[i]!);
    const logistic = () => tf.sub(tf.log(u), tf.log(tf.sub(1, u)));
    // tanh(t) = 2F(2t) − 1.
    lower = relaxed ? tf.sub(tf.mul(2, tf.sigmoid(tf.div(tf.add(fixed, logistic()), relaxed))), 1) : below(u, tf.sigmoid(fixed));
    x.push(lower);
  });
  return { inputs, a, x, logits: affine(lower, out) as tf.Tensor2D };
}

/** −log softmax(logits)_y of each row, nats: logits [N, K], y as one-hot [N, K] → [N]. */
export const rowLoss = (logits: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor1D => tf.sub(logSumExpRows(logits), tf.sum(tf.mul(logits, y), 1));

/** F′(a) = F(a)·F(−a). */
const slope = (a: tf.Tensor) => tf.mul(tf.sigmoid(a), tf.sigmoid(tf.neg(a)));

/** Estimates of ∂E[loss]/∂a of each layer, of its shape, as constants: E over all the net's states, given the row's input. */
export type Estimator = (net: BinaryNet, drawn: Draw, y: tf.Tensor2D, rng: Rng, baseline: tf.Scalar) => tf.Tensor[];

/**
 * Path Sample-Analytic: the state of every unit is sampled, the effect of flipping any one of them is summed in closed form.
 *   g_i = x_i·F′(a_i)·d_i,   d_i = Σ_j [F(x_j·a_j) − F(x_j·a_j^{↓i})]·d_j,   at the top  d_i = loss(x) − loss(x^{↓i}),
 * where ↓i flips unit i below: a_j^{↓i} = a_j − 2·w_ij·x_i, and j runs over the units that see i. Unbiased for one hidden layer; above
 * that flips of several units at once are linearized. Shekhovtsov, Yanush & Flach 2020, sec. 3 and alg. 1, arXiv:2006.03143.
 */
export const psa: Estimator = ({ hidden, out }, { a, x, logits }, y) => {
  const z = stopGradient(logits);
  const loss = tf.expandDims(rowLoss(z, y), 1);
  let d = flips(x.at(-1)!, z, out, (flipped) => {
    const [n, units, k] = flipped.shape;
    const chosen = tf.sum(tf.mul(flipped, tf.expandDims(y, 1)), 2);
    return tf.sub(loss, tf.sub(tf.reshape(logSumExpRows(tf.reshape(flipped, [n * units, k])), [n, units]), chosen));
  });
  const g: tf.Tensor[] = [];
  for (let l = hidden.length - 1; l >= 0; l--) {
    const at = stopGradient(a[l]!);
    g.unshift(tf.mul(tf.mul(x[l]!, slope(at)), d));
    if (l === 0) break;
    const [state, now, above] = [x[l]!, at, d].map((each) => tf.reshape(each, [-1, 1, hidden[l]!.b.size])) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const likely = tf.sigmoid(tf.mul(state, now));
    d = flips(x[l - 1]!, at, hidden[l]!, (flipped) => tf.sum(tf.mul(tf.sub(likely, tf.sigmoid(tf.mul(state, flipped))), above), 2));
  }
  return g;
};

/** Backpropagation in which ∂x/∂a of a layer is whatever `through` says. */
const backward =
  (through: (a: tf.Tensor, x: tf.Tensor) => tf.Tensor): Estimator =>
  ({ hidden, out }, { a, x, logits }, y) => {
    const g: tf.Tensor[] = [];
    let up = transposed(tf.sub(tf.softmax(stopGradient(logits)), y), out, x.at(-1)!.shape);
    for (let l = hidden.length - 1; l >= 0; l--) {
      g.unshift(tf.mul(up, through(stopGradient(a[l]!), x[l]!)));
      if (l > 0) up = transposed(g[0]!, hidden[l]!, x[l - 1]!.shape);
    }
    return g;
  };

/** PSA with every difference linearized: backpropagation with ∂x/∂a = 2F′(a), the straight-through estimator that the paper derives (sec. 3.3). */
export const straightThrough = backward((a) => tf.mul(2, slope(a)));

/** The rule of thumb ∂x/∂a = 1 (Hinton 2012; Bengio et al. 2013, arXiv:1308.3432). */
export const identityStraightThrough = backward((a) => tf.onesLike(a));

/** Backpropagation through tanh((a − z)/2τ): for draws that were relaxed with the same τ (Jang et al., arXiv:1611.01144; Maddison et al., arXiv:1611.00712). */
export const gumbelSoftmax = (temperature: number): Estimator => backward((_, x) => tf.div(tf.sub(1, tf.square(x)), 2 * temperature));

/** (loss − baseline)·∂log p(x|a)/∂a = (loss − baseline)·x·F(−x·a) (Williams 1992). Unbiased. */
export const reinforce: Estimator = (_, { a, x, logits }, y, __, baseline) => {
  const advantage: tf.Tensor1D = tf.sub(rowLoss(stopGradient(logits), y), baseline);
  return a.map((at, l) => tf.mul(perRow(advantage, at), tf.mul(x[l]!, tf.sigmoid(tf.neg(tf.mul(x[l]!, stopGradient(at)))))));
};

/**
 * Augment-REINFORCE-merge: (loss(1[u > F(−a)]) − loss(1[u < F(a)]))·(u − ½), u uniform, the layers above drawn anew with the same noise
 * for both. Yin & Zhou 2019, arXiv:1807.11143. Unbiased; two passes for every layer.
 */
export const arm: Estimator = (net, { a }, y, rng) => {
  const fixed: BinaryNet = { hidden: net.hidden.map(stopped), out: stopped(net.out) };
  return a.map((at, l) => {
    const u = rng.split('arm', l).uniforms(at.shape);
    const p = tf.sigmoid(stopGradient(at));
    const lossOf = (x: tf.Tensor) => rowLoss(draw(fixed, x, rng.split('above', l), undefined, l + 1).logits, y);
    const difference: tf.Tensor1D = tf.sub(lossOf(below(tf.sub(1, u), p)), lossOf(below(u, p)));
    return tf.mul(perRow(difference, at), tf.sub(u, 0.5));
  });
};

/**
 * A scalar whose value is the mean loss of the draw and whose gradient in the hidden weights is the estimate: Σ_l ⟨g_l, a_l⟩ / N.
 * The readout's gradient is that of the loss itself.
 */
export function surrogate({ a, logits }: Draw, g: readonly tf.Tensor[], y: tf.Tensor2D): tf.Scalar {
  const paths = a.map((at, l) => tf.sum(tf.mul(g[l]!, tf.sub(at, stopGradient(at)))));
  return tf.add(tf.mean(rowLoss(logits, y)), tf.div(tf.addN(paths), y.shape[0]));
}

/** All 2ⁿ states of units of ±1 in a layer of that shape, [2ⁿ, …]. */
const statesOf = (shape: number[]) => {
  const n = shape.reduce((p, q) => p * q, 1);
  const states = Float32Array.from({ length: n * 2 ** n }, (_, k) => ((Math.floor(k / n) >> (k % n)) & 1 ? 1 : -1));
  return tf.tensor(states, [2 ** n, ...shape]);
};

/**
 * E[loss] by enumeration of every state of every layer, for inputs [N, …]; on the tape in all weights. The mean over rows, nats.
 * p(x^l | x^{l−1}) = Π_j F(x_j·a_j). Takes 4ⁿ numbers a layer: n ≤ 8 or so.
 */
export function exactLoss({ hidden, out }: BinaryNet, input: tf.Tensor, y: tf.Tensor2D): tf.Scalar {
  let states = input;
  let p: tf.Tensor2D | null = null;
  for (const layer of hidden) {
    const a = affine(states, layer);
    const next = statesOf(a.shape.slice(1));
    // log F(t) = −softplus(−t).
    const logP = tf.sum(tf.neg(tf.softplus(tf.neg(tf.mul(tf.expandDims(rowsOf(a), 1), tf.expandDims(rowsOf(next), 0))))), 2);
    const transition = tf.exp(logP) as tf.Tensor2D;
    p = p ? (tf.matMul(p, transition) as tf.Tensor2D) : transition;
    states = next;
  }
  const logits = affine(states, out) as tf.Tensor2D;
  // −log softmax of every class in every state, [2ⁿ, K].
  const losses = tf.sub(tf.expandDims(logSumExpRows(logits), 1), logits) as tf.Tensor2D;
  return tf.mean(tf.sum(tf.mul(tf.matMul(p!, losses), y), 1)) as tf.Scalar;
}
