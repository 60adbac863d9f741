import { type Chasm, correlated, gaussianLogDensity, peaked, type Ratios, waymarkAlphas, waymarks } from '../data/waymarks.ts';
import { choice, int, real, type Values } from '../hparams.ts';
import { infoNce, logisticRatio } from '../losses/ratio.ts';
import { type Bridges, initBridges, logRatios } from '../nets/bridges.ts';
import { read } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  problem: choice('mutual-information', ['mutual-information', 'peaked'], { doc: 'correlated Gaussians, or two far apart on a line' }),
  nats: real(20, { min: 1, max: 80, when: 'restart', doc: 'the truth: KL of the two, or mutual information' }),
  pairs: int(40, { min: 1, max: 80, doc: 'correlated pairs of mutual-information: half the dimensions' }),
  estimator: choice('telescoping', ['telescoping', 'single', 'InfoNCE'], { doc: 'bridges, one logistic ratio, or one among a batch' }),
  bridges: int(8, { min: 1, max: 32, doc: 'm: ratios that the telescope multiplies; 1 is the single ratio' }),
  mixing: choice('linear', ['linear', 'dimensions'], { doc: 'waymarks mix all dimensions by a share, or exchange some whole' }),
  body: choice('none', ['none', 'network'], { doc: 'quadratic bridges, or linear heads on a network that all share' }),
  width: int(64, { min: 4, max: 256, scale: 'log', doc: 'hidden units of that network' }),
};
type C = Context<typeof hparams, 'simulated'>;
type Run = { readonly params: Bridges; readonly state: { readonly centre: tf.Tensor3D; readonly scale: tf.Tensor3D } };

const chasmOf = ({ problem, nats, pairs }: Values<typeof hparams>): Chasm =>
  problem === 'peaked' ? peaked(nats) : correlated(nats, pairs);
const alphasOf = ({ estimator, mixing, bridges }: Values<typeof hparams>, { dimensions }: Chasm) =>
  waymarkAlphas(mixing, estimator === 'telescoping' ? bridges : 1, dimensions);

/** Each bridge's two waymarks, the numerator's first: [m, N, D] each. */
const pairUp = (x: tf.Tensor3D): [tf.Tensor3D, tf.Tensor3D] => {
  const m = x.shape[0] - 1;
  return [tf.slice(x, [0, 0, 0], [m, -1, -1]), tf.slice(x, [1, 0, 0], [m, -1, -1])];
};
/** log r_k at points that are measured from the middle of bridge k's own waymarks. */
const bridge = ({ params, state }: Run, x: tf.Tensor3D) => logRatios(params, tf.mul(tf.sub(x, state.centre), state.scale));

/** Bridges over fresh points of p₀, by bridge; of InfoNCE its bound, which is what it can tell. */
async function ratios(run: Run, c: C): Promise<Ratios> {
  const chasm = chasmOf(c.hp);
  const alphas = alphasOf(c.hp, chasm);
  const contrastive = c.hp.estimator === 'InfoNCE';
  const at = (x: tf.Tensor2D) => bridge(run, tf.expandDims(x, 0));
  const sum = new Float64Array(alphas.length - 1);
  const rounds = Math.max(1, Math.ceil(10_000 / c.batchSize));
  for (let round = 0; round < rounds; round++) {
    const part = await read(() => {
      const { data, noise } = chasm.draw(c.batchSize, c.rng.split('held out', round));
      if (!contrastive) return tf.mean(at(data), 1);
      return tf.sub(Math.log(c.batchSize), infoNce(tf.squeeze(at(data), [0]), tf.squeeze(at(noise), [0])));
    });
    part.forEach((value, k) => {
      sum[k]! += value / rounds;
    });
  }
  const nats = alphas.map(chasm.expected);
  const found = { truth: Float32Array.from(sum, (_, k) => nats[k]! - nats[k + 1]!), estimate: Float32Array.from(sum) };
  if (!chasm.gaussian) return found;
  const gaussians = alphas.map(chasm.gaussian);
  const [first, last] = [gaussians[0]!, gaussians.at(-1)!];
  const from = first.mean - 6 * first.deviation;
  const step = (last.mean + 3 * last.deviation - from) / 200;
  const x = Float32Array.from({ length: 201 }, (_, i) => from + i * step);
  const estimate = await read(() => {
    const values = at(tf.tensor2d(x, [x.length, 1]));
    // InfoNCE leaves the ratio's factor open: over the noise a ratio is 1 on average.
    return contrastive ? tf.sub(values, tf.logSumExp(tf.sub(at(chasm.draw(4000, c.rng.split('factor')).noise), Math.log(4000)))) : values;
  });
  const truth = Float32Array.from(
    gaussians.slice(1).flatMap((next, k) => Array.from(x, (v) => gaussianLogDensity(v, gaussians[k]!) - gaussianLogDensity(v, next))),
  );
  const of = (key: 'mean' | 'deviation') => Float32Array.from(gaussians, (each) => each[key]);
  return { ...found, curve: { x, truth, estimate, means: of('mean'), deviations: of('deviation') } };
}

export const tre = defineMethod({
  id: 'tre',
  name: 'TRE',
  family: 'density-ratio',
  paper: { authors: 'Rhodes, Xu, Gutmann', year: 2020, title: 'Telescoping Density-Ratio Estimation', arxiv: '2006.12204' },
  summary: 'Two distributions too far apart for one classifier: set waymarks between them, and multiply the small ratios.',
  equation: String.raw`\log \frac{p_0(x)}{p_m(x)} = \sum_{k=0}^{m-1} \log r_k(x),\quad \mathcal{L} = \frac1m \sum_k \mathbb{E}_{p_k}\big[-\log \sigma(\log r_k)\big] + \mathbb{E}_{p_{k+1}}\big[-\log \sigma(-\log r_k)\big]`,
  data: 'simulated',
  units: { loss: 'nats' },
  hparams,
  tuned: () => ({ steps: 2000, batchSize: 512, learningRate: 0.01, weightDecay: 0 }),

  init: ({ hp, rng }) => {
    const chasm = chasmOf(hp);
    const alphas = alphasOf(hp, chasm);
    const near = tf.concat(pairUp(waymarks(alphas, chasm.draw(1000, rng.split('scale')))), 1);
    const { mean, variance } = tf.moments(near, 1, true);
    return {
      params: initBridges(alphas.length - 1, chasm.dimensions, hp.body === 'none' ? 0 : hp.width, rng.split('bridges')),
      state: { centre: mean as tf.Tensor3D, scale: tf.rsqrt(variance) as tf.Tensor3D },
    };
  },
  loss: (params, state, { rows }, { hp, rng }) => {
    const chasm = chasmOf(hp);
    const [numerator, denominator] = pairUp(waymarks(alphasOf(hp, chasm), chasm.draw(rows, rng))).map((x) => bridge({ params, state }, x));
    const [f, g] = [numerator as tf.Tensor2D, denominator as tf.Tensor2D];
    return { loss: hp.estimator === 'InfoNCE' ? infoNce(tf.squeeze(f, [0]), tf.squeeze(g, [0])) : logisticRatio(f, g) };
  },

  ratios,
  score: async (run, c) => {
    const { truth, estimate } = await ratios(run, c);
    const [trueNats, estimatedNats] = [truth, estimate].map((nats) => nats.reduce((a, v) => a + v, 0)) as [number, number];
    return { estimatedNats, trueNats, relativeError: Math.abs(estimatedNats - trueNats) / trueNats };
  },
});
