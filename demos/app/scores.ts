import type { ScoreKey, Scores } from '../../src/evaluate/scores.ts';
import { integer, short } from './format.ts';

export type ScoreGroup =
  | 'representation'
  | 'projection'
  | 'clusters'
  | 'generation'
  | 'samples'
  | 'ratio'
  | 'drawn'
  | 'graph'
  | 'classification'
  | 'integral';

/** A score in words: the pages of a run and of a comparison draw the same list. */
export type ScoreInfo = {
  readonly key: ScoreKey;
  readonly name: string;
  readonly group: ScoreGroup;
  readonly format: (value: number) => string;
  /** Which way is better; null where neither is. */
  readonly better: 'higher' | 'lower' | null;
  /** One line. */
  readonly what: string;
  /** Its name where it stands for a whole run, in a list: of scores that say most of one. */
  readonly headline?: string;
  /** What to compare it with: scores of something else, drawn beside it. */
  readonly beside?: readonly { readonly key: ScoreKey; readonly name: string; readonly format?: (value: number) => string }[];
};

const minus = (text: string) => text.replace('-', '−');
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const plain = (value: number) => minus(value.toFixed(3));
const nats = (digits: number) => (value: number) => `${minus(value.toFixed(digits))} nats`;
const rank = (value: number) => value.toFixed(1);

const trainedBeside = (name: 'linearProbe' | 'knn') => [
  { key: `${name}Random`, name: 'random network' } as const,
  { key: `${name}Pixels`, name: 'raw pixels' } as const,
];

