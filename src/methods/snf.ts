import { between, potentialOf } from '../data/energy.ts';
import { choice, int, real } from '../hparams.ts';
import { standardNormalLogProb } from '../losses/likelihood.ts';
import { importanceWeightedNll } from '../losses/variational.ts';
import { type Layer, langevin, metropolis, type Step, walk } from '../nets/chain.ts';
import { type Coupling, couple, uncouple } from '../nets/coupling.ts';
import { initFlow, layersOf, masksOf } from '../nets/flow.ts';
import type { Rng } from '../ops/random.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod, type Weighted } from './method.ts';

const hparams = {
  couplings: int(6, { min: 1, max: 16, doc: 'affine couplings of each flow' }),
  width: int(32, { min: 8, max: 128, doc: 'hidden units of the networks s and t' }),
  blocks: int(1, { min: 0, max: 8, when: 'live', doc: 'stochastic blocks: 1 after the last coupling, more evenly among them' }),
  chain: choice('metropolis', ['metropolis', 'langevin', 'both'], { when: 'live', doc: 'what a block runs' }),
  sweeps: int(20, { min: 1, max: 50, when: 'live', doc: 'steps of a block' }),
  stepSize: real(0.4, { min: 0.01, max: 1, scale: 'log', doc: 'σ of a step’s noise; Langevin’s ε is σ²/2' }),
  energyWeight: real(0.1, { min: 0, max: 1, doc: 'share of the reverse KL; the forward KL has the rest' }),
};
const chains = {
  metropolis: [{ name: 'Metropolis', run: metropolis }],
  langevin: [{ name: 'Langevin', run: langevin }],
  both: [
    { name: 'Langevin', run: langevin },
    { name: 'Metropolis', run: metropolis },
  ],
};
type C = Context<typeof hparams, 'energy'>;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
type State = { readonly masks: readonly tf.Tensor[] };

function bend(coupling: Coupling, mask: tf.Tensor, y: tf.Tensor2D, way: 'toData' | 'toNoise'): Step {
  const to = way === 'toData' ? uncouple(coupling, mask, y) : couple(coupling, mask, y);
  return { y: 'x' in to ? to.x : to.z, work: to.logDet };
}

/** From noise to data: couplings, and after every few of them a block at u_λ = (1 − λ) u_noise + λ u_data, λ rising evenly to 1. */
function pathOf(couplings: readonly Coupling[], { masks }: State, blocks: number, { hp, energy }: C): Layer[] {
  const target = potentialOf(energy);
  const pace = { sweeps: hp.sweeps, sigma: hp.stepSize };
  const due = (k: number) => Math.floor((k * blocks) / couplings.length);
  return couplings.flatMap((coupling, k): Layer[] => [
    { name: `coupling ${k + 1}`, walk: (y, way) => bend(coupling, masks[k]!, y, way) },
    ...upTo(due(k + 1) - due(k)).flatMap((more): Layer[] => {
      const share = (due(k) + more + 1) / blocks;
      const u = between(target, share);
      return chains[hp.chain].map(({ name, run }) => ({
        name: `${name} at λ = ${share.toFixed(2)}`,
        walk: (y, _, rng) => run(u, y, pace, rng),
      }));
    }),
  ]);
}

/** Noise → data along a path: where it leads, and log w = −u(x) − log N(z) + Σ ΔS, whose w is Z on average (eq. 13). */
function generate(path: readonly Layer[], z: tf.Tensor2D, { energy }: C, rng: Rng) {
  const { y, work, stages } = walk(path, z, 'toData', rng);
  return { x: y, stages, logWeights: tf.sub(work, tf.add(potentialOf(energy).energy(y), standardNormalLogProb(z))) as tf.Tensor1D };
}

/** Data → noise along a path: log N(z) + Σ ΔS of that way, whose exp is p(x) on average. */
function infer(path: readonly Layer[], x: tf.Tensor2D, rng: Rng): tf.Tensor1D {
  const { y, work } = walk(path, x, 'toNoise', rng);
  return tf.add(standardNormalLogProb(y), work);
}

