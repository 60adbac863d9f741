import { flag, int, real } from '../hparams.ts';
import { regression } from '../losses/self-distillation.ts';
import { encode, initEncoder, representation } from '../nets/encoder.ts';
import { head, initHead } from '../nets/layers.ts';
import { map } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { defineMethod } from './method.ts';

export const byol = defineMethod({
  id: 'byol',
  name: 'BYOL',
  family: 'self-distillation',
  paper: {
    authors: 'Grill, Strub, Altché, Tallec, Richemond et al.',
    year: 2020,
    title: 'Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning',
    arxiv: '2006.07733',
  },
  summary: 'Predict what a slowly moving copy of yourself sees in the other view; there are no negatives.',
  equation: String.raw`\mathcal{L} = \left\lVert \overline{q_\theta(z_\theta)} - \overline{z'_\xi} \right\rVert_2^2,\qquad \xi \leftarrow \tau \xi + (1-\tau)\,\theta`,
  data: 'views',
  hparams: {
    momentum: real(0.95, { min: 0, max: 1, doc: 'τ at the start: share of the target kept at each step; a cosine takes it to 1' }),
    projection: int(64, { min: 2, max: 256, scale: 'log', doc: 'dimensions of the projection z' }),
    predictor: flag(true, { doc: 'q: off compares the projection itself with the target' }),
    ema: flag(true, { doc: 'moving average: off copies the online network into the target after every step' }),
    stopGradient: flag(true, { doc: 'off lets the online network aim at itself, and the gradient into the aim' }),
    batchNorm: flag(true, { doc: 'batch statistics in projector and predictor' }),
  },

  init: ({ hp, rng, shape }) => {
    const encoder = initEncoder(shape, rng.split('encoder'));
    const online = { encoder, projector: initHead(representation(encoder), 512, hp.projection, rng.split('projector')) };
    const predictor = initHead(hp.projection, 256, hp.projection, rng.split('predictor'));
    return { params: { ...online, predictor }, state: { target: map((t) => tf.clone(t), online) } };
  },
  loss: ({ encoder, projector, predictor }, { target }, { views: [a, b] }, { hp }) => {
    const aimer = hp.stopGradient ? target : { encoder, projector };
    const predict = (x: tf.Tensor4D) => {
      const z = head(projector, encode(encoder, x), hp.batchNorm);
      return hp.predictor ? head(predictor, z, hp.batchNorm) : z;
    };
    const aim = (x: tf.Tensor4D) => head(aimer.projector, encode(aimer.encoder, x), hp.batchNorm);
    return { loss: tf.add(regression(predict(a), aim(b)), regression(predict(b), aim(a))) };
  },
  after: ({ encoder, projector }, { target }, _, { hp, progress }) => {
    const momentum = hp.ema ? 1 - ((1 - hp.momentum) * (Math.cos(Math.PI * progress) + 1)) / 2 : 0;
    return { target: map((xi, theta) => tf.add(tf.mul(xi, momentum), tf.mul(theta, 1 - momentum)), target, { encoder, projector }) };
  },

  embed: ({ params }, x) => encode(params.encoder, x),
  project: ({ params }, x, { hp }) => head(params.projector, encode(params.encoder, x), hp.batchNorm),
});