/** Every score that the lab knows, by group, best known first; a run has those that its method allows. */
export const scoreInfos: readonly ScoreInfo[] = [
  {
    key: 'linearProbe',
    name: 'Linear probe',
    headline: 'linear probe',
    group: 'representation',
    format: percent,
    better: 'higher',
    what: 'Held-out accuracy of a linear classifier trained on the frozen representation.',
    beside: trainedBeside('linearProbe'),
  },
  {
    key: 'knn',
    name: 'Nearest neighbours',
    group: 'representation',
    format: percent,
    better: 'higher',
    what: 'Held-out accuracy when each image takes the label of its nearest training images.',
    beside: trainedBeside('knn'),
  },
  {
    key: 'fewLabels100',
    name: '100 labels a class',
    group: 'representation',
    format: percent,
    better: 'higher',
    what: 'The linear probe with only 100 labelled images of each class.',
  },
  {
    key: 'fewLabels10',
    name: '10 labels a class',
    group: 'representation',
    format: percent,
    better: 'higher',
    what: 'The linear probe with 10 labelled images of each class, the mean of five draws.',
  },
  {
    key: 'fewLabels1',
    name: '1 label a class',
    group: 'representation',
    format: percent,
    better: 'higher',
    what: 'The linear probe with one labelled image of each class, the mean of ten draws.',
  },
  {
    key: 'rankMe',
    name: 'RankMe',
    group: 'representation',
    format: rank,
    better: 'higher',
    what: 'How many dimensions the representation uses in effect: exp of the entropy of its singular values. It needs no labels.',
  },
  {
    key: 'embeddingStd',
    name: 'Spread',
    group: 'projection',
    format: plain,
    better: 'higher',
    what: '√d × mean standard deviation of the normalized projection: 1 covers the sphere, 0 has collapsed to one point.',
  },
  {
    key: 'embeddingRank',
    name: 'Rank',
    group: 'projection',
    format: percent,
    better: 'higher',
    what: 'Share of its dimensions that the projection uses in effect; near 0 it has collapsed to a few directions.',
  },
  {
    key: 'rankMeProjection',
    name: 'RankMe',
    group: 'projection',
    format: rank,
    better: 'higher',
    what: 'RankMe of the projection instead of the representation.',
  },
  {
    key: 'alignment',
    name: 'Alignment',
    group: 'projection',
    format: plain,
    better: 'lower',
    what: 'Mean squared distance between the normalized projections of two views of one image: 0 when they coincide.',
  },
  {
    key: 'uniformity',
    name: 'Uniformity',
    group: 'projection',
    format: plain,
    better: 'lower',
    what: 'How evenly the projections fill the sphere: 0 when all coincide, about −4 when they spread over many dimensions.',
  },
  {
    key: 'clusterAccuracy',
    name: 'Accuracy',
    group: 'clusters',
    format: percent,
    better: 'higher',
    what: 'Share of images in the right class when each cluster is matched to one class (Hungarian method).',
  },
  {
    key: 'nmi',
    name: 'NMI',
    group: 'clusters',
    format: plain,
    better: 'higher',
    what: 'What clusters and labels tell about each other: 0 nothing, 1 everything.',
  },
  {
    key: 'ami',
    name: 'AMI',
    group: 'clusters',
    format: plain,
    better: 'higher',
    what: 'The same corrected for chance: random clusters score 0.',
  },
  {
    key: 'ari',
    name: 'ARI',
    group: 'clusters',
    format: plain,
    better: 'higher',
    what: 'Pairs of images on which clusters and labels agree, corrected for chance: 0 chance, 1 all.',
  },
  {
    key: 'negativeElbo',
    name: '−ELBO',
    headline: '−ELBO',
    group: 'generation',
    format: nats(2),
    better: 'lower',
    what: 'Upper bound on the negative log-likelihood of an image: reconstruction plus KL.',
  },
  {
    key: 'reconstruction',
    name: 'Reconstruction',
    group: 'generation',
    format: nats(2),
    better: 'lower',
    what: 'The first term: what it costs to write the image down, given its code.',
  },
  { key: 'kl', name: 'KL', group: 'generation', format: nats(2), better: null, what: 'The second term: what the code itself costs.' },
  {
    key: 'bound',
    name: 'Importance-weighted bound',
    group: 'generation',
    format: nats(2),
    better: 'lower',
    what: 'A tighter bound from several draws of the code: what it gains on −ELBO is the posterior’s error.',
    beside: [{ key: 'boundDraws', name: 'draws', format: integer }],
  },
  {
    key: 'nll',
    name: 'NLL',
    headline: 'NLL',
    group: 'generation',
    format: nats(3),
    better: 'lower',
    what: 'Mean negative log-likelihood of held-out data; it cannot fall below the entropy.',
    beside: [{ key: 'entropy', name: 'entropy of the data' }],
  },
  {
    key: 'bitsPerDim',
    name: 'Bits per dimension',
    headline: 'bits/dim',
    group: 'generation',
    format: (value) => `${value.toFixed(3)} bits`,
    better: 'lower',
    what: '−ELBO or negative log-likelihood, by pixel value. Without a model, a pixel that is black or white costs 1 bit, one of 256 levels 8.',
  },
  {
    key: 'activeUnits',
    name: 'Active units',
    group: 'generation',
    format: integer,
    better: null,
    what: 'Latents whose mean changes from image to image (variance above 0.01); the others say nothing.',
    beside: [{ key: 'latentUnits', name: 'latents in all' }],
  },
  {
    key: 'roundTripError',
    name: 'Round trip',
    group: 'generation',
    format: short,
    better: 'lower',
    what: 'Largest error of data → noise → data: how exact the inverse is.',
  },
  {
    key: 'gap',
    name: 'Between the modes',
    group: 'drawn',
    format: percent,
    better: 'lower',
    what: 'Share of the samples that lie where the density is lower than at 99 % of the data: 1.0 % would be right.',
    beside: [{ key: 'gapPlain', name: 'plain flow' }],
  },
  {
    key: 'ess',
    name: 'Effective sample size',
    group: 'drawn',
    format: percent,
    better: 'higher',
    what: 'How many samples of the target itself one weighted sample is worth: 100 % when all weigh the same.',
    beside: [{ key: 'essPlain', name: 'plain flow' }],
  },
  {
    key: 'reverseKl',
    name: 'Reverse KL',
    group: 'drawn',
    format: nats(3),
    better: 'lower',
    what: 'log Z less the mean log-weight: the KL divergence from samples to target, or that of their paths, which bounds it.',
    beside: [{ key: 'reverseKlPlain', name: 'plain flow' }],
  },
  {
    key: 'freeEnergy',
    name: 'Free-energy difference',
    group: 'drawn',
    format: (value) => `${minus(value.toFixed(3))} kT`,
    better: null,
    what: 'Of the right half against the left, from the weighted samples.',
    beside: [
      { key: 'freeEnergyExact', name: 'exact' },
      { key: 'freeEnergyPlain', name: 'plain flow' },
    ],
  },
  {
    key: 'logZ',
    name: 'log Z',
    group: 'drawn',
    format: nats(3),
    better: null,
    what: 'Logarithm of the mean weight: an unbiased estimate of the normalizing constant, whatever the sampler.',
    beside: [{ key: 'logZExact', name: 'exact' }],
  },
  {
    key: 'accuracy',
    name: 'Accuracy',
    group: 'classification',
    format: percent,
    better: 'higher',
    what: 'Share of held-out images in the right class.',
  },
  {
    key: 'crossEntropy',
    name: 'Cross-entropy',
    group: 'classification',
    format: nats(3),
    better: 'lower',
    what: 'Mean −log probability of the right class.',
  },
  {
    key: 'frechet',
    name: 'Fréchet distance',
    group: 'samples',
    format: plain,
    better: 'lower',
    what: 'How far the means and covariances of samples and held-out images are apart, as a classifier sees them.',
    beside: [{ key: 'frechetTraining', name: 'training images' }],
  },
  {
    key: 'precision',
    name: 'Precision',
    group: 'samples',
    format: percent,
    better: 'higher',
    what: 'Share of samples that lie where held-out images lie: quality.',
  },
  {
    key: 'recall',
    name: 'Recall',
    group: 'samples',
    format: percent,
    better: 'higher',
    what: 'Share of held-out images that lie where samples lie: variety.',
  },
  {
    key: 'mmd',
    name: 'MMD²',
    group: 'samples',
    format: short,
    better: 'lower',
    what: 'Squared distance between the two distributions with a Gaussian kernel: 0 when they are the same.',
  },
  {
    key: 'nearestTraining',
    name: 'Nearest training image',
    group: 'samples',
    format: plain,
    better: null,
    what: 'Median distance of a sample to it. Far below that of held-out images, the model repeats what it has seen.',
    beside: [{ key: 'nearestTrainingHeldOut', name: 'held-out images' }],
  },
  {
    key: 'estimatedNats',
    name: 'Log-ratio',
    group: 'ratio',
    format: nats(2),
    better: null,
    what: 'Mean of the estimated log-ratio over its numerator: a KL divergence, or a mutual information. InfoNCE: its lower bound.',
    beside: [{ key: 'trueNats', name: 'truth' }],
  },
  {
    key: 'relativeError',
    name: 'Error',
    headline: 'error',
    group: 'ratio',
    format: percent,
    better: 'lower',
    what: 'How far the estimate is from the truth, as a share of the truth.',
  },
  {
    key: 'shdSearched',
    name: 'Wrong edges after the search',
    group: 'graph',
    format: integer,
    better: 'lower',
    headline: 'wrong edges',
    what: 'Structural Hamming distance (SHD): edges to add, take away or turn round until the graph is the true one.',
    beside: [{ key: 'shd', name: 'NOTEARS alone' }],
  },
  {
    key: 'tprSearched',
    name: 'True edges found',
    group: 'graph',
    format: percent,
    better: 'higher',
    what: 'Share of the true edges that are there and point the right way (recall).',
    beside: [{ key: 'tpr', name: 'NOTEARS alone' }],
  },
  {
    key: 'fdrSearched',
    name: 'False discoveries',
    group: 'graph',
    format: percent,
    better: 'lower',
    what: 'Share of the learned edges that are no true edge this way round.',
    beside: [{ key: 'fdr', name: 'NOTEARS alone' }],
  },
  {
    key: 'logIntegral',
    name: 'log Z',
    group: 'integral',
    format: nats(4),
    better: null,
    what: 'The logarithm of the integral: of the weights over everything that satisfies the constraints.',
    beside: [{ key: 'logIntegralExact', name: 'exact' }],
  },
  {
    key: 'logIntegralGap',
    name: 'Distance from exact log Z',
    group: 'integral',
    format: (value) => `${short(value)} nats`,
    better: 'lower',
    what: 'Rounding alone on a tree. On loops: what remains when copies agree, beside the relaxation without compensation and beside the standard error of uniform draws in the same time.',
    beside: [
      { key: 'logIntegralGapRelaxed', name: 'without compensation' },
      { key: 'monteCarloError', name: 'Monte Carlo, same time' },
    ],
  },
  {
    key: 'marginalError',
    name: 'Error of marginals',
    group: 'integral',
    format: short,
    better: 'lower',
    what: 'Mean total variation between the marginals and the exact ones, over 20 cells of each real variable: 0 the same, 1 nothing in common.',
  },
];

