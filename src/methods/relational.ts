import { int, real } from '../hparams.ts';
import { binaryCrossEntropy } from '../losses/classification.ts';
import { encode, initEncoder, representation } from '../nets/encoder.ts';
import { initHead } from '../nets/layers.ts';
import { allLogits, pairLogits, pairsOf } from '../nets/relation.ts';
import * as tf from '../tf.ts';
import { defineMethod } from './method.ts';

/** Hidden units of the relation head. */
const width = 256;

export const relational = defineMethod({
  id: 'relational',
  name: 'Relational reasoning',
  family: 'relational',
  paper: {
    authors: 'Patacchiola, Storkey',
    year: 2020,
    title: 'Self-Supervised Relational Reasoning for Representation Learning',
    arxiv: '2006.05849',
  },
  summary: 'Judge pairs of views: the same image twice, or two different ones.',
  equation: String.raw`\mathcal{L} = -\frac1M \sum_{m} (1 - p_m)^\gamma \log p_m,\qquad p_m = \begin{cases} \sigma\big(r(h_m \oplus h_m')\big) & \text{same image} \\ 1 - \sigma\big(r(h_m \oplus h_m')\big) & \text{two images} \end{cases}`,
  data: 'views',
  hparams: {
    views: int(4, { min: 2, max: 32, scale: 'log', doc: 'K: views of each image; pairs grow with its square' }),
    focus: real(2, { min: 0, max: 5, doc: 'γ: how much less a pair counts that is already told right; 0 is plain cross-entropy' }),
  },
  // As many views a step as the methods with two of each image.
  tuned: () => ({ batchSize: 64 }),

  init: ({ rng, shape }) => {
    const encoder = initEncoder(shape, rng.split('encoder'));
    const relation = initHead(2 * representation(encoder), width, 1, rng.split('relation'));
    return { params: { encoder, relation }, state: { mean: tf.zeros<tf.Rank.R2>([1, width]), variance: tf.ones<tf.Rank.R2>([1, width]) } };
  },
  loss: ({ encoder, relation }, _, { views }, { hp }) => {
    const h = encode(encoder, tf.concat([...views]));
    const pairs = pairsOf(views[0].shape[0], views.length);
    const { logits, statistics } = pairLogits(relation, h, pairs);
    const related = tf.tensor1d(pairs.related);
    const right = tf.step(tf.mul(logits, tf.sub(related, 0.5)));
    return { loss: binaryCrossEntropy(logits, related, hp.focus), metrics: { pairAccuracy: tf.mean(right) as tf.Scalar }, aux: statistics };
  },
  /** What the head's batch normalization saw last, so that a pair can be judged without a batch around it. */
  after: (_, __, { mean, variance }) => ({ mean, variance }),

  embed: ({ params }, x) => encode(params.encoder, x),
  relate: ({ params: { encoder, relation }, state }, x, y) =>
    tf.sigmoid(allLogits(relation, encode(encoder, x), encode(encoder, y), state)),
});
