import { choice, flag, int, real } from '../hparams.ts';
import { areaEntropy, mixtureNll, overlap, responsibilities } from '../losses/mixture.ts';
import * as slots from '../nets/slot-attention.ts';
import * as net from '../nets/slot-autoencoder.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  slots: int(7, { min: 1, max: 10, doc: 'K: slots that compete, one of them usually for the background', when: 'live' }),
  iterations: int(3, { min: 1, max: 7, doc: 'T: rounds of the competition', when: 'live' }),
  likelihood: choice('mixture', ['mixture', 'mean'], { doc: 'each pixel is painted by one slot, or by the mean of all' }),
  sharing: real(1.25, { min: 0, max: 5, doc: 'price of overlap, pixels that slots share' }),
  parting: real(0.25, { min: 0, max: 2, doc: 'price of entropy, areas that slots are parted into' }),
  implicit: flag(true, { doc: 'the gradient goes through the last round alone, as if the rounds had settled' }),
  width: int(32, { min: 8, max: 64, scale: 'log', doc: 'D: numbers of a slot, and channels of the networks' }),
};
type C = Context<typeof hparams, 'scenes'>;
type Params = { readonly encoder: net.PlacedEncoder; readonly attention: slots.SlotAttention; readonly decoder: net.BroadcastDecoder };

/** Deviation of a pixel from its painter's colour: while they learn, wide enough to pull at a wrong colour; and to tell whose a pixel is. */
const [learned, told] = [0.2, 0.05];

const pixelsOf = (x: tf.Tensor4D) => tf.reshape(x, [x.shape[0], -1, x.shape[3]]) as tf.Tensor3D;

/** Each round's slots and attention. */
const rounds = ({ encoder, attention }: Params, x: tf.Tensor4D, { hp, rng }: C) =>
  slots.slotAttention(attention, net.placedFeatures(encoder, tf.sub(x, 0.5)), hp, rng.split('slots'));

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
  units: { loss: 'nats a pixel', nll: 'nats a pixel', entropy: 'nats' },
  // A slot paints in a colour of its own.
  fits: (shape) => shape[2] === 3,
  hparams,
  tuned: () => ({ steps: 10_000, batchSize: 16, learningRate: 2.5e-3, weightDecay: 0 }),

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
    const ofMean = () => tf.div(tf.mean(tf.sum(tf.squaredDifference(net.blend(painting, c.shape), x), 3)), 2 * learned ** 2) as tf.Scalar;
    const nll = c.hp.likelihood === 'mixture' ? mixtureNll(painting, pixelsOf(x), learned) : ofMean();
    const terms = { overlap: overlap(painting.shares), entropy: areaEntropy(painting.shares) };
    // At first there is nothing to keep apart: the prices rise over a fifth of the run.
    const due = Math.min(1, 5 * c.progress);
    const prices = tf.add(tf.mul(terms.overlap, c.hp.sharing), tf.mul(terms.entropy, c.hp.parting));
    return { loss: tf.add(nll, tf.mul(prices, due)) as tf.Scalar, metrics: { nll, ...terms } };
  },

  segment: ({ params }, x, c) =>
    rounds(params, x, c).map(({ slots, attention }) => {
      const painting = net.paint(params.decoder, slots, c.shape);
      return {
        masks: net.mapsOf(painting.shares, c.shape),
        images: net.imagesOf(painting, c.shape),
        owners: net.mapsOf(responsibilities(painting, pixelsOf(x), told), c.shape),
        attention: net.mapsOf(attention, [c.shape[0] / 2, c.shape[1] / 2, 1]),
      };
    }),
});
