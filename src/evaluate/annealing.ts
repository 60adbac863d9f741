/** Walks between noise and a density that is known but for its constant Z, and what they say of Z. */
import { standardNormalLogProb } from '../losses/likelihood.ts';
import { hamiltonian, type Slope } from '../nets/chain.ts';
import { type Stage, sharesOf, type Telescope } from '../nets/telescope.ts';
import type { Breathe } from '../ops/breathe.ts';
import type { Rng } from '../ops/random.ts';
import { read } from '../ops/tree.ts';
import * as tf from '../tf.ts';

/** u = −log N − Σ share log r and its force, by the tape: they are evaluated only, never differentiated again. */
export const slopeOf =
  ({ logRatios }: Telescope, shares: readonly number[]): Slope =>
  (z) => {
    const energy = (z: tf.Tensor) => tf.neg(tf.add(standardNormalLogProb(z as tf.Tensor2D), logRatios(z as tf.Tensor2D, shares)));
    const { value, grad } = tf.valueAndGrad(energy)(z, tf.ones([z.shape[0]]));
    return { u: value as tf.Tensor1D, force: tf.neg(grad) as tf.Tensor2D };
  };

type Options = { readonly rng: Rng; readonly breathe: Breathe };
type Walk = { readonly z: Float32Array; readonly work: Float32Array; readonly accepted: number };

/** Leapfrog steps at each stage; rows that walk together, so that a stage takes well below a tenth of a second. */
const [sweeps, together] = [3, 16];

/** Rows z [n × D] after a Hamiltonian Monte Carlo step at one stage, its work, and the share that was accepted. */
async function step(telescope: Telescope, { shares, sigma }: Stage, z: Float32Array, rng: Rng): Promise<Walk> {
  const [n, D] = [z.length / telescope.dimensions, telescope.dimensions];
  const rows = await read(() => {
    const { y, work, accepted } = hamiltonian(slopeOf(telescope, shares), tf.tensor2d(z, [n, D]), { sweeps, sigma }, rng);
    return tf.concat([tf.reshape(y, [-1]), work, accepted]);
  });
  const accepted = rows.subarray(n * D + n).reduce((sum, v) => sum + v, 0) / n;
  return { z: rows.subarray(0, n * D), work: rows.subarray(n * D, n * D + n), accepted };
}

/**
 * Rows of points through every stage, either way, a few at a time: where they end, the work of all steps of each row (see `Step`), and
 * the share of steps that was accepted. Every step is in detailed balance with its stage.
 */
export async function walk(
  telescope: Telescope,
  stages: readonly Stage[],
  start: Float32Array,
  way: 'toData' | 'toNoise',
  { rng, breathe }: Options,
): Promise<Walk> {
  const D = telescope.dimensions;
  const [z, work] = [start.slice(), new Float32Array(start.length / D)];
  let accepted = 0;
  for (let from = 0; from < work.length; from += together) {
    for (const [t, stage] of (way === 'toData' ? stages : stages.toReversed()).entries()) {
      await breathe();
      const next = await step(telescope, stage, z.subarray(from * D, (from + together) * D), rng.split(from, t));
      z.set(next.z, from * D);
      next.work.forEach((value, i) => {
        work[from + i]! += value;
      });
      accepted += (next.accepted * next.work.length) / (stages.length * work.length);
    }
  }
  return { z, work, accepted };
}

/** What trial walks aim to accept, and how many walk. */
const [aim, trials] = [0.75, 8];

/**
 * The stages of a path, with steps as long as a few trial walks to the data liked: about three quarters of them were accepted. All other
 * walks keep to these lengths, since a step that depends on its own chain is in balance with nothing.
 */
export async function stagesOf(telescope: Telescope, { rng, breathe }: Options): Promise<Stage[]> {
  let [z, sigma] = [noiseOf(telescope, trials, rng.split('trial noise')), 0.3];
  const stages: Stage[] = [];
  const { uniform } = rng.split('lengths');
  for (const [t, shares] of sharesOf(telescope).entries()) {
    await breathe();
    // Lengths of all sorts: along equal ones a Gaussian turns by the same angle at every stage, and half a turn mixes nothing.
    const stage = { shares, sigma: sigma * (0.5 + uniform()) };
    const next = await step(telescope, stage, z, rng.split('trial', t));
    stages.push(stage);
    z = next.z;
    sigma = Math.min(1.5, sigma * Math.exp(0.5 * (next.accepted - aim)));
  }
  return stages;
}

/** n rows of N(0, I), [n × D]. */
export const noiseOf = ({ dimensions }: Telescope, n: number, { normal }: Rng): Float32Array =>
  Float32Array.from({ length: n * dimensions }, normal);

/** log w of walks between `noise` and `data` whose steps together worked so much towards the data. */
async function logWeights(telescope: Telescope, noise: Float32Array, data: Float32Array, work: Float32Array): Promise<Float32Array> {
  const all = Array.from({ length: telescope.bridges }, () => 1);
  return read(() => {
    const [from, to] = [noise, data].map((z) => tf.tensor2d(z, [work.length, telescope.dimensions])) as [tf.Tensor2D, tf.Tensor2D];
    const logTarget = tf.add(standardNormalLogProb(to), telescope.logRatios(to, all));
    return tf.add(tf.sub(logTarget, standardNormalLogProb(from)), work);
  });
}

/**
 * Annealed importance sampling: n walks from noise to data through the stages, p₀ = N(0, I) to p_K = p̃/Z, and
 *   log w = Σ_t log p̃_t(z_{t−1}) / p̃_{t−1}(z_{t−1}),   [n] nats.
 * The mean of w is Z, so log-mean-w is below log Z on average, and a likelihood by it too good, if anything. Neal 2001,
 * arXiv:physics/9803008. z: draws of about the model, [n × D].
 */
export async function forward(telescope: Telescope, stages: readonly Stage[], n: number, o: Options) {
  const noise = noiseOf(telescope, n, o.rng.split('noise'));
  const walked = await walk(telescope, stages, noise, 'toData', o);
  return { ...walked, logWeights: await logWeights(telescope, noise, walked.z, walked.work) };
}

/**
 * The same walked back from points x of the data to noise. For each x, p̃(x) / w is on average the density at x of what `forward` ends
 * with: that of a normalized model, the annealing sampler itself. So log p̃(x) − log w is below its log-likelihood on average, however
 * poor the stages: a bound that errs on the safe side (RAISE: Burda, Grosse, Salakhutdinov 2015, arXiv:1412.8566). Were x drawn from
 * p̃/Z, the mean of 1/w would be 1/Z, and so log w above log Z on average.
 */
export async function backward(telescope: Telescope, stages: readonly Stage[], x: Float32Array, o: Options) {
  const walked = await walk(telescope, stages, x, 'toNoise', o);
  const work = walked.work.map((value) => -value);
  return { ...walked, logWeights: await logWeights(telescope, walked.z, x, work) };
}

export const logMeanExp = (logs: Float32Array): number => {
  const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
};
