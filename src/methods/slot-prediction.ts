import { objectNumbers, objectSize } from '../data/objects.ts';
import { flag, int, real } from '../hparams.ts';
import { setDistance } from '../losses/matching.ts';
import type { Dense } from '../nets/layers.ts';
import * as slots from '../nets/slot-attention.ts';
import { initPlacedEncoder, type PlacedEncoder, placedFeatures } from '../nets/slot-autoencoder.ts';
import { describeSlots, initObjectHead } from '../nets/slot-objects.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  slots: int(6, { min: 1, max: 8, doc: 'K: slots that compete; a scene has up to five objects', when: 'live' }),
  placeWeight: real(10, { min: 1, max: 100, scale: 'log', doc: 'weight of place and radius, which are small numbers', when: 'live' }),
  iterations: int(3, { min: 1, max: 7, doc: 'T: rounds of the competition', when: 'live' }),
  implicit: flag(true, { doc: 'the gradient goes through the last round alone, as if the rounds had settled' }),
  width: int(32, { min: 8, max: 64, scale: 'log', doc: 'D: numbers of a slot, and channels of the networks' }),
};
type C = Context<typeof hparams, 'scenes'>;
type Params = { readonly encoder: PlacedEncoder; readonly attention: slots.SlotAttention; readonly head: readonly Dense[] };

/** Of each number of an object. */
const weights = ({ placeWeight }: C['hp']) =>
  Array.from({ length: objectSize }, (_, i) => (i > 0 && i < objectNumbers.free ? placeWeight : 1));

/** The last round, and what its slots say. */
function answer({ encoder, attention, head }: Params, x: tf.Tensor4D, { hp, rng }: C) {
  const last = slots.slotAttention(attention, placedFeatures(encoder, x), hp, rng.split('slots')).at(-1)!;
  return { ...last, objects: describeSlots(head, last.slots, objectNumbers) };
}

export const slotPrediction = defineMethod({
  id: 'slot-prediction',
  name: 'Set prediction with slots',
  family: 'objects',
  paper: {
    authors: 'Locatello, Weissenborn, Unterthiner, Mahendran, Heigold, Uszkoreit, Dosovitskiy, Kipf',
    year: 2020,
    title: 'Object-Centric Learning with Slot Attention',
    arxiv: '2006.15055',
  },
  summary: 'Told the objects of a scene as a set without order, each slot learns to name one of them: the same slots, with labels.',
  equation: String.raw`\mathcal{L} = \min_{\pi}\ \sum_{o} \tfrac12\big\lVert \hat y_{\pi(o)} - y_o \big\rVert^2 + \sum_{k \notin \pi} \tfrac12\, \hat p_k^{\,2}`,
  data: 'scenes',
  // Shapes have colours; nothing else has objects of these properties.
  fits: (shape) => shape[2] === 3,
  hparams,
  tuned: () => ({ steps: 5000, batchSize: 16, learningRate: 2e-3, weightDecay: 0 }),

  init: ({ hp, shape, rng }) => ({
    params: {
      encoder: initPlacedEncoder(shape[2], hp.width, rng.split('encoder')),
      attention: slots.initSlotAttention(hp.width, rng.split('attention')),
      head: initObjectHead(hp.width, objectNumbers, rng.split('head')),
    },
    state: {},
  }),
  loss: (params, _, { x, objects }, c) => ({ loss: setDistance(answer(params, x, c).objects, objects, weights(c.hp)) }),

  describe: ({ params }, x, c) => {
    const { objects, attention } = answer(params, x, c);
    return { objects, attention: tf.reshape(tf.transpose(attention, [0, 2, 1]), [x.shape[0], -1, c.shape[0] / 2, c.shape[1] / 2]) };
  },
});
