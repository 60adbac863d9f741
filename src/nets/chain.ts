import type { Potential } from '../data/energy.ts';
import type { Rng } from '../ops/random.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';

/**
 * Where a step of a path leads, y [N, D], and its work ΔS = log q̃(y′ → y) / q(y → y′), [N], nats: how much likelier its way back is
 * than its way. Of an invertible map that is log|det ∂y′/∂y|. Wu, Köhler, Noé 2020, eq. 10–11, arXiv:2002.06707.
 */
export type Step = { readonly y: tf.Tensor2D; readonly work: tf.Tensor1D };

/** How far and how often a chain steps: σ is the standard deviation of a step's noise. */
export type Pace = { readonly sweeps: number; readonly sigma: number };

/**
 * Metropolis–Hastings: propose y + ση, accept with probability min(1, e^−Δu). Each step is in detailed balance with e^−u, so the work of
 * all is u(y′) − u(y). 0 where u is flat.
 * Differs: no gradient passes through the moves, as if the chain forgot where it began. The acceptance has none along a single path, and
 * to take the moves as fixed instead, y′ = y + const, trained worse: the couplings before it learn to reach e^−u, by −u(y) of the work.
 */
export function metropolis({ energy }: Potential, y: tf.Tensor2D, { sweeps, sigma }: Pace, rng: Rng): Step {
  let at = stopGradient(y);
  let u = energy(at);
  for (let k = 0; k < sweeps; k++) {
    const proposal: tf.Tensor2D = tf.add(at, tf.mul(sigma, rng.normals<tf.Rank.R2>(at.shape)));
    const next = energy(proposal);
    // 1 − U lies in (0, 1]: its logarithm is finite.
    const accept = tf.step(tf.sub(tf.sub(u, next), tf.log(rng.uniforms<tf.Rank.R1>(u.shape, 1, 0)))) as tf.Tensor1D;
    at = tf.add(at, tf.mul(tf.reshape(accept, [-1, 1]), tf.sub(proposal, at)));
    u = tf.add(u, tf.mul(accept, tf.sub(next, u)));
  }
  return { y: at, work: tf.sub(u, energy(y)) };
}

/**
 * Overdamped Langevin steps y′ = y + εF(y) + ση with ε = σ²/2, F = −∇u. The noise that would lead back is
 * η̃ = −(η + ½σ(F(y) + F(y′))), so the work of a step is −½(‖η̃‖² − ‖η‖²) (their eq. 14–16). Small steps nearly keep e^−u; the work
 * makes up for the rest exactly.
 */
export function langevin({ force }: Potential, y: tf.Tensor2D, { sweeps, sigma }: Pace, rng: Rng): Step {
  let at = y;
  let pull = force(at);
  let work: tf.Tensor1D = tf.zeros([y.shape[0]]);
  for (let k = 0; k < sweeps; k++) {
    const noise = rng.normals<tf.Rank.R2>(at.shape);
    at = tf.add(at, tf.mul(sigma, tf.add(tf.mul(sigma / 2, pull), noise)));
    const next = force(at);
    const back = tf.add(noise, tf.mul(sigma / 2, tf.add(pull, next)));
    work = tf.add(work, tf.mul(0.5, tf.sum(tf.sub(tf.square(noise), tf.square(back)), 1)));
    pull = next;
  }
  return { y: at, work };
}

/** One layer of a path from noise to data, walked either way, and its name. */
export type Layer = { readonly name: string; readonly walk: (y: tf.Tensor2D, way: 'toData' | 'toNoise', rng: Rng) => Step };

/** All layers of a path in turn, from noise to data or back: where it ends, the work of all, and every stage, the start first. */
export function walk(
  path: readonly Layer[],
  y: tf.Tensor2D,
  way: 'toData' | 'toNoise',
  rng: Rng,
): Step & { readonly stages: readonly tf.Tensor2D[] } {
  const stages = [y];
  let work: tf.Tensor1D = tf.zeros([y.shape[0]]);
  for (const [k, layer] of (way === 'toData' ? path : path.toReversed()).entries()) {
    const step = layer.walk(stages.at(-1)!, way, rng.split(k));
    stages.push(step.y);
    work = tf.add(work, step.work);
  }
  return { y: stages.at(-1)!, work, stages };
}

/** u and −∇u of points [N, D]: [N] and [N, D]. */
export type Slope = (y: tf.Tensor2D) => { readonly u: tf.Tensor1D; readonly force: tf.Tensor2D };

/**
 * Hamiltonian Monte Carlo: a fresh push v ~ N(0, I), `sweeps` leapfrog steps of length `sigma` along −∇u, and the end is accepted with
 * probability min(1, e^−ΔH), H = u + ½‖v‖². In detailed balance with e^−u, so the work is u(y′) − u(y). One step of it is the
 * Metropolis-adjusted Langevin step. Duane et al. 1987; Neal 2011, fig. 2, arXiv:1206.1901. `accepted` is 1 or 0, [N].
 */
export function hamiltonian(slope: Slope, y: tf.Tensor2D, { sweeps, sigma }: Pace, rng: Rng): Step & { readonly accepted: tf.Tensor1D } {
  const start = slope(y);
  const push = rng.normals<tf.Rank.R2>(y.shape);
  let [at, v, here] = [y, push, start];
  for (let k = 0; k < sweeps; k++) {
    const half: tf.Tensor2D = tf.add(v, tf.mul(sigma / 2, here.force));
    at = tf.add(at, tf.mul(sigma, half));
    here = slope(at);
    v = tf.add(half, tf.mul(sigma / 2, here.force));
  }
  const kinetic = (v: tf.Tensor2D) => tf.mul(0.5, tf.sum(tf.square(v), 1));
  const change = tf.sub(here.u, start.u);
  const gain = tf.add(change, tf.sub(kinetic(v), kinetic(push)));
  // 1 − U lies in (0, 1]: its logarithm is finite.
  const accepted = tf.step(tf.sub(tf.neg(gain), tf.log(rng.uniforms<tf.Rank.R1>(start.u.shape, 1, 0)))) as tf.Tensor1D;
  return { y: tf.add(y, tf.mul(tf.reshape(accepted, [-1, 1]), tf.sub(at, y))), work: tf.mul(accepted, change), accepted };
}
