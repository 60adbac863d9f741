import type { ImageShape } from '../data/dataset.ts';
import { int, real } from '../hparams.ts';
import { bernoulliNll, discretizedLogisticNll, gaussianKl } from '../losses/variational.ts';
import { type Decoder, decode, initDecoder } from '../nets/decoder.ts';
import { type Encoder, featureMaps, featureSize, initEncoder } from '../nets/encoder.ts';
import { type Dense, initMlp, mlp } from '../nets/layers.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { defineMethod } from './method.ts';

type Likelihood = { readonly logScale?: tf.Tensor1D };

/** Grey images are read as probabilities of ink: each view of one is a fresh binary draw. */
const binarize = (x: tf.Tensor4D, rng: Rng) => tf.step(tf.sub(x, rng.uniforms(x.shape))) as tf.Tensor4D;

/** −log p(x|z), [N] nats: Bernoulli for grey images, discretized logistic on 256 levels for colour. */
const reconstructionNll = ({ logScale }: Likelihood, out: tf.Tensor4D, x: tf.Tensor4D): tf.Tensor1D =>
  logScale ? discretizedLogisticNll(tf.add(out, 0.5), logScale, x) : bernoulliNll(out, x);

type Params = {
  readonly encoder: Encoder;
  readonly posterior: readonly Dense[];
  readonly decoder: Decoder;
  readonly likelihood: Likelihood;
};

/** q(z|x): mean and log-variance, [N, D] each. */
const posterior = ({ encoder, posterior }: Params, x: tf.Tensor4D) =>
  tf.split(mlp(posterior, tf.reshape(featureMaps(encoder, x), [x.shape[0], -1])), 2, 1) as [tf.Tensor2D, tf.Tensor2D];

type Draws = { readonly rng: Rng; readonly shape: ImageShape };
/** What the likelihood is of: ink or none, or colour as it is. */
const seenOf = (x: tf.Tensor4D, { rng, shape }: Draws) => (shape[2] === 1 ? binarize(x, rng.split('pixels')) : x);

/** The two terms of −ELBO by one draw z = μ + σ⊙ε (eq. 10): reconstruction [N], KL [N, D], nats. */
function elboTerms(params: Params, x: tf.Tensor4D, c: Draws) {
  const { rng, shape } = c;
  const seen = seenOf(x, c);
  const [mu, logVar] = posterior(params, seen);
  const z = tf.add(mu, tf.mul(tf.exp(tf.mul(0.5, logVar)), rng.split('epsilon').normals(mu.shape))) as tf.Tensor2D;
  return { reconstruction: reconstructionNll(params.likelihood, decode(params.decoder, z, shape), seen), kl: gaussianKl(mu, logVar) };
}

/** log p(x, z) − log q(z|x) of k draws of z for each row, [N, k] nats; the constants of prior and posterior cancel. */
function logWeights(params: Params, x: tf.Tensor4D, k: number, c: Draws): tf.Tensor2D {
  const seen = seenOf(x, c);
  /** Each row k times in a row: [N, …] → [N·k, …]. */
  const repeat = <T extends tf.Tensor>(t: T) =>
    tf.reshape(tf.mul(tf.expandDims(t, 1), tf.ones([1, k, ...t.shape.slice(1).map(() => 1)])), [-1, ...t.shape.slice(1)]) as T;
  const [mu, logVar] = posterior(params, seen).map(repeat) as [tf.Tensor2D, tf.Tensor2D];
  const epsilon = c.rng.split('epsilon').normals(mu.shape);
  const z = tf.add(mu, tf.mul(tf.exp(tf.mul(0.5, logVar)), epsilon)) as tf.Tensor2D;
  const ratio = tf.mul(0.5, tf.sum(tf.sub(tf.add(tf.square(epsilon), logVar), tf.square(z)), 1));
  return tf.reshape(tf.sub(ratio, reconstructionNll(params.likelihood, decode(params.decoder, z, c.shape), repeat(seen))), [-1, k]);
}

/** The mean image of a latent, [N, H, W, C] in [0, 1]. */
const meanImage = ({ decoder, likelihood }: Params, z: tf.Tensor2D, shape: ImageShape): tf.Tensor4D => {
  const out = decode(decoder, z, shape);
  return likelihood.logScale ? tf.clipByValue(tf.add(out, 0.5), 0, 1) : tf.sigmoid(out);
};

export const vae = defineMethod({
  id: 'vae',
  name: 'VAE',
  family: 'variational',
  paper: { authors: 'Kingma, Welling', year: 2013, title: 'Auto-Encoding Variational Bayes', arxiv: '1312.6114' },
  summary: 'Squeeze an image through a few noisy numbers and rebuild it: a bound on its likelihood, and a space to walk in.',
  equation: String.raw`-\mathrm{ELBO} = \mathbb{E}_{q_\phi(z|x)}\big[-\log p_\theta(x|z)\big] + \beta\, \mathrm{KL}\big(q_\phi(z|x)\,\Vert\,\mathcal{N}(0, I)\big)`,
  data: 'pictures',
  units: { loss: 'nats', reconstruction: 'nats', kl: 'nats' },
  hparams: {
    latents: int(16, { min: 2, max: 64, scale: 'log', doc: 'dimensions of z' }),
    beta: real(1, { min: 0.05, max: 20, scale: 'log', doc: 'β: weight of the KL term; 1 is the ELBO itself' }),
    warmup: real(0.1, {
      min: 0,
      max: 1,
      doc: 'share of the run over which β grows from 0; without it the KL term can silence latents for good',
    }),
  },
  tuned: () => ({ steps: 2000, learningRate: 2e-3, weightDecay: 0 }),

  init: ({ hp, rng, shape }) => {
    const encoder = initEncoder(shape, rng.split('encoder'), [32, 64]);
    const heads = initMlp([featureSize(shape, encoder), 256, 2 * hp.latents], rng.split('posterior'), 0.1);
    const likelihood: Likelihood = shape[2] === 1 ? {} : { logScale: tf.fill([shape[2]], -2) };
    return {
      params: { encoder, posterior: heads, decoder: initDecoder(shape, hp.latents, 256, rng.split('decoder')), likelihood },
      state: {},
    };
  },
  loss: (params, _, { x }, c) => {
    const { reconstruction, kl } = elboTerms(params, x, c);
    const [distortion, rate] = [tf.mean(reconstruction) as tf.Scalar, tf.mean(tf.sum(kl, 1)) as tf.Scalar];
    // Warm-up (Sønderby et al. 2016, arXiv 1602.02282, §2.3): first learn to use z, then to be brief about it.
    const beta = c.hp.beta * (c.hp.warmup > 0 ? Math.min(1, c.progress / c.hp.warmup) : 1);
    return { loss: tf.add(distortion, tf.mul(beta, rate)), metrics: { reconstruction: distortion, kl: rate } };
  },

  embed: ({ params }, x) => posterior(params, x)[0],
  encode: ({ params }, x) => {
    const [mu, logVar] = posterior(params, x);
    return { mu, logVar };
  },
  decode: ({ params }, z, { shape }) => meanImage(params, z, shape),
  elboTerms: ({ params }, x, c) => elboTerms(params, x, c),
  logWeights: ({ params }, x, k, c) => logWeights(params, x, k, c),
  sample: ({ params }, n, temperature, { hp, rng, shape }) =>
    meanImage(params, tf.mul(temperature, rng.normals<tf.Rank.R2>([n, hp.latents])), shape),
});
