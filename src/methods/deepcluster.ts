import { choice, int, real } from '../hparams.ts';
import { crossEntropy } from '../losses/classification.ts';
import { encode, initEncoder } from '../nets/encoder.ts';
import { type Dense, dense, initDense } from '../nets/layers.ts';
import { nmi } from '../ops/clustering.ts';
import { kMeans } from '../ops/kmeans.ts';
import { normalizeRows as unit, whiten } from '../ops/linear-algebra.ts';
import type { Rng } from '../ops/random.ts';
import { normalizeRows } from '../ops/row-math.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { defineMethod } from './method.ts';

/** Rows to visit so that every pseudo-label comes equally often (sec. 3.3 of the paper: else a large cluster swallows the rest). */
function uniformOverLabels(labels: Int32Array, k: number, rng: Rng): Int32Array {
  const members = Array.from({ length: k }, (): number[] => []);
  for (const [row, label] of labels.entries()) members[label]!.push(row);
  const filled = members.filter(({ length }) => length > 0);
  return Int32Array.from(labels, () => {
    const cluster = filled[rng.integer(filled.length)]!;
    return cluster[rng.integer(cluster.length)]!;
  });
}

/** A deeper encoder than usual, averaged over quarters of the image: clusters want features that care little for place. */
const widths = [32, 64, 128] as const;
const cells = 2;

/** What stands on the features: v1's classifier, one logit for each cluster; v2's projection, whose direction meets the centroids. */
const initTop = ({ variant, clusters, components }: { variant: 'v1' | 'v2'; clusters: number; components: number }, rng: Rng): Dense =>
  initDense(cells * cells * widths[2], variant === 'v1' ? clusters : components, rng, variant === 'v1' ? 0.1 : 1);

export const deepcluster = defineMethod({
  id: 'deepcluster',
  name: 'DeepCluster',
  family: 'clustering',
  paper: {
    authors: 'Caron, Bojanowski, Joulin, Douze',
    year: 2018,
    title: 'Deep Clustering for Unsupervised Learning of Visual Features',
    arxiv: '1807.05520',
  },
  summary: 'Cluster the features with k-means, learn to predict the clusters as if they were labels, and repeat.',
  equation: String.raw`\min_{\theta, W} \frac1N \sum_n \ell\big(g_W(f_\theta(x_n)),\, y_n\big),\qquad \min_{C, y} \sum_n \lVert f_\theta(x_n) - C y_n \rVert_2^2`,
  data: 'view',
  units: { loss: 'nats' },
  hparams: {
    clusters: int(100, { min: 2, max: 300, scale: 'log', doc: 'k of k-means: far more than there are classes works best' }),
    components: int(32, { min: 4, max: 128, scale: 'log', doc: 'principal components that k-means sees, whitened' }),
    variant: choice('v1', ['v1', 'v2'], {
      doc: 'v1: a classifier reset every epoch; v2: the centroids themselves classify (arXiv:2006.09882)',
    }),
    temperature: real(0.1, { min: 0.02, max: 1, scale: 'log', doc: 'τ of v2: divides the cosine to a centroid' }),
  },
  tuned: () => ({ steps: 1550 }),

  init: ({ hp, rng, shape, size }) => {
    const { encoder, top } = { encoder: initEncoder(shape, rng.split('encoder'), widths), top: initTop(hp, rng.split('top')) };
    const state = { labels: tf.zeros<tf.Rank.R1>([size], 'int32'), centroids: tf.zeros<tf.Rank.R2>([hp.clusters, hp.components]) };
    return { params: { encoder, top }, state };
  },
  loss: ({ encoder, top }, { labels, centroids }, { view, index }, { hp }) => {
    const out = dense(encode(encoder, view, cells), top.w, top.b);
    const logits = hp.variant === 'v1' ? out : tf.div(tf.matMul(normalizeRows(out), centroids, false, true), hp.temperature);
    return { loss: crossEntropy(logits as tf.Tensor2D, tf.gather(labels, index)) };
  },
  epoch: async ({ encoder, top }, { labels }, data, { hp, rng, progress }) => {
    const v2 = hp.variant === 'v2';
    const features = await data.map((x) => (v2 ? dense(encode(encoder, x, cells), top.w, top.b) : encode(encoder, x, cells)));
    const seen = unit(v2 ? features : await whiten(features, hp.components));
    const { assignment, centroids } = await kMeans(seen, hp.clusters, rng.split('k-means'), { spherical: v2 });
    const before = Int32Array.from(await labels.data());
    return {
      state: { labels: tf.tensor1d(assignment, 'int32'), centroids: tf.tensor2d(centroids, [hp.clusters, seen.columns]) },
      // The loop cannot tidy what is asynchronous: without this each epoch would leave the weights' first draft behind.
      ...(v2 ? {} : { params: { top: tidy(() => initTop(hp, rng.split('top'))) } }),
      order: uniformOverLabels(assignment, hp.clusters, rng.split('order')),
      metrics: progress > 0 ? { stability: nmi(before, assignment) } : {},
    };
  },

  embed: ({ params }, x) => encode(params.encoder, x, cells),
  assignments: ({ state }) => state.labels,
});
