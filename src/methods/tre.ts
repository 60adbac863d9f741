import { ratioScores, ratiosOf } from '../data/ratios.ts';
import { correlated, peaked, waymarkAlphas, waymarks } from '../data/waymarks.ts';
import { choice, int, real, type Values } from '../hparams.ts';
import { infoNce, logisticRatio } from '../losses/ratio.ts';
import { type Bridges, initBridges, logRatios } from '../nets/bridges.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  problem: choice('mutual-information', ['mutual-information', 'peaked'], { doc: 'correlated Gaussians, or two far apart on a line' }),
  nats: real(20, { min: 1, max: 80, when: 'restart', doc: 'the truth: mutual information, or KL of the two' }),
  pairs: int(40, { min: 1, max: 80, doc: 'correlated pairs of mutual-information: half the dimensions' }),
  estimator: choice('telescoping', ['telescoping', 'single', 'InfoNCE'], { doc: 'bridges, one logistic ratio, or one among a batch' }),
  bridges: int(8, { min: 1, max: 32, doc: 'm: ratios that the telescope multiplies; 1 is the single ratio' }),
  mixing: choice('linear', ['linear', 'dimensions'], { doc: 'waymarks mix all dimensions by a share, or exchange some whole' }),
  body: choice('none', ['none', 'network'], { doc: 'quadratic bridges, or linear heads on a network that all share' }),
  width: int(64, { min: 4, max: 256, scale: 'log', doc: 'hidden units of that network' }),
};
type Hp = Values<typeof hparams>;
type Run = { readonly params: Bridges; readonly state: { readonly centre: tf.Tensor3D; readonly scale: tf.Tensor3D } };

const pathOf = ({ problem, nats, pairs, estimator, mixing, bridges }: Hp) => {
  const chasm = problem === 'peaked' ? peaked(nats) : correlated(nats, pairs);
  return { chasm, alphas: waymarkAlphas(mixing, estimator === 'telescoping' ? bridges : 1, chasm.dimensions) };
};
/** Each bridge's two waymarks, the numerator's first: [m + 1, N, D] → [m, N, D] each. */
const neighbours = (x: tf.Tensor3D) =>
  [tf.slice(x, [0, 0, 0], [x.shape[0] - 1, -1, -1]), tf.slice(x, [1, 0, 0], [-1, -1, -1])] as [tf.Tensor3D, tf.Tensor3D];
/** log r_k(x), [m, N, D] → [m, N]: bridge k measures x from the middle of its own two waymarks. */
const bridge = ({ params, state }: Run, x: tf.Tensor3D) => logRatios(params, tf.mul(tf.sub(x, state.centre), state.scale));
const only = (bridges: tf.Tensor2D): tf.Tensor1D => tf.squeeze(bridges, [0]);

function ratios(run: Run, { hp, rng, batchSize }: Context<typeof hparams, 'simulated'>) {
  const { chasm, alphas } = pathOf(hp);
  const at = (x: tf.Tensor2D) => bridge(run, tf.expandDims(x, 0));
  if (hp.estimator !== 'InfoNCE')
    return ratiosOf(chasm, alphas, { mean: ({ data }) => tf.mean(at(data), 1), logRatios: at }, batchSize, rng);
  // Its bound is all that it can tell; its ratio lacks a factor, by which it is 1 on average over the noise.
  const bound = {
    mean: ({ data, noise }: Record<'data' | 'noise', tf.Tensor2D>) => tf.sub(Math.log(batchSize), infoNce(only(at(data)), only(at(noise)))),
  };
  const factor = () => tf.sub(tf.logSumExp(at(chasm.draw(4000, rng.split('factor')).noise)), Math.log(4000));
  return ratiosOf(chasm, alphas, { ...bound, logRatios: (x) => tf.sub(at(x), factor()) }, batchSize, rng);
}

export const tre = defineMethod({
  id: 'tre',
  name: 'TRE',
  family: 'density-ratio',
  paper: { authors: 'Rhodes, Xu, Gutmann', year: 2020, title: 'Telescoping Density-Ratio Estimation', arxiv: '2006.12204' },
  summary: 'Two distributions too far apart for one classifier: set waymarks between them, and multiply the small ratios.',
  equation: String.raw`\log \frac{p_0(x)}{p_m(x)} = \sum_{k=0}^{m-1} \log r_k(x),\qquad \mathcal{L} = \frac1m \sum_{k=0}^{m-1} \Big( \mathbb{E}_{p_k}\big[-\log \sigma(\log r_k)\big] + \mathbb{E}_{p_{k+1}}\big[-\log \sigma(-\log r_k)\big] \Big)`,
  data: 'simulated',
  units: { loss: 'nats' },
  hparams,
  tuned: () => ({ steps: 2000, batchSize: 512, learningRate: 0.01, weightDecay: 0 }),

  init: ({ hp, rng }) => {
    const { chasm, alphas } = pathOf(hp);
    const both = tf.concat(neighbours(waymarks(alphas, chasm.draw(1000, rng.split('scale')))), 1);
    const { mean, variance } = tf.moments(both, 1, true);
    return {
      params: initBridges(alphas.length - 1, chasm.dimensions, hp.body === 'none' ? 0 : hp.width, rng.split('bridges')),
      state: { centre: mean as tf.Tensor3D, scale: tf.rsqrt(variance) as tf.Tensor3D },
    };
  },
  loss: (params, state, { rows }, { hp, rng }) => {
    const { chasm, alphas } = pathOf(hp);
    const [numerator, denominator] = neighbours(waymarks(alphas, chasm.draw(rows, rng)));
    const [f, g] = [bridge({ params, state }, numerator), bridge({ params, state }, denominator)];
    return { loss: hp.estimator === 'InfoNCE' ? infoNce(only(f), only(g)) : logisticRatio(f, g) };
  },

  ratios,
  score: async (run, c) => ratioScores(await ratios(run, c)),
});