/** The groups in their order; `how` says how its numbers are made. */
export const scoreGroups: Readonly<Record<ScoreGroup, { readonly title: string; readonly how: string }>> = {
  representation: {
    title: 'Representation',
    how: 'The probe is multinomial logistic regression on columns that are standardized by the training images, with L2 weight 0.001, fitted by L-BFGS until no slope exceeds 0.0001 (at most 200 evaluations), on every labelled training image. Few labels: the same on seeded draws of them. Nearest neighbours: 20 by cosine, a vote weighing exp(cosine / 0.1). The random network is this method’s own before training. RankMe: of up to 2,000 held-out images.',
  },
  projection: {
    title: 'Projection and collapse',
    how: 'Of what the loss compares. Spread and rank: of 512 held-out images (of 256, every 25 steps, in the curves). Alignment (α = 2) and uniformity (t = 2): of two fresh views of 1,000 held-out images.',
  },
  clusters: {
    title: 'Clusters',
    how: 'k-means on the normalized representations of the held-out images, with as many clusters as there are classes, the best of five starts; compared with labels that training never saw.',
  },
  generation: {
    title: 'Likelihood',
    how: 'On all held-out images. The importance-weighted bound takes the gain of its draws on 500 of them off −ELBO.',
  },
  drawn: {
    title: 'Samples on the density',
    how: '20,000 samples on a density that is known exactly. Weights: where its energy is known, and samples come with the probability of what drew them.',
  },
  classification: {
    title: 'Classification',
    how: 'On all held-out images, by the mean prediction of several draws of the network. Training is told the labels.',
  },
  samples: {
    title: 'Samples',
    how: '1,000 samples beside 1,000 held-out images in the 64 hidden numbers of a small classifier: for images of 28 × 28 × 1 one of MNIST digits, for 32 × 32 × 3 one of CIFAR-10, whatever the images show. So these are no FID, and compare only runs on the same data. Precision and recall: 3 nearest neighbours. MMD: biased; the kernel’s width is the median distance between held-out images.',
  },
  ratio: {
    title: 'Density ratio',
    how: 'Over about 10,000 fresh points of the numerator, which no step has seen. The truth is a closed form.',
  },
  graph: {
    title: 'Graph',
    how: 'Edges weaker than the threshold do not count. The local search starts from the graph of NOTEARS alone, with the same data and the same λ; an edge that points the wrong way counts once.',
  },
  integral: {
    title: 'Integral',
    how: 'The truth comes from conditioning: with one or two variables fixed, the rest is a tree, whose integral is exact; over those variables goes an adaptive rule, to 1e-7. Where more would have to be fixed there is none. Monte Carlo: uniform draws from the box of all bounds, for as long as the rounds take from the start until copies agree to 1e-6; its standard error changes with the machine.',
  },
};

/** The scores of a group that a run has. */
export const scoresIn = (group: ScoreGroup, scores: Scores): readonly ScoreInfo[] =>
  scoreInfos.filter((info) => info.group === group && scores[info.key] !== undefined);

/** The one score that says most of a run; null before it has one. */
export function headlineOf(scores: Scores | undefined): { readonly name: string; readonly text: string } | null {
  for (const { key, headline, format } of scoreInfos) {
    const value = scores?.[key];
    if (headline && value !== undefined) return { name: headline, text: format(value) };
  }
  return null;
}
