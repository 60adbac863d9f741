import { int, text } from '../hparams.ts';
import { standardNormalLogProb } from '../losses/likelihood.ts';
import { importanceWeightedNll } from '../losses/variational.ts';
import { parseStack, stackPattern } from '../nets/stack.ts';
import { stack } from '../nets/transforms/index.ts';
import type { Rng } from '../ops/random.ts';
import type { Tree } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod, type Rows } from './method.ts';

const hparams = {
  stack: text('fold, spline×4', {
    doc: 'layers from data to noise; the lesson below lists and builds them',
    pattern: stackPattern,
    expected: 'layers separated by commas, such as fold, spline×4 or (linear, affine)×2',
  }),
  width: int(64, { min: 8, max: 128, doc: 'hidden units or channels of the layers’ networks' }),
};

type C = Context<typeof hparams, 'any'>;
const flowOf = ({ hp, shape }: C) => stack(hp.stack, shape, hp.width);

/** log N(z; 0, I) + Σ V along one pass from data to noise, [N] nats: log p(x), or a lower bound by one draw. */
function logLikelihood(params: readonly Tree[], x: tf.Tensor, c: C, rng: Rng): tf.Tensor1D {
  const { z, contribution } = flowOf(c).forward(params, x, rng);
  return tf.add(standardNormalLogProb(tf.reshape(z, [x.shape[0]!, -1])), contribution);
}

/** Passes whose mean likelihood is taken where one alone is only a bound. */
const draws = 16;

export const survae = defineMethod({
  id: 'survae',
  name: 'SurVAE Flows',
  family: 'flow',
  paper: {
    authors: 'Nielsen, Jaini, Hoogeboom, Winther, Welling',
    year: 2020,
    title: 'SurVAE Flows: Surjections to Bridge the Gap between VAEs and Flows',
    arxiv: '2007.02731',
  },
  summary: 'Stack invertible, lossy and random layers as you like: each adds its own exact or bounding term to the log-likelihood.',
  equation: String.raw`\log p(x) \ge \log \mathcal{N}(z; 0, I) + \sum_k \mathcal{V}_k,\qquad \mathcal{V} = \log\lvert\det J\rvert,\ \log p(x|z),\ -\log q(z|x)\ \text{or}\ \log\tfrac{p(x|z)}{q(z|x)}`,
  data: 'any',
  opensOn: 'checkerboard',
  units: { loss: 'nats' },
  hparams,
  tuned: (shape) =>
    shape.length === 1
      ? { steps: 6000, batchSize: 512, learningRate: 4e-3, weightDecay: 0 }
      : shape.length === 2
        ? { stack: 'sort, actnorm, (linear, spline)×6', steps: 2500, batchSize: 64, learningRate: 2e-3, weightDecay: 0 }
        : {
            stack: 'dequantize, squeeze, (linear, affine)×4, max, (linear, affine)×4',
            width: 48,
            steps: 2500,
            batchSize: 32,
            learningRate: 1e-3,
            weightDecay: 0,
          },

  init: (c) => ({ params: flowOf(c).init(c.rng), state: {} }),
  loss: (params, _state, { x }, c) => ({ loss: tf.neg(tf.mean(logLikelihood(params, x, c, c.rng))) as tf.Scalar }),

  logProb: ({ params }, x, c) => {
    if (x.rank === 4 || flowOf(c).exact) return logLikelihood(params, x, c, c.rng);
    const passes = Array.from({ length: draws }, (_, k) => logLikelihood(params, x, c, c.rng.split('draw', k)));
    return tf.neg(importanceWeightedNll(tf.stack(passes, 1) as tf.Tensor2D));
  },
  passage: ({ params }, x, c) => {
    const { steps, to } = flowOf(c);
    const [there, back]: [tf.Tensor[], tf.Tensor[]] = [[x], [c.rng.split('noise').normals([x.shape[0], ...to] as unknown as [number])]];
    for (const [i, step] of steps.entries()) there.push(step.forward(params[i]!, there[i]!, c.rng.split(i)).z);
    for (const [k, step] of [...steps].reverse().entries())
      back.push(step.inverse(params[steps.length - 1 - k]!, back[k]!, c.rng.split('back', k)));
    return { names: parseStack(c.hp.stack), there: there as tf.Tensor2D[], back: back as tf.Tensor2D[] };
  },
  sample: ({ params }, n, temperature, c) => {
    const flow = flowOf(c);
    const z = tf.mul(temperature, c.rng.normals([n, ...flow.to] as unknown as [number]));
    return flow.inverse(params, z, c.rng.split('layers')) as Rows;
  },
});
