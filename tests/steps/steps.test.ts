import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { byol } from '../../src/methods/byol.ts';
import { deepcluster } from '../../src/methods/deepcluster.ts';
import type { Method } from '../../src/methods/method.ts';
import { realnvp } from '../../src/methods/realnvp.ts';
import { relational } from '../../src/methods/relational.ts';
import { simclr } from '../../src/methods/simclr.ts';
import { vae } from '../../src/methods/vae.ts';
import type { Rng } from '../../src/ops/random.ts';
import { normalizeRows } from '../../src/ops/row-math.ts';
import { leaves, paths, type Tree } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';
import { createSession } from '../../src/train/session.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/steps.json';
import { loadBackends } from '../ops/backends.ts';
import { bytes, fill, images, uniform } from './formula.ts';

beforeAll(loadBackends);

const pictures = (side: number, channels: number): Dataset => {
  const split = { size: 6, pixels: bytes(900, 6, side, channels), labels: new Uint8Array(6) };
  return { kind: 'images', id: 'tiny', name: 'Tiny', shape: [side, side, channels], classes: ['0'], train: split, test: split };
};
let pointStep = 0;
const points: Dataset = {
  kind: 'points',
  id: 'tiny',
  name: 'Tiny',
  shape: [2],
  sample: () => Float32Array.from(tf.tidy(() => uniform(1000 + pointStep++, [12], -2, 2)).bufferSync().values),
  entropy: { nats: 0, how: '' },
  extent: 2,
};

/** Draws that the reference makes too, in place of a step's own stream. */
const drawn = (seeds: Readonly<Record<string, number>>): Rng =>
  ({
    split: (name: string) => ({
      uniforms: (shape: [number]) => uniform(seeds[name]!, shape, 0, 1),
      normals: (shape: [number]) => uniform(seeds[name]!, shape, -2, 2),
    }),
    uniforms: (shape: [number]) => uniform(seeds.uniforms!, shape, 0, 1),
  }) as unknown as Rng;

type Loss = Method['loss'];
const stepOf = (progress: number) => Math.round(progress * golden.settings.steps);

/** The method with the reference's batch and noise at each step. */
const fed = (method: Method, batch: (step: number) => unknown, seeds: (step: number) => Record<string, number> = () => ({})): Method => ({
  ...method,
  loss: (params, state, _, c) => {
    const step = stepOf(c.progress);
    return method.loss(params, state, batch(step) as Parameters<Loss>[2], { ...c, rng: drawn(seeds(step)) });
  },
});
const views = (step: number) => ({ views: [0, 1].map((v) => images(1000 + 2 * step + v, 6, 16, 1)) });
const imagesOf = (channels: number) => (step: number) => ({ x: images(1000 + step, 6, 8, channels) });

const labels = [
  [0, 1, 2, 3, 1, 0],
  [3, 3, 0, 1, 2, 0],
];
const orders = [
  [5, 0, 3, 2, 4, 1],
  [1, 1, 2, 0, 5, 4],
];
/** DeepCluster with given pseudo-labels, whose own batches, order of rows and reset of the classifier are the session's. */
const clustered: Method = {
  ...(deepcluster as Method),
  async epoch(params, _state, _data, { hp, progress }) {
    const epoch = stepOf(progress) / 2;
    const { top } = params as { top: { w: tf.Tensor; b: tf.Tensor } };
    return {
      state: { labels: tf.tensor1d(labels[epoch]!, 'int32'), centroids: normalizeRows(uniform<tf.Rank.R2>(800 + epoch, [4, 5])) },
      order: Int32Array.from(orders[epoch]!),
      ...(hp.variant === 'v1' ? { params: { top: fill(top, 700 + 10 * epoch) } as object } : {}),
    };
  },
};
const still = { rotation: 0, scaling: 0, shear: 0, shift: 0, erasing: 0 };

