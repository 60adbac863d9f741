import { int, real } from '../hparams.ts';
import { bernoulliKl, bernoulliMeanNll, gaussianKl, gaussiansKl } from '../losses/variational.ts';
import * as draw from '../nets/struct-draw.ts';
import * as symbols from '../nets/symbols.ts';
import { toss, tossStraightThrough } from '../ops/coins.ts';
import type { Rng } from '../ops/random.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import * as tf from '../tf.ts';
import { type Context, defineMethod } from './method.ts';

const hparams = {
  parts: int(4, { min: 1, max: 8, doc: 'T: parts of the global latent' }),
  latents: int(8, { min: 2, max: 32, scale: 'log', doc: 'numbers of each part' }),
  what: int(12, { min: 2, max: 32, scale: 'log', doc: 'numbers of an appearance' }),
  heat: real(1, { min: 0.2, max: 3, scale: 'log', doc: 'temperature of the relaxed coin that presence takes its gradient from' }),
  rare: real(0.003, { min: 1e-4, max: 0.5, scale: 'log', doc: 'how likely a cell holds something, before the global latent knows' }),
  handover: real(0.4, { min: 0, max: 1, doc: 'share of the run over which a fixed prior of the cells gives way to the learned one' }),
  price: real(1, { min: 0.05, max: 5, scale: 'log', doc: 'weight of the global latent’s KL at the end; 1 is the ELBO itself' }),
  warmup: real(0.9, {
    min: 0,
    max: 1,
    doc: 'share of the run after which the global latent costs its full price; until the handover a tenth',
  }),
};
type C = Context<typeof hparams, 'pictures'>;
type Params = { readonly eye: symbols.SymbolEncoder; readonly global: draw.StructDraw; readonly painter: symbols.Painter };

const sampled = ({ mu, logVar }: symbols.Gaussian, rng: Rng, temperature = 1): tf.Tensor2D =>
  tf.add(mu, tf.mul(tf.mul(temperature, tf.exp(tf.mul(0.5, logVar))), rng.normals(mu.shape)));
/** One number for each cell: sums the columns of [N·K, D] to [N, K]. */
const perCell = (t: tf.Tensor2D): tf.Tensor2D => tf.reshape(tf.sum(t, 1), [-1, symbols.cells]);

/** q(z_g, z_s | x) = q(z_g | x) q(z_s | x): a draw of both, what the cells' prior p(z_s | z_g) is then, and −log p(x | z_s). */
function infer({ eye, global, painter }: Params, x: tf.Tensor4D, c: C, present: (logits: tf.Tensor2D) => tf.Tensor2D, trust = 1) {
  const { hp, rng, shape } = c;
  const maps = symbols.seen(eye, x);
  const { steps, map } = draw.follow(global, maps, hp.parts, (g, t) => sampled(g, rng.split('global', t)));
  const located = symbols.locate(eye, maps);
  const place = sampled(located.place, rng.split('place'));
  const q = { ...located, what: symbols.lookAt(eye, x, place) };
  const z = { presence: present(q.presence), place, what: sampled(q.what, rng.split('what')) };
  const p = draw.believe(global, map, hp.what);
  /** The cells' posterior, of which only so much follows the learned prior; that one follows all of it. */
  const following = <T extends tf.Tensor>(t: T): T => tf.add(tf.mul(trust, t), stopGradient(tf.mul(1 - trust, t)));
  const between = (a: symbols.Gaussian, b: symbols.Gaussian) => gaussiansKl(a.mu, a.logVar, b.mu, b.logVar);
  const led = (a: symbols.Gaussian, b: symbols.Gaussian) => between({ mu: following(a.mu), logVar: following(a.logVar) }, b);
  return {
    q,
    z,
    reconstruction: bernoulliMeanNll(symbols.paint(painter, symbols.thingsOf(z, shape), shape), x),
    global: tf.concat(
      steps.map(({ q, p }) => between(q, p)),
      1,
    ),
    // Of an absent cell place and appearance are never drawn: only its absence counts.
    cells: tf.add(
      bernoulliKl(following(q.presence), p.presence),
      tf.mul(following(z.presence), tf.add(perCell(led(q.place, p.place)), perCell(led(q.what, p.what)))),
    ) as tf.Tensor2D,
  };
}

/** A draw of the cells from what is believed of them. */
const realize = (belief: symbols.Belief, rng: Rng, temperature: number): symbols.Symbols => ({
  presence: toss(belief.presence, rng.split('presence')),
  place: sampled(belief.place, rng.split('place'), temperature),
  what: sampled(belief.what, rng.split('what'), temperature),
});

