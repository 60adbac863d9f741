import { choice, int, real } from '../hparams.ts';
import * as net from '../nets/stochastic-binary.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

/** How the gradient of the expected loss is estimated; the last trains with relaxed units in place of binary ones. */
const estimatorsOf = (temperature: number) => ({
  psa: { estimate: net.psa },
  'straight-through': { estimate: net.straightThrough },
  identity: { estimate: net.identityStraightThrough },
  reinforce: { estimate: net.reinforce },
  arm: { estimate: net.arm },
  'gumbel-softmax': { estimate: net.gumbelSoftmax(temperature), relaxed: temperature },
});
const names = ['psa', 'straight-through', 'identity', 'reinforce', 'arm', 'gumbel-softmax'] as const;

const hparams = {
  estimator: choice('psa', names, { doc: 'of the gradient; straight-through is PSA linearized, identity its rule of thumb', when: 'live' }),
  net: choice('dense', ['dense', 'convolutional'], { doc: 'what the hidden layers are' }),
  layers: int(2, { min: 1, max: 4, doc: 'hidden layers of random ±1 units' }),
  width: int(100, { min: 4, max: 200, scale: 'log', doc: 'units of each dense layer' }),
  channels: int(10, { min: 2, max: 32, scale: 'log', doc: 'of the first convolution; each next has twice as many' }),
  temperature: real(0.5, { min: 0.1, max: 2, scale: 'log', doc: 'τ of Gumbel-softmax: small is near binary, and noisy' }),
};
type C = Context<typeof hparams, 'labelled'>;

/** Pixels as inputs in [−1, 1]. */
const signed = (x: tf.Tensor4D) => tf.sub(tf.mul(2, x), 1);
/** Outputs of the net: a single class needs a second beside it to be told from. */
const outputs = (classes: number) => Math.max(2, classes);
/** Draws of the net that vote on a class. */
const votes = 10;

export const psa = defineMethod({
  id: 'psa',
  name: 'PSA',
  family: 'discrete',
  paper: {
    authors: 'Shekhovtsov, Yanush, Flach',
    year: 2020,
    title: 'Path Sample-Analytic Gradient Estimators for Stochastic Binary Networks',
    arxiv: '2006.03143',
  },
  summary: 'Train a network of random on-off units: sample every unit, and sum in closed form what flipping any one of them would change.',
  equation: String.raw`\frac{\partial\,\mathbb{E}[\ell]}{\partial a_i} \approx x_i F'(a_i)\, d_i,\qquad d_i = \sum_j \big[F(x_j a_j) - F(x_j a_j^{\downarrow i})\big]\, d_j`,
  data: 'labelled',
  units: { loss: 'nats' },
  hparams,
  tuned: ([, , colours]) => ({
    steps: 1500,
    weightDecay: 0,
    ...(colours === 3 ? { net: 'convolutional', layers: 4, learningRate: 1e-2, batchSize: 64 } : { learningRate: 2e-3 }),
  }),

  init: ({ hp, shape, classes, rng }) => {
    const widths = Array<number>(hp.layers).fill(hp.width);
    const channels = widths.map((_, l) => hp.channels * 2 ** l);
    const params =
      hp.net === 'dense'
        ? net.initBinaryNet([shape[0] * shape[1] * shape[2], ...widths, outputs(classes)], rng)
        : net.initConvolutionalNet(shape, channels, outputs(classes), rng);
    return { params, state: { baseline: tf.scalar(Math.log(outputs(classes))) } };
  },
  loss: (params, { baseline }, { x, y }, { hp, rng, classes }) => {
    const labels = tf.oneHot(y, outputs(classes)) as tf.Tensor2D;
    const { estimate, relaxed }: { estimate: net.Estimator; relaxed?: number } = estimatorsOf(hp.temperature)[hp.estimator];
    const drawn = net.draw(params, signed(x), rng.split('draw'), relaxed);
    const g = estimate(params, drawn, labels, rng.split('estimate'), baseline);
    const loss = net.surrogate(drawn, g, labels);
    return { loss, aux: { loss } };
  },
  /** REINFORCE's baseline: a moving average of the loss. */
  after: (_, { baseline }, { loss }) => ({ baseline: tf.add(tf.mul(0.95, baseline), tf.mul(0.05, loss)) as tf.Scalar }),

  /** The mean prediction of several draws. */
  classify: ({ params }, x, { rng }: C) =>
    tf.div(tf.addN(Array.from({ length: votes }, (_, k) => tf.softmax(net.draw(params, signed(x), rng.split('vote', k)).logits))), votes),
  gradientEstimators: ({ hp }) => estimatorsOf(hp.temperature),
});