type Case = { readonly method: Method; readonly data: Dataset; readonly settings?: Record<string, unknown> };
const cases: Record<keyof typeof golden.cases, Case> = {
  simclr: { method: fed(simclr as Method, views), data: pictures(16, 1), settings: { projection: 4, temperature: 0.2 } },
  // The bias of the last projection, before the predictor's batch norm, has only rounding errors for a gradient, which Adam blows up to
  // whole steps; this momentum keeps them from the loss, which the target's bias does reach.
  byol: { method: fed(byol as Method, views), data: pictures(16, 1), settings: { projection: 4, momentum: 0.99 } },
  relational: {
    method: fed(relational as Method, (step) => ({ views: [0, 1, 2].map((v) => images(1000 + 3 * step + v, 6, 16, 1)) })),
    data: pictures(16, 1),
    settings: { views: 3, focus: 2 },
  },
  deepcluster: { method: clustered, data: pictures(16, 1), settings: { ...still, clusters: 4, components: 5, batchSize: 3 } },
  'deepcluster v2': {
    method: clustered,
    data: pictures(16, 1),
    settings: { ...still, clusters: 4, components: 5, batchSize: 3, variant: 'v2', temperature: 0.1 },
  },
  vae: {
    method: fed(vae as Method, imagesOf(1), (step) => ({ pixels: 2000 + step, epsilon: 3000 + step })),
    data: pictures(8, 1),
    settings: { latents: 3, beta: 2, warmup: 0 },
  },
  'vae in colour': {
    method: fed(vae as Method, imagesOf(3), (step) => ({ epsilon: 3000 + step })),
    data: pictures(8, 3),
    settings: { latents: 3, beta: 2, warmup: 0 },
  },
  'realnvp of points': { method: realnvp as Method, data: points, settings: { couplings: 3, width: 8 } },
  'realnvp of images': {
    method: fed(realnvp as Method, imagesOf(1), (step) => ({ uniforms: 2000 + step })),
    data: pictures(8, 1),
    settings: { couplings: 1, width: 8 },
  },
};

type Probe = { readonly at: number[]; readonly values: number[] };

/** Probed entries agree to a hundredth of a step's length: an optimizer moves each by about the learning rate. */
async function expectEntries(tree: Tree, expected: Readonly<Record<string, Probe>>, wholeTree = true) {
  const names = paths(tree);
  if (wholeTree) expect(names).toEqual(Object.keys(expected));
  for (const [i, t] of leaves(tree).entries()) {
    const { at, values } = expected[names[i]!]!;
    const all = await t.data();
    expectClose(
      at.map((place) => all[place]!),
      values,
      { rtol: 1e-5, atol: 0.01 * golden.settings.learningRate },
    );
  }
}

describe.each(['wasm', 'cpu'] as const)('on %s, training steps of PyTorch in float64', (backend) => {
  // Convolutions on cpu take a minute.
  for (const [name, { method, data, settings }] of Object.entries(cases)) {
    // Convolutions on cpu take a minute.
    if (backend === 'cpu' && name !== 'realnvp of points') continue;
    test(name, async () => {
      await tf.setBackend(backend);
      pointStep = 0;
      const { shapes, metrics, params, ...rest } = golden.cases[name as keyof typeof cases];
      const started: Method = {
        ...method,
        init: (c) => {
          const { params, state } = method.init(c);
          const { target } = state as { target?: Tree };
          return { params: fill(params, 0), state: target ? { target: fill(target, 500) } : state };
        },
      };
      const session = createSession(started, data, { seed: 0, settings: { batchSize: 6, ...settings, ...golden.settings } });
      const found = Object.fromEntries(paths(session.run.params).map((path, i) => [path, leaves(session.run.params)[i]!.shape]));
      expect(found, 'sizes: where they changed on purpose, change the constants in scripts/golden/steps.py and run it').toEqual(shapes);
      for (const expected of metrics) {
        const found = await (await session.advance()).metrics;
        expect(Object.keys(found)).toEqual(Object.keys(expected));
        expectClose(Object.values(found), Object.values(expected), { rtol: 1e-4 });
      }
      await expectEntries(session.run.params, params);
      if ('target' in rest) await expectEntries((session.run.state as { target: Tree }).target, rest.target);
      session.dispose();
    });
  }
});
