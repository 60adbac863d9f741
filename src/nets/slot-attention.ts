import type { Rng } from '../ops/random.ts';
import { standardizeRows } from '../ops/row-math.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';
import { type Dense, dense, initDense, initMlp, mlp } from './layers.ts';

/** Layer normalization's scale and shift, [D] each. */
export type LayerNorm = { readonly scale: tf.Tensor1D; readonly shift: tf.Tensor1D };
export const initLayerNorm = (width: number): LayerNorm => ({ scale: tf.ones([width]), shift: tf.zeros([width]) });
export const layerNorm = ({ scale, shift }: LayerNorm, x: tf.Tensor2D): tf.Tensor2D => tf.add(tf.mul(standardizeRows(x), scale), shift);

/** A gated recurrent unit's maps of input and state to its three gates, [D] → [3D] each: reset, update, candidate. */
export type Gru = { readonly input: Dense; readonly state: Dense };

/** At the start the candidate is tanh of the input itself, plus a little of everything else. */
export function initGru(width: number, rng: Rng): Gru {
  const gates = (name: string) => initDense(width, 3 * width, rng.split(name), 0.2);
  const { w, b } = gates('input');
  return {
    input: {
      w: tf.add(
        w,
        tf.pad(tf.eye(width), [
          [0, 0],
          [2 * width, 0],
        ]),
      ),
      b,
    },
    state: gates('state'),
  };
}

/** By way of σ, whose gradient is right on every backend. */
const tanh = (x: tf.Tensor2D): tf.Tensor2D => tf.sub(tf.mul(2, tf.sigmoid(tf.mul(2, x))), 1);

/**
 * One step of a GRU: r = σ(W_r x + U_r h), z = σ(W_z x + U_z h), n = tanh(W_n x + r ⊙ (U_n h)), h′ = (1 − z) ⊙ n + z ⊙ h.
 * Cho et al. 2014, arXiv 1406.1078, in the form of PyTorch's GRUCell, biases in W and in U. x, h [N, D] → [N, D].
 */
export function gru({ input, state }: Gru, x: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D {
  const [xr, xz, xn] = tf.split(dense(x, input.w, input.b), 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const [hr, hz, hn] = tf.split(dense(h, state.w, state.b), 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const n = tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)));
  return tf.add(n, tf.mul(tf.sigmoid(tf.add(xz, hz)), tf.sub(h, n)));
}

/**
 * The competition: attention = softmax over slots of k qᵀ / √D, [N, P, K]; every slot's update is the mean of the values weighted by
 * its share of each place, [N, K, D]. k, v [N, P, D], q [N, K, D]. `epsilon` keeps the mean of a slot that got nothing defined.
 * Locatello et al. 2020, arXiv 2006.15055, eqs. 1 and 2. With one slot the update is the plain mean of the values.
 */
export function compete(k: tf.Tensor3D, q: tf.Tensor3D, v: tf.Tensor3D, epsilon = 1e-8): { attention: tf.Tensor3D; updates: tf.Tensor3D } {
  const logits = tf.mul(tf.matMul(k, q, false, true), 1 / Math.sqrt(q.shape[2]));
  const attention = tf.softmax(logits, 2) as tf.Tensor3D;
  const share = tf.add(attention, epsilon);
  return { attention, updates: tf.matMul(tf.div(share, tf.sum(share, 1, true)), v, true) };
}

/** Everything that slot attention learns. Slots start as draws from N(mu, diag(exp(logSigma)²)), so their number is free. */
export type SlotAttention = {
  readonly mu: tf.Tensor1D;
  readonly logSigma: tf.Tensor1D;
  readonly normInputs: LayerNorm;
  readonly normSlots: LayerNorm;
  readonly normMlp: LayerNorm;
  readonly keys: tf.Tensor2D;
  readonly values: tf.Tensor2D;
  readonly queries: tf.Tensor2D;
  readonly gru: Gru;
  readonly mlp: readonly Dense[];
};

/**
 * Queries begin as keys do, and the GRU and the MLP hardly change what a slot won: so from the first step on the rounds are a soft
 * k-means on the features, and there is something in a slot for the decoder to learn from.
 */
export function initSlotAttention(width: number, rng: Rng): SlotAttention {
  const keys = initDense(width, width, rng.split('keys'), Math.SQRT1_2).w;
  const norm = () => initLayerNorm(width);
  return {
    ...{ mu: tf.zeros([width]), logSigma: tf.zeros([width]) },
    ...{ normInputs: norm(), normSlots: norm(), normMlp: norm() },
    ...{ keys, queries: tf.clone(keys), values: tf.eye(width) },
    gru: initGru(width, rng.split('gru')),
    mlp: initMlp([width, 2 * width, width], rng.split('mlp'), 0.1),
  };
}

/** What each iteration leaves: the slots, [N, K, D], and the attention that made them, [N, P, K]. */
export type Iterate = { readonly slots: tf.Tensor3D; readonly attention: tf.Tensor3D };

/** K slots, T rounds; and whether the gradient takes the last round alone. */
export type Competition = { readonly slots: number; readonly iterations: number; readonly implicit: boolean };

/**
 * Algorithm 1: K slots compete for the inputs [N, P, D] in each of T rounds; a GRU and a residual MLP, the same ones every round, turn
 * what a slot won into its next state. `implicit`: rounds are taken for the way to a fixed point, and the gradient for that of the last
 * round at that point (Chang, Griffiths & Levine 2022, arXiv 2207.00787, first-order Neumann approximation); the Gaussian of the start
 * learns as if its draws stood there (Jia, Liu & Huang 2023, arXiv 2210.08990).
 */
export function slotAttention(
  net: SlotAttention,
  inputs: tf.Tensor3D,
  { slots: count, iterations, implicit }: Competition,
  rng: Rng,
): Iterate[] {
  const [n, places, width] = inputs.shape;
  const rows = <T extends tf.Tensor3D>(x: T) => tf.reshape(x, [-1, width]) as tf.Tensor2D;
  const flat = layerNorm(net.normInputs, rows(inputs));
  const [k, v] = [net.keys, net.values].map((w) => tf.reshape(tf.matMul(flat, w), [n, places, width])) as [tf.Tensor3D, tf.Tensor3D];
  const noise = rng.normals<tf.Rank.R2>([n * count, width]);
  const start: tf.Tensor2D = tf.add(net.mu, tf.mul(tf.exp(net.logSigma), noise));
  let slots = start;
  return Array.from({ length: iterations }, (_, t) => {
    if (implicit && t === iterations - 1) slots = tf.add(stopGradient(slots), tf.sub(start, stopGradient(start)));
    const q = tf.reshape(tf.matMul(layerNorm(net.normSlots, slots), net.queries), [n, count, width]) as tf.Tensor3D;
    const { attention, updates } = compete(k, q, v);
    slots = gru(net.gru, rows(updates), slots);
    slots = tf.add(slots, mlp(net.mlp, layerNorm(net.normMlp, slots)));
    return { slots: tf.reshape(slots, [n, count, width]) as tf.Tensor3D, attention };
  });
}
