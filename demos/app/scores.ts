import type { Scores } from '../../src/evaluate/scores.ts';
import type { ScoreGroup, ScoreInfo } from './score-info.ts';
import { scoresOfImages } from './scores-of-images.ts';
import { scoresOfTruth } from './scores-of-truth.ts';

export type { ScoreGroup, ScoreInfo } from './score-info.ts';

/** Every score that the lab knows; a run has those that its method allows. */
export const scoreInfos: readonly ScoreInfo[] = [...scoresOfImages, ...scoresOfTruth];

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
    how: 'On all held-out images, on 20,000 points, or on 2,000 sets of points. The importance-weighted bound takes the gain of its draws on 500 of them off −ELBO. Of a model that is known but for its constant: on 500 of them, the constant by 32 walks of annealing each way.',
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
  objects: {
    title: 'Objects',
    how: 'Each pixel goes to the slot, or thing, with the largest mask. The adjusted Rand index is the mean over the held-out scenes of several objects, and counts their pixels only: what becomes of the background does not matter. The error is that of all held-out scenes.',
  },
  rule: {
    title: 'Rule of the scenes',
    how: 'A judge looks for one digit in each quarter of 500 samples: the training digit nearest to it says which. What is farther from all of them than any held-out digit is none, and ink beside it counts against it. It sees nothing of the model.',
  },
  named: {
    title: 'Named objects',
    how: 'On all held-out scenes, all slots, the surest first. A slot is right if a true object that no surer slot has taken has its shape and colour, and its centre within the distance. Average precision is the area under precision against recall. The radius does not count.',
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
