import { int, real } from '../hparams.ts';
import { ntXent } from '../losses/contrastive.ts';
import { encode, initEncoder, representation } from '../nets/encoder.ts';
import { head, initHead } from '../nets/layers.ts';
import { defineMethod } from './method.ts';

export const simclr = defineMethod({
  id: 'simclr',
  name: 'SimCLR',
  family: 'contrastive',
  paper: {
    authors: 'Chen, Kornblith, Norouzi, Hinton',
    year: 2020,
    title: 'A Simple Framework for Contrastive Learning of Visual Representations',
    arxiv: '2002.05709',
  },
  summary: 'Pull two views of an image together, push every other image of the batch away.',
  equation: String.raw`\ell_{i,j} = -\log \frac{\exp(\mathrm{sim}(z_i, z_j)/\tau)}{\sum_{k \ne i} \exp(\mathrm{sim}(z_i, z_k)/\tau)}`,
  data: 'views',
  units: { loss: 'nats' },
  hparams: {
    temperature: real(0.2, { min: 0.02, max: 2, scale: 'log', doc: 'τ of eq. 1: the smaller, the more the hardest negatives count' }),
    projection: int(64, { min: 2, max: 256, scale: 'log', doc: 'dimensions of the projection z' }),
  },

  init: ({ hp, rng, shape }) => {
    const encoder = initEncoder(shape, rng.split('encoder'));
    return { params: { encoder, projector: initHead(representation(encoder), 512, hp.projection, rng.split('projector')) }, state: {} };
  },
  loss: ({ encoder, projector }, _, { views: [a, b] }, { hp }) => ({
    loss: ntXent(head(projector, encode(encoder, a)), head(projector, encode(encoder, b)), hp.temperature),
  }),

  embed: ({ params }, x) => encode(params.encoder, x),
  project: ({ params }, x) => head(params.projector, encode(params.encoder, x)),
});
