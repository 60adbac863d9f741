import { int, real } from '../hparams.ts';
import { logisticRatio } from '../losses/ratio.ts';
import { fitGaussian, fromStandard, standardGaussian, toStandard } from '../nets/gaussian.ts';
import { atBridges, features, type ImageBridges, initImageBridges, sumOfBridges } from '../nets/image-bridges.ts';
import { toPixels, toReals } from '../nets/pixels.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  bridges: int(24, { min: 1, max: 64, doc: 'm: ratios that the telescope multiplies; 1 is the single ratio' }),
  width: int(24, { min: 4, max: 64, scale: 'log', doc: 'channels of the first strided convolution' }),
  shrinkage: real(0.01, { min: 0.001, max: 1, scale: 'log', when: 'restart', doc: 'of the noise’s covariance; 1: pixels independent' }),
  stages: int(96, { min: 4, max: 1000, scale: 'log', when: 'live', doc: 'of annealing, for samples and bounds; training needs none' }),
};
type C = Context<typeof hparams, 'images'>;

/** The logit's squeeze: so small that black and white come to be as wide as what is between. A unit of the network, in logits. */
const [squeeze, unit] = [1e-6, 4];

/** Pixels → dequantized logits, [N, D], and their log-determinant. */
function logits(x: tf.Tensor4D, rng: Rng) {
  const { y, logDet } = toReals(x, rng.uniforms(x.shape), squeeze);
  return { y: tf.reshape(y, [x.shape[0], -1]) as tf.Tensor2D, logDet };
}
const body = (params: ImageBridges, y: tf.Tensor2D, { shape }: C) =>
  features(params.body, tf.reshape(tf.div(y, unit), [y.shape[0], ...shape]));
const sizeOf = ({ shape }: C) => shape.reduce((d, s) => d * s, 1);

export const treImages = defineMethod({
  id: 'tre-images',
  name: 'Energy-based TRE',
  family: 'density-ratio',
  paper: { authors: 'Rhodes, Xu, Gutmann', year: 2020, title: 'Telescoping Density-Ratio Estimation', arxiv: '2006.12204' },
  summary: 'An energy-based model without a constant to fight: Gaussian noise of known density, times a telescope of learned ratios.',
  equation: String.raw`\log \tilde p(x) = \log \mathcal{N}(x; \mu, \Sigma) + \sum_{k=0}^{m-1} \log r_k(x),\qquad \log p(x) \ge \mathbb{E}\big[\log \tilde p(x) - \log w\big]`,
  data: 'images',
  fits: (shape) => shape.reduce<number>((d, s) => d * s, 1) <= 1024,
  units: { loss: 'nats' },
  hparams,
  tuned: () => ({ steps: 1200, batchSize: 240, learningRate: 0.01, weightDecay: 0 }),

  init: (c) => ({ params: initImageBridges(c.hp.bridges, c.shape, c.hp.width, c.rng), state: standardGaussian(sizeOf(c)) }),
  // Before the first step, once: the noise is the Gaussian of the training images.
  epoch: async (_params, state, data, c) => ({
    state: c.progress > 0 ? state : await fitGaussian(await data.map((x) => logits(x, c.rng).y), c.hp.shrinkage),
  }),
  loss: (params, state, { x }, c) => {
    const m = c.hp.bridges;
    // Each image stands at one bridge; the first ones at a second too, until all bridges have as many.
    const n = Math.ceil(x.shape[0] / m);
    const rows = tf.tensor1d(
      Array.from({ length: m * n }, (_, i) => i % x.shape[0]),
      'int32',
    );
    const data = tf.sub(logits(tf.gather(x, rows), c.rng.split('pixels')).y, state.mean);
    const noise = tf.matMul(c.rng.split('noise').normals<tf.Rank.R2>([m * n, sizeOf(c)]), state.factor);
    const waymark = (nearer: 0 | 1) => {
      const alphas = Array.from({ length: m * n }, (_, i) => (Math.floor(i / n) + nearer) / m);
      const column = (f: (alpha: number) => number) => tf.tensor2d(alphas.map(f), [m * n, 1]);
      return tf.add(
        tf.mul(
          column((a) => Math.sqrt(1 - a * a)),
          data,
        ),
        tf.mul(
          column((a) => a),
          noise,
        ),
      );
    };
    const h = body(params, tf.add(tf.concat([waymark(0), waymark(1)]), state.mean) as tf.Tensor2D, c);
    const [f, g] = tf.unstack(tf.reshape(h, [2, m, n, -1])).map((of) => atBridges(params, of as tf.Tensor3D)) as [tf.Tensor2D, tf.Tensor2D];
    return { loss: logisticRatio(f, g) };
  },

  telescope: ({ params, state }, c) => ({
    bridges: c.hp.bridges,
    stages: c.hp.stages,
    dimensions: sizeOf(c),
    logRatios: (z, shares) => sumOfBridges(params, body(params, fromStandard(state, z), c), shares),
    toNoise: (x, rng) => {
      const { y, logDet } = logits(x, rng);
      return { z: toStandard(state, y), logDet: tf.sub(logDet, state.logDet) };
    },
    toImages: (z) => toPixels(tf.reshape(fromStandard(state, z), [z.shape[0], ...c.shape]), squeeze) as tf.Tensor4D,
  }),
});
