/** Mistakes that must not compile: `npm run types` fails where a line below is accepted. Never run. */
import { choice, parse, real } from '../src/hparams.ts';
import { ntXent } from '../src/losses/contrastive.ts';
import { defineMethod, type Method } from '../src/methods/method.ts';
import * as tf from '../src/tf.ts';

const about = {
  id: 'x',
  name: 'X',
  family: 'contrastive',
  paper: { authors: '', year: 1, title: '', arxiv: '' },
  summary: '',
  equation: '',
} as const;

export const contrastive = defineMethod({
  ...about,
  data: 'views',
  hparams: { temperature: real(0.5, { min: 0, max: 1, doc: '' }), kind: choice('a', ['a', 'b'], { doc: '' }) },
  init: () => ({ params: { w: tf.zeros<tf.Rank.R2>([2, 2]) }, state: { queue: tf.zeros([2, 2]) } }),
  loss: (params, state, batch, { hp }) => {
    // @ts-expect-error a typo in a hyperparameter's name
    hp.temprature;
    // @ts-expect-error not one of the options
    hp.kind === 'c';
    // @ts-expect-error a batch of views has no x
    batch.x;
    // @ts-expect-error no such state
    state.centre;
    // @ts-expect-error no such parameter
    params.v;
    const z = (x: tf.Tensor4D) => tf.matMul(tf.reshape(x, [-1, 2]), params.w) as tf.Tensor2D;
    const [a, b] = batch.views;
    return { loss: ntXent(z(a), z(b), hp.temperature), aux: { z: z(a) } };
  },
  after: (_params, _state, aux) => {
    // @ts-expect-error no such aux
    aux.y;
    return { queue: aux.z };
  },
});

/** Every method is a plain `Method` too. */
export const plain: Method = contrastive as Method;

// @ts-expect-error a default that is not among the options
choice('z', ['a', 'b'], { doc: '' });

const values = parse(contrastive.hparams, {});
export const typed: readonly [number, 'a' | 'b'] = [values.temperature, values.kind];

defineMethod({
  ...about,
  data: 'points',
  hparams: {},
  init: () => ({ params: { w: tf.zeros([2]) }, state: { queue: tf.zeros([2]) } }),
  loss: ({ w }, _, { x }) => ({ loss: tf.mean(tf.mul(x, w)) as tf.Scalar }),
  // @ts-expect-error the next state must have the structure of the first
  after: () => ({ other: tf.zeros([2]) }),
});