/** The forward KL but for the data's entropy, the reverse KL but for log Z, and their mixture: bounds by paths, nats (eq. 5 and 6). */
function divergences(path: readonly Layer[], x: tf.Tensor2D, c: C) {
  const forward = () => tf.neg(tf.mean(infer(path, x, c.rng.split('forward')))) as tf.Scalar;
  const z = c.rng.split('noise').normals<tf.Rank.R2>(x.shape);
  const reverse = () => tf.neg(tf.mean(generate(path, z, c, c.rng.split('reverse')).logWeights)) as tf.Scalar;
  const share = c.hp.energyWeight;
  // What weighs nothing is not computed: it may well be infinite.
  if (share === 0 || share === 1) {
    const loss = share ? reverse() : forward();
    return { loss, metrics: { [share ? 'reverse' : 'forward']: loss } };
  }
  const both = { forward: forward(), reverse: reverse() };
  return { loss: tf.add(tf.mul(1 - share, both.forward), tf.mul(share, both.reverse)) as tf.Scalar, metrics: both };
}

export const snf = defineMethod({
  id: 'snf',
  name: 'Stochastic normalizing flow',
  family: 'flow',
  paper: { authors: 'Wu, Köhler, Noé', year: 2020, title: 'Stochastic Normalizing Flows', arxiv: '2002.06707' },
  summary:
    'Put steps of a Markov chain between the layers of a flow, and keep the samples exactly weighted by the probability of their paths.',
  equation: String.raw`w = \frac{e^{-u(x)}}{\mathcal{N}(z; 0, I)} \prod_t e^{\Delta S_t},\qquad \Delta S_t = \log \frac{\tilde q_t(y_{t+1} \to y_t)}{q_t(y_t \to y_{t+1})}`,
  data: 'energy',
  opensOn: 'double-well',
  units: { loss: 'nats', forward: 'nats', reverse: 'nats', plain: 'nats' },
  hparams,
  tuned: () => ({ steps: 1000, batchSize: 256, learningRate: 4e-3, weightDecay: 0 }),

  init: ({ hp, rng, shape }) => {
    const layers = layersOf(shape, hp.couplings);
    // Couplings of the same start and size without chains between them: the flow to compare with.
    return {
      params: { couplings: initFlow(layers, hp.width, rng), plain: initFlow(layers, hp.width, rng) },
      state: { masks: masksOf(layers) },
    };
  },
  loss: ({ couplings, plain }, state, { x }, c) => {
    const { loss, metrics } = divergences(pathOf(couplings, state, c.hp.blocks, c), x, c);
    const beside = divergences(pathOf(plain, state, 0, c), x, c).loss;
    // It trains by its own gradient, and adds nothing to the value.
    return { loss: tf.add(loss, tf.sub(beside, stopGradient(beside))), metrics: { ...metrics, plain: beside } };
  },

  /** A bound from five paths back to noise. */
  logProb: ({ params, state }, x, c) => {
    const path = pathOf(params.couplings, state, c.hp.blocks, c);
    const draws = upTo(5).map((k) => infer(path, x as tf.Tensor2D, c.rng.split(k)));
    return tf.neg(importanceWeightedNll(tf.stack(draws, 1) as tf.Tensor2D));
  },
  sample: ({ params, state }, n, temperature, c) =>
    walk(pathOf(params.couplings, state, c.hp.blocks, c), tf.mul(temperature, c.rng.normals<tf.Rank.R2>([n, 2])), 'toData', c.rng).y,
  weighted: ({ params, state }, n, c) => {
    const z = c.rng.split('noise').normals<tf.Rank.R2>([n, 2]);
    const drawn = (name: string, couplings: readonly Coupling[], blocks: number): Weighted => {
      const path = pathOf(couplings, state, blocks, c);
      const { stages, ...rest } = generate(path, z, c, c.rng.split(name));
      return { name, ...rest, stages: stages.map((y, k) => ({ name: path[k - 1]?.name ?? 'noise', y })) };
    };
    return [drawn('Stochastic flow', params.couplings, c.hp.blocks), drawn('Plain flow', params.plain, 0)];
  },
});
