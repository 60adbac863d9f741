import * as tf from '../tf.ts';
import { empty, floats, type Wasm } from './kernels/heap.ts';

/** Steps taken, and the running means of gradients and of their squares: one tensor for each parameter. */
export type Moments = { readonly t: number; readonly m: readonly tf.Tensor[]; readonly v: readonly tf.Tensor[] };

export type Adam = {
  /** Zero moments. */
  init(params: readonly tf.Tensor[]): Moments;
  /** One step. All tensors of the result are new; the caller disposes the old ones. */
  update(
    params: readonly tf.Tensor[],
    grads: readonly tf.Tensor[],
    moments: Moments,
    lr: number,
    weightDecay: number,
  ): { params: tf.Tensor[]; moments: Moments };
};

/** The numbers of one step, for one parameter. */
type Step = { beta1: number; beta2: number; epsilon: number; rate: number; correction: number; keep: number };
type Triple = [p: tf.Tensor, m: tf.Tensor, v: tf.Tensor];

function withOps(p: tf.Tensor, g: tf.Tensor, m: tf.Tensor, v: tf.Tensor, s: Step): Triple {
  return tf.tidy((): Triple => {
    const mean = tf.add(tf.mul(m, s.beta1), tf.mul(g, 1 - s.beta1));
    const square = tf.add(tf.mul(v, s.beta2), tf.mul(tf.square(g), 1 - s.beta2));
    const move = tf.div(mean, tf.add(tf.sqrt(tf.mul(square, s.correction)), s.epsilon));
    return [tf.sub(s.keep === 1 ? p : tf.mul(p, s.keep), tf.mul(move, s.rate)), mean, square];
  });
}

/**
 * The same in one loop over the wasm heap, five times faster than a dozen kernels. It writes new tensors: the
 * backend caches packed weights by tensor, so a convolution would not notice a change in place.
 */
function onHeap(p: tf.Tensor, g: tf.Tensor, m: tf.Tensor, v: tf.Tensor, s: Step): Triple {
  const backend = tf.backend() as unknown as Wasm;
  const out: Triple = [empty(backend, p.shape), empty(backend, p.shape), empty(backend, p.shape)];
  const [p0, g0, m0, v0] = [p, g, m, v].map((t) => floats(backend, t)) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const [p1, m1, v1] = out.map((t) => floats(backend, t)) as [Float32Array, Float32Array, Float32Array];
  const { beta1, beta2, epsilon, rate, correction, keep } = s;
  for (let i = 0; i < p0.length; i++) {
    const gi = g0[i]!;
    const mean = beta1 * m0[i]! + (1 - beta1) * gi;
    const square = beta2 * v0[i]! + (1 - beta2) * gi * gi;
    m1[i] = mean;
    v1[i] = square;
    p1[i] = keep * p0[i]! - (rate * mean) / (Math.sqrt(square * correction) + epsilon);
  }
  return out;
}

/**
 * Adam with bias correction (Kingma & Ba 2015, arXiv 1412.6980, alg. 1) and decoupled weight decay (AdamW: Loshchilov
 * & Hutter 2019, arXiv 1711.05101, alg. 2): θ ← (1 − lr·λ) θ − lr·m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
 * The first step moves each weight by lr, whatever the size of its gradient.
 * Differs: decays only tensors of two or more dimensions (no biases, no normalization scales), as is usual today.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}): Adam {
  return {
    init: (params) => ({ t: 0, m: params.map((p) => tf.zerosLike(p)), v: params.map((p) => tf.zerosLike(p)) }),
    update: (params, grads, moments, lr, weightDecay) => {
      const t = moments.t + 1;
      const one = tf.getBackend() === 'wasm' ? onHeap : withOps;
      const updated = params.map((p, i) =>
        one(p, grads[i]!, moments.m[i]!, moments.v[i]!, {
          beta1,
          beta2,
          epsilon,
          rate: lr / (1 - beta1 ** t),
          correction: 1 / (1 - beta2 ** t),
          keep: p.rank >= 2 ? 1 - lr * weightDecay : 1,
        }),
      );
      return { params: updated.map(([p]) => p), moments: { t, m: updated.map(([, m]) => m), v: updated.map(([, , v]) => v) } };
    },
  };
}
