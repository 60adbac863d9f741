import * as tf from '../tf.ts';
import { empty, type Wasm } from './kernels/heap.ts';
import { compute, type Program, runsPrograms } from './kernels/program.ts';
import { addressOf, simd } from './kernels/simd.ts';

/** Steps taken, and the running means of gradients and of their squares: of all parameters one after another, in one tensor each. */
export type Moments = { readonly t: number; readonly m: tf.Tensor1D; readonly v: tf.Tensor1D };

export type Adam = {
  /** Zero moments. */
  init(params: readonly tf.Tensor[]): Moments;
  /** One step. All tensors of the result are new; the caller disposes the old ones. Call it inside `tf.tidy`. */
  update(
    params: readonly tf.Tensor[],
    grads: readonly tf.Tensor[],
    moments: Moments,
    lr: number,
    weightDecay: number,
  ): { params: tf.Tensor[]; moments: Moments };
  /** The moments with those of the parameters numbered in `which` set to zero, in new tensors. Call it inside `tf.tidy`. */
  reset(params: readonly tf.Tensor[], moments: Moments, which: ReadonlySet<number>): Moments;
};

/** The numbers of one step. `keep` is the share of each parameter that weight decay leaves. */
type Step = { beta1: number; beta2: number; epsilon: number; rate: number; correction: number; keep: readonly number[] };
type Update = (
  params: readonly tf.Tensor[],
  grads: readonly tf.Tensor[],
  m: tf.Tensor1D,
  v: tf.Tensor1D,
  s: Step,
) => { params: tf.Tensor[]; m: tf.Tensor1D; v: tf.Tensor1D };

/** All values one after another. */
const joined = (tensors: readonly tf.Tensor[]): tf.Tensor1D => tf.concat(tensors.map((t) => tf.reshape(t, [t.size])));

const withOps: Update = (params, grads, m, v, s) => {
  const g = joined(grads);
  const mean: tf.Tensor1D = tf.add(tf.mul(m, s.beta1), tf.mul(g, 1 - s.beta1));
  const square: tf.Tensor1D = tf.add(tf.mul(v, s.beta2), tf.mul(tf.square(g), 1 - s.beta2));
  const move = tf.mul(tf.div(mean, tf.add(tf.sqrt(tf.mul(square, s.correction)), s.epsilon)), s.rate);
  const moves = tf.split(
    move,
    params.map((p) => p.size),
  );
  return { params: params.map((p, i) => tf.sub(tf.mul(p, s.keep[i]!), tf.reshape(moves[i]!, p.shape))), m: mean, v: square };
};

/** `rest` is 1 − β, from the processor: in float32 the difference from 0.999 would keep four digits only. */
const meanProgram: Program = {
  name: 'adam-mean',
  inputs: ['M', 'G'],
  constants: { beta: 'float', rest: 'float' },
  body: ({ at, constant }) => `result = ${constant('beta')} * ${at('M', 'index')} + ${constant('rest')} * ${at('G', 'index')};`,
};
const squareProgram: Program = {
  name: 'adam-square',
  inputs: ['V', 'G'],
  constants: { beta: 'float', rest: 'float' },
  body: ({ at, constant, float }) =>
    `${float('g', at('G', 'index'))}
     result = ${constant('beta')} * ${at('V', 'index')} + ${constant('rest')} * g * g;`,
};
/** One parameter's step, from its place in the moments. */
const moveProgram: Program = {
  name: 'adam-move',
  inputs: ['P', 'M', 'V'],
  constants: { offset: 'int', keep: 'float', rate: 'float', correction: 'float', epsilon: 'float' },
  body: ({ at, constant, float, int }) =>
    `${int('place', `index + ${constant('offset')}`)}
     ${float('size', `sqrt(${at('V', 'place')} * ${constant('correction')}) + ${constant('epsilon')}`)}
     result = ${constant('keep')} * ${at('P', 'index')} - ${constant('rate')} * ${at('M', 'place')} / size;`,
};

/** On a GPU the number of programs is what costs: two for all moments, one for each parameter, and the gradients are joined first. */
const onGpu: Update = (params, grads, m, v, s) => {
  const g = joined(grads);
  const mean = compute<tf.Rank.R1>(meanProgram, [m, g], m.shape, [s.beta1, 1 - s.beta1]);
  const square = compute<tf.Rank.R1>(squareProgram, [v, g], v.shape, [s.beta2, 1 - s.beta2]);
  let offset = 0;
  const moved = params.map((p, i) => {
    const next = compute(moveProgram, [p, mean, square], p.shape, [offset, s.keep[i]!, s.rate, s.correction, s.epsilon]);
    offset += p.size;
    return next;
  });
  return { params: moved, m: mean, v: square };
};

/** The same in one pass of vector instructions. */
const onWasm: Update = (params, grads, m, v, { beta1, beta2, epsilon, rate, correction, keep }) => {
  const backend = tf.backend() as unknown as Wasm;
  const moved = params.map((p) => empty(backend, p.shape));
  const [mean, square] = [empty(backend, m.shape) as tf.Tensor1D, empty(backend, v.shape) as tf.Tensor1D];
  const means = [m, v, mean, square].map(addressOf) as [number, number, number, number];
  let offset = 0;
  for (const [i, p] of params.entries()) {
    const [m0, v0, m1, v1] = means.map((at) => at + offset);
    const tensors = [addressOf(p), addressOf(grads[i]!), m0!, v0!, addressOf(moved[i]!), m1!, v1!];
    simd().adam(...tensors, p.size, beta1, 1 - beta1, beta2, 1 - beta2, rate, correction, epsilon, keep[i]!);
    offset += 4 * p.size;
  }
  return { params: moved, m: mean, v: square };
};

/**
 * Adam with bias correction (Kingma & Ba 2015, arXiv 1412.6980, alg. 1) and decoupled weight decay (AdamW: Loshchilov
 * & Hutter 2019, arXiv 1711.05101, alg. 2): θ ← (1 − lr·λ) θ − lr·m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
 * The first step moves each weight by lr, whatever the size of its gradient.
 * Differs: decays only tensors of two or more dimensions (no biases, no normalization scales), as is usual today. And t counts
 * the steps of the run: where moments are zeroed on the way (DeepCluster's new classifier), m̂ and v̂ are not corrected again,
 * and under a steady gradient those weights move by 3.2 lr in their first step, 6.6 lr in the twelfth, 4 lr in the sixtieth.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}): Adam {
  return {
    init: (params) => {
      const size = params.reduce((n, p) => n + p.size, 0);
      return { t: 0, m: tf.zeros([size]), v: tf.zeros([size]) };
    },
    update: (params, grads, moments, lr, weightDecay) => {
      const t = moments.t + 1;
      const update = tf.getBackend() === 'wasm' ? onWasm : runsPrograms() ? onGpu : withOps;
      const { params: moved, ...means } = update(params, grads, moments.m, moments.v, {
        beta1,
        beta2,
        epsilon,
        rate: lr / (1 - beta1 ** t),
        correction: 1 / (1 - beta2 ** t),
        keep: params.map((p) => (p.rank >= 2 ? 1 - lr * weightDecay : 1)),
      });
      return { params: moved, moments: { t, ...means } };
    },
    reset: (params, { t, m, v }, which) => {
      const kept = joined(params.map((p, i) => (which.has(i) ? tf.zeros([p.size]) : tf.ones([p.size]))));
      return { t, m: tf.mul(m, kept), v: tf.mul(v, kept) };
    },
  };
}
