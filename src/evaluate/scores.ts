/** Every score of a run on held-out data, by name. Nothing here computes: pages read it too. */

/**
 * What the numbers are: accuracies, NMI and shares in [0, 1]; nats of an image or point; distances in the features of a small classifier.
 * A run has those that its method's capabilities allow.
 */
export const scoreKeys = [
  // Representation h. The same probes on raw pixels and on the method's own encoder before training stand beside.
  'linearProbe',
  'linearProbeRandom',
  'linearProbePixels',
  'knn',
  'knnRandom',
  'knnPixels',
  'fewLabels1',
  'fewLabels10',
  'fewLabels100',
  'rankMe',
  // Projection z.
  'rankMeProjection',
  'alignment',
  'uniformity',
  // k-means with as many clusters as classes on normalized representations, against the labels.
  'clusterAccuracy',
  'nmi',
  'ami',
  'ari',
  // Likelihood. `bound` is the importance-weighted one, of `boundDraws` draws.
  'negativeElbo',
  'reconstruction',
  'kl',
  'bound',
  'boundDraws',
  'bitsPerDim',
  // Of a model without its constant: with log Z by annealing from noise, without it, and of the noise below its ratios.
  'bitsPerDimAnnealed',
  'bitsPerDimUnnormalized',
  'bitsPerDimNoise',
  'nll',
  'entropy',
  'activeUnits',
  'latentUnits',
  'roundTripError',
  // Sets of points: nats a point of the model, of an even density, of points that know nothing of each other, and of who knows the picture.
  'nllPerPoint',
  'uniformPerPoint',
  'independentPerPoint',
  'floorPerPoint',
  // Classification by a method that is told the labels: accuracy, and the mean −log probability of the right class in nats.
  'accuracy',
  'crossEntropy',
  // Segmentation of held-out volumes: Dice, the mean over organs; over all volumes, and of the worst.
  'dice',
  'diceWorst',
  // Samples, and as many training images in their place.
  'frechet',
  'frechetTraining',
  'precision',
  'recall',
  'mmd',
  'nearestTraining',
  'nearestTrainingHeldOut',
  // A log-ratio, averaged over its numerator: estimated, and in closed form.
  'estimatedNats',
  'trueNats',
  'relativeError',
  // Draws on a 2-D density: the share that lies where 1 % of the data do; their weights, in nats; and the same of the plain sampler.
  'gap',
  'gapPlain',
  'ess',
  'essPlain',
  'reverseKl',
  'reverseKlPlain',
  'logZ',
  'logZExact',
  'freeEnergy',
  'freeEnergyPlain',
  'freeEnergyExact',
  // A learned graph against the true one, as it is and after the local search: wrong edges, and shares in [0, 1].
  'shd',
  'shdSearched',
  'tpr',
  'tprSearched',
  'fdr',
  'fdrSearched',
  // Integrals: log Z and its distance from the truth, that of the relaxation alone, the standard error of uniform draws in the same time.
  'logIntegral',
  'logIntegralExact',
  'logIntegralGap',
  'logIntegralGapRelaxed',
  'monteCarloError',
  'marginalError',
  // Scenes taken apart: foreground ARI, that of masks without a look at the colour, that of grouping pixels by colour, mean squared error of the image in [0, 1].
  'foregroundAri',
  'foregroundAriMasks',
  'foregroundAriColour',
  'sceneError',
  // Objects that were named: average precision anywhere, and within a quarter, an eighth … of the side; shares in [0, 1].
  'averagePrecision',
  'averagePrecision4',
  'averagePrecision8',
  'averagePrecision16',
  'averagePrecision32',
  'countRight',
  // Scenes that keep a rule: shares of samples with one digit in each quarter, and with the right ones; the latter of held-out scenes too.
  'wholeScenes',
  'obeyedRule',
  'obeyedRuleHeldOut',
  // Boxes found: share of held-out scenes with as many as there are objects, each within 3 pixels of one of its own.
  'foundAll',
  // Collapse.
  'embeddingStd',
  'embeddingRank',
] as const;
export type ScoreKey = (typeof scoreKeys)[number];
export type Scores = { readonly [K in ScoreKey]?: number };

/** What the user may choose of an evaluation. */
export type EvaluationOptions = {
  /** Draws of z for each image in the importance-weighted bound. */
  readonly boundDraws?: number;
};
export const boundDrawsDefault = 50;
