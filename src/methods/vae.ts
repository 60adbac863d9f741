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

/** The two terms of −ELBO by one draw z = μ + σ⊙ε (eq. 10): reconstruction [N], KL [N, D], nats. */
function elboTerms(params: Params, x: tf.Tensor4D, { rng, shape }: { readonly rng: Rng; readonly shape: ImageShape }) {
  const seen = shape[2] === 1 ? binarize(x, rng.split('pixels')) : x;
  const [mu, logVar] = posterior(params, seen);
  const z = tf.add(mu, tf.mul(tf.exp(tf.mul(0.5, logVar)), rng.split('epsilon').normals(mu.shape))) as tf.Tensor2D;
  return { reconstruction: reconstructionNll(params.likelihood, decode(params.decoder, z, shape), seen), kl: gaussianKl(mu, logVar) };
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
  data: 'images',
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
  sample: ({ params }, n, temperature, { hp, rng, shape }) =>
    meanImage(params, tf.mul(temperature, rng.normals<tf.Rank.R2>([n, hp.latents])), shape),
});
