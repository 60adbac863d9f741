import { flag, int } from '../hparams.ts';
import * as slots from '../nets/slot-attention.ts';
import * as net from '../nets/slot-autoencoder.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  slots: int(6, { min: 1, max: 10, doc: 'K: slots that compete, one of them usually for the background', when: 'live' }),
  iterations: int(3, { min: 1, max: 7, doc: 'T: rounds of the competition', when: 'live' }),
  implicit: flag(true, { doc: 'the gradient goes through the last round alone, as if the rounds had settled' }),
  width: int(32, { min: 8, max: 64, scale: 'log', doc: 'D: numbers of a slot, and channels of the networks' }),
};
type C = Context<typeof hparams, 'scenes'>;
type Params = { readonly encoder: net.PlacedEncoder; readonly attention: slots.SlotAttention; readonly decoder: net.BroadcastDecoder };

/** Each round's slots and attention. */
const rounds = ({ encoder, attention }: Params, x: tf.Tensor4D, { hp, rng }: C) =>
  slots.slotAttention(attention, net.placedFeatures(encoder, x), hp, rng.split('slots'));

export const slotAttention = defineMethod({
  id: 'slot-attention',
  name: 'Slot attention',
  family: 'objects',
  paper: {
    authors: 'Locatello, Weissenborn, Unterthiner, Mahendran, Heigold, Uszkoreit, Dosovitskiy, Kipf',
    year: 2020,
    title: 'Object-Centric Learning with Slot Attention',
    arxiv: '2006.15055',
  },
  summary: 'Let a few slots compete to explain the places of an image, so that each ends up with one object.',
  equation: String.raw`A = \operatorname{softmax}_{\text{slots}}\!\Big(\tfrac{1}{\sqrt D}\, k(x)\, q(s)^{\top}\Big),\qquad s_k \leftarrow \mathrm{GRU}\Big(s_k,\ \textstyle\sum_p \frac{A_{pk}}{\sum_{p'} A_{p'k}}\, v(x_p)\Big)`,
  data: 'scenes',
  // A slot paints in a colour of its own.
  fits: (shape) => shape[2] === 3,
  hparams,
  tuned: () => ({ steps: 8000, batchSize: 16, learningRate: 2.5e-3, weightDecay: 0 }),

  init: ({ hp, shape, rng }) => ({
    params: {
      encoder: net.initPlacedEncoder(shape[2], hp.width, rng.split('encoder')),
      attention: slots.initSlotAttention(hp.width, rng.split('attention')),
      decoder: net.initBroadcastDecoder(shape[2], hp.width, rng.split('decoder')),
    },
    state: {},
  }),
  loss: (params, _, { x }, c) => {
    const painting = net.paint(params.decoder, rounds(params, x, c).at(-1)!.slots, c.shape);
    return { loss: tf.mean(tf.square(tf.sub(net.blend(painting, c.shape), x))) as tf.Scalar };
  },

  segment: ({ params }, x, c) =>
    rounds(params, x, c).map(({ slots, attention }) => ({
      ...net.partsOf(net.paint(params.decoder, slots, c.shape), c.shape),
      attention: tf.reshape(tf.transpose(attention, [0, 2, 1]), [x.shape[0], -1, c.shape[0] / 2, c.shape[1] / 2]) as tf.Tensor4D,
    })),
});
