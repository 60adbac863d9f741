import { int } from '../hparams.ts';
import { standardNormalLogProb } from '../losses/likelihood.ts';
import type { Coupling } from '../nets/coupling.ts';
import { type Flow, flowForward, flowInverse, initFlow, layersOf, masksOf } from '../nets/flow.ts';
import { toPixels, toReals } from '../nets/pixels.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  couplings: int(8, { min: 1, max: 16, doc: 'affine couplings: on points in all, on images at each masking of each scale' }),
  width: int(64, { min: 8, max: 128, doc: 'hidden units or channels of the networks s and t' }),
};

type Run = { readonly params: { readonly couplings: readonly Coupling[] }; readonly state: { readonly masks: readonly tf.Tensor[] } };
type C = Context<typeof hparams, 'imagesOrPoints'>;
const flowOf = ({ params, state }: Run, { hp, shape }: C): Flow => ({ layers: layersOf(shape, hp.couplings), ...params, ...state });

/** log p(x) = log N(z; 0, I) + log|det ∂z/∂x|; of images with fresh uniform noise, a lower bound on that of their 256 levels. */
function logProb(run: Run, x: tf.Tensor, c: C): tf.Tensor1D {
  const { y, logDet } = x.rank === 4 ? toReals(x, c.rng.uniforms(x.shape as [number, number, number, number])) : { y: x, logDet: 0 };
  const { z, logDet: ofFlow } = flowForward(flowOf(run, c), y);
  return tf.add(tf.add(standardNormalLogProb(z), ofFlow), logDet);
}

/** Noise → data, points or pixels. */
function inverse(run: Run, z: tf.Tensor2D, c: C): tf.Tensor4D | tf.Tensor2D {
  const y = flowInverse(flowOf(run, c), z).at(-1)!;
  return (y.rank === 4 ? toPixels(y) : y) as tf.Tensor4D | tf.Tensor2D;
}

export const realnvp = defineMethod({
  id: 'realnvp',
  name: 'Real NVP',
  family: 'flow',
  paper: { authors: 'Dinh, Sohl-Dickstein, Bengio', year: 2017, title: 'Density Estimation Using Real NVP', arxiv: '1605.08803' },
  summary: 'Bend the data into Gaussian noise by invertible steps whose volume change is known, and maximize the exact likelihood.',
  equation: String.raw`\log p(x) = \log \mathcal{N}(z; 0, I) + \sum_k \sum_j s^{(k)}_j,\qquad z_{\bar m} = x_{\bar m} \odot e^{s(x_m)} + t(x_m)`,
  data: 'imagesOrPoints',
  units: { loss: 'nats' },
  hparams,
  tuned: (shape) =>
    shape.length === 1
      ? { steps: 6000, batchSize: 512, learningRate: 4e-3, weightDecay: 0 }
      : { couplings: 3, width: 48, steps: 2500, batchSize: 32, learningRate: 1e-3, weightDecay: 0 },

  init: ({ hp, rng, shape }) => {
    const layers = layersOf(shape, hp.couplings);
    return { params: { couplings: initFlow(layers, hp.width, rng) }, state: { masks: masksOf(layers) } };
  },
  loss: (params, state, { x }, c) => ({ loss: tf.neg(tf.mean(logProb({ params, state }, x, c))) }),

  logProb,
  forward: (run, x, c) => flowForward(flowOf(run, c), x.rank === 4 ? toReals(x, 0.5).y : x).z,
  inverse,
  sample: (run, n, temperature, c) =>
    inverse(run, tf.mul(temperature, c.rng.normals<tf.Rank.R2>([n, c.shape.reduce((d, s) => d * s, 1)])), c),
  stages: (run, z, c) => flowInverse(flowOf(run, c), z) as tf.Tensor2D[],
});
