import { move } from '../data/views.ts';
import { choice, flag, int, real } from '../hparams.ts';
import { positionContrast, regionContrast, segmentationLoss } from '../losses/segmentation.ts';
import { head, initHead } from '../nets/layers.ts';
import { contract, expand, frozen, initUNet, unet, unetWidths } from '../nets/unet.ts';
import type { Rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { defineMethod } from './method.ts';

const hparams = {
  pretrain: choice('global + local', ['none', 'global', 'local', 'global + local'], { doc: 'what is learned before any label is read' }),
  share: real(0.75, { min: 0.1, max: 0.9, doc: 'of the run without labels; pretrain = none reads labels from the start' }),
  frozen: real(0, { min: 0, max: 1, doc: 'of the fine-tuning in which what was pre-trained stays as it is' }),
  labelled: int(2, { min: 1, max: 32, doc: 'volumes whose labels are read' }),
  augment: flag(true, { when: 'live', doc: 'labelled slices are turned, stretched and relit as well' }),
  local: choice('across', ['within', 'across'], { doc: 'the local loss looks for a region again within its slice, or across patients' }),
  partitions: int(4, { min: 2, max: 8, doc: 'parts of the height that the global loss tells apart' }),
  temperature: real(0.1, { min: 0.02, max: 1, scale: 'log', doc: 'τ of both contrasts' }),
};

/** Turned, stretched and shifted, every row its own way. */
const moved = (x: tf.Tensor4D, rng: Rng) =>
  move(
    x,
    { rotation: 20, scaling: 0.15, shear: 5, shift: 0.08 },
    Array.from({ length: x.shape[0] }, (_, i) => rng.split(i)),
  );
/** Lit from a side, with more or less contrast, every row its own way. */
const relit = (x: tf.Tensor4D, rng: Rng): tf.Tensor4D => {
  const [n, h, w] = x.shape;
  const each = (low: number, high: number, of: string) => rng.split(of).uniforms<tf.Rank.R4>([n, 1, 1, 1], low, high);
  const across = tf.reshape(tf.linspace(-1, 1, w), [1, 1, w, 1]);
  const down = tf.reshape(tf.linspace(-1, 1, h), [1, h, 1, 1]);
  const light = tf.add(tf.mul(each(-0.3, 0.3, 'across'), across), tf.mul(each(-0.3, 0.3, 'down'), down));
  return tf.mul(tf.pow(tf.relu(x), each(0.7, 1.4, 'gamma')), tf.exp(light));
};
/** Pixels of a region, and by how many regions a window is smaller than a slice. */
const [region, margin] = [4, 2];
/** A window at a random place, the same in all rows; and from a map of its regions, those that every window holds. */
const windowOf = (x: tf.Tensor4D, rng: Rng) => {
  const [, h, w, c] = x.shape;
  const [top, left] = [rng.integer(margin + 1), rng.integer(margin + 1)];
  const [high, wide] = [h - region * margin, w - region * margin];
  return {
    x: tf.slice(x, [0, region * top, region * left, 0], [-1, high, wide, c]),
    common: (maps: tf.Tensor4D) => {
      const size = [high / region - margin, wide / region - margin] as const;
      const middle = tf.slice(maps, [0, margin - top, margin - left, 0], [-1, ...size, -1]);
      return tf.reshape(middle, [x.shape[0], size[0] * size[1], -1]) as tf.Tensor3D;
    },
  };
};
/** A slice and its pixels' classes go the same way; what comes in from outside is background. */
const together = (x: tf.Tensor4D, y: tf.Tensor4D, rng: Rng) => {
  const both = moved(tf.concat([x, tf.slice(y, [0, 0, 0, 1], [-1, -1, -1, -1])], 3), rng);
  const [image, organs] = tf.split(both, [1, y.shape[3] - 1], 3) as [tf.Tensor4D, tf.Tensor4D];
  return { x: relit(image, rng.split('light')), y: tf.concat([tf.sub(1, tf.sum(organs, 3, true)), organs], 3) as tf.Tensor4D };
};

export const localContrastive = defineMethod({
  id: 'local-contrastive',
  name: 'Global and local contrast',
  family: 'contrastive',
  paper: {
    authors: 'Chaitanya, Erdil, Karani, Konukoglu',
    year: 2020,
    title: 'Contrastive Learning of Global and Local Features for Medical Image Segmentation with Limited Annotations',
    arxiv: '2006.10511',
  },
  summary:
    'Scans show the same body at the same height: learn that, and what sets regions apart, before the few labelled volumes are read.',
  equation: String.raw`\ell_g = -\log \frac{e^{\mathrm{sim}(z_i, z_j)/\tau}}{e^{\mathrm{sim}(z_i, z_j)/\tau} + \sum_{p_k \ne p_i} e^{\mathrm{sim}(z_i, z_k)/\tau}},\qquad \ell_l = -\log \frac{e^{\mathrm{sim}(f_r, g_r)/\tau}}{\sum e^{\mathrm{sim}(f_r, \cdot)/\tau}}`,
  data: 'slices',
  units: { loss: 'nats', global: 'nats', local: 'nats' },
  hparams,
  tuned: () => ({ steps: 3200, batchSize: 16, learningRate: 3e-3 }),

  init: ({ shape, classes, rng }) => ({
    params: {
      net: initUNet(shape[2], classes, rng.split('net')),
      global: initHead(((shape[0] - region * margin) * (shape[1] - region * margin) * unetWidths[3]) / 64, 64, 32, rng.split('global')),
      local: initHead(unetWidths[2], 32, 16, rng.split('local')),
    },
    state: {},
  }),
  loss: ({ net, global, local }, _, { x, twins, height, labelled }, { hp, rng, progress }) => {
    if (hp.pretrain === 'none' || progress >= hp.share) {
      const { x, y } = hp.augment ? together(labelled.x, labelled.y, rng.split('augment')) : labelled;
      const still = hp.pretrain !== 'none' && (progress - hp.share) / (1 - hp.share) < hp.frozen;
      return { loss: segmentationLoss(unet(still ? frozen(net, hp.pretrain.includes('local') ? 1 : 0) : net, x), y) };
    }
    // Two views turned alike and lit differently, through windows at different places: where on the window does not tell where in the body.
    const turn = rng.split('move');
    const other = hp.local === 'within' ? x : twins;
    const [a, b] = [
      windowOf(relit(moved(x, turn), rng.split('a')), rng.split('A')),
      windowOf(relit(moved(other, turn), rng.split('b')), rng.split('B')),
    ];
    const maps = contract(net, tf.concat([a.x, b.x]));
    const part = tf.floor(tf.mul(height, hp.partitions)) as tf.Tensor1D;
    const z = head(global, tf.reshape(maps.at(-1)!, [maps[0]!.shape[0], -1]));
    // After one level up, a place of the map is a region.
    const coarse = expand(net, maps, 1);
    const rows = head(local, tf.reshape(coarse, [-1, coarse.shape[3]]));
    const [f, g] = tf.split(tf.reshape(rows, [...coarse.shape.slice(0, 3), -1]), 2) as [tf.Tensor4D, tf.Tensor4D];
    const terms = {
      ...(hp.pretrain.includes('global') && { global: positionContrast(z, tf.concat([part, part]), hp.temperature) }),
      ...(hp.pretrain.includes('local') && { local: regionContrast(a.common(f), b.common(g), hp.temperature) }),
    };
    return { loss: tf.addN(Object.values(terms)) as tf.Scalar, metrics: terms };
  },

  pixelClasses: ({ params }, x) => tf.softmax(unet(params.net, x)) as tf.Tensor4D,
});