const binarize = (x: tf.Tensor4D, rng: Rng) => tf.step(tf.sub(x, rng.uniforms(x.shape))) as tf.Tensor4D;

/** How much of the way from one share of the run to another is done: 0 to 1. */
const reached = (progress: number, from: number, to: number) =>
  progress < from ? 0 : to > from ? Math.min(1, (progress - from) / (to - from)) : 1;

export const gnm = defineMethod({
  id: 'gnm',
  name: 'Generative neurosymbolic machine',
  family: 'objects',
  paper: { authors: 'Jiang, Ahn', year: 2020, title: 'Generative Neurosymbolic Machines', arxiv: '2010.12152' },
  summary: 'Describe a scene by objects with a place and a look, and the objects by one latent that knows how scenes are composed.',
  equation: String.raw`-\mathrm{ELBO} = \mathbb{E}_q\big[-\log p(x|z_s)\big] + \mathrm{KL}\big(q(z_g|x)\,\Vert\,p(z_g)\big) + \mathbb{E}_q\,\mathrm{KL}\big(q(z_s|x)\,\Vert\,p(z_s|z_g)\big)`,
  data: 'pictures',
  fits: ([side, , channels]) => side === 32 && channels === 1,
  units: { loss: 'nats', reconstruction: 'nats', klGlobal: 'nats', klCells: 'nats' },
  hparams,
  tuned: () => ({ steps: 1600, batchSize: 32, learningRate: 3e-3, weightDecay: 0 }),

  init: ({ hp, rng, shape }) => ({
    params: {
      eye: symbols.initSymbolEncoder(shape, hp.what, rng.split('eye')),
      global: draw.initStructDraw(hp.latents, hp.what, rng.split('global')),
      painter: symbols.initPainter(hp.what, rng.split('painter')),
    },
    state: {},
  }),
  loss: (params, _, { x }, c) => {
    const { hp, rng, progress } = c;
    const [trust, grown] = [reached(progress, 0, hp.handover), reached(progress, hp.handover, hp.warmup)];
    const present = (logits: tf.Tensor2D) => tossStraightThrough(logits, rng.split('presence'), hp.heat);
    const { q, z, reconstruction, global, cells } = infer(params, binarize(x, rng.split('pixels')), c, present, trust);
    const plain = tf.add(
      bernoulliKl(q.presence, Math.log(hp.rare / (1 - hp.rare))),
      tf.mul(z.presence, tf.add(perCell(gaussianKl(q.place.mu, q.place.logVar)), perCell(gaussianKl(q.what.mu, q.what.logVar)))),
    );
    const total = (t: tf.Tensor) => tf.mean(tf.sum(t, 1)) as tf.Scalar;
    const [distortion, klGlobal, klCells] = [tf.mean(reconstruction) as tf.Scalar, total(global), total(cells)];
    return {
      loss: tf.add(
        distortion,
        tf.add(tf.mul(hp.price * (0.1 + 0.9 * grown), klGlobal), tf.add(klCells, tf.mul(1 - trust, total(plain)))),
      ) as tf.Scalar,
      metrics: { reconstruction: distortion, klGlobal, klCells, present: total(tf.sigmoid(q.presence)) },
    };
  },

  elboTerms: ({ params }, x, c) => {
    const { reconstruction, global, cells } = infer(params, binarize(x, c.rng.split('pixels')), c, (logits) =>
      toss(logits, c.rng.split('presence')),
    );
    return { reconstruction, kl: tf.concat([global, cells], 1) };
  },
  sample: ({ params: { global, painter } }, n, temperature, { hp, rng, shape }) => {
    const map = draw.dream(global, n, hp.parts, (g, t) => sampled(g, rng.split('global', t), temperature));
    return symbols.paint(painter, symbols.thingsOf(realize(draw.believe(global, map, hp.what), rng, temperature), shape), shape);
  },
  perceive: ({ params: { eye } }, x, { shape }) => {
    const { presence, place } = symbols.locate(eye, symbols.seen(eye, x));
    return symbols.thingsOf(
      { presence: tf.step(presence) as tf.Tensor2D, place: place.mu, what: symbols.lookAt(eye, x, place.mu).mu },
      shape,
    );
  },
  compose: ({ params: { painter } }, things, { shape }) => ({
    image: symbols.paint(painter, things, shape),
    shares: symbols.sharesOf(painter, things, shape),
  }),
});
