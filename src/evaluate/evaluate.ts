import type { Dataset, ImageDataset } from '../data/dataset.ts';
import type { Method } from '../methods/method.ts';
import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import { collapseOf } from './collapse.ts';
import { diceScores } from './dice.ts';
import { isComparable, likelihoodScores, mean, sampleScores } from './generation.ts';
import { graphScores } from './graph.ts';
import { drawnScores, isDrawn } from './importance.ts';
import { objectScores } from './objects.ts';
import { projectionScores, representationScores } from './representation.ts';
import { isJudged, ruleScores } from './rule.ts';
import type { EvaluationOptions, Scores } from './scores.ts';
import { segmentationScores } from './segmentation.ts';
import { setScores } from './sets.ts';
import { telescopeScores } from './telescope.ts';
import { thingScores } from './things.ts';

export type { EvaluationOptions, Scores } from './scores.ts';

/** Whether `evaluate` has anything to say about a method on this data. */
export const isScored = (method: Method, data: Dataset): boolean =>
  !!(method.score ?? method.graph ?? method.pixelClasses) ||
  (data.kind === 'scenes' && !!(method.segment ?? method.describe ?? method.perceive ?? method.elboTerms ?? method.logProb)) ||
  (data.kind === 'points'
    ? !!method.logProb || isDrawn(method, data)
    : data.kind === 'sets'
      ? !!method.logProb
      : data.kind === 'images' &&
        (!!(
          method.embed ??
          method.classify ??
          method.telescope ??
          method.project ??
          method.elboTerms ??
          method.encode ??
          method.logProb ??
          method.inverse
        ) ||
          isComparable(method, data)));

/**
 * Scores a run by its capabilities, on the held-out split; each part only if the method can. The session is left as it was, and
 * must stand still meanwhile. Takes up to a minute, in pieces with a `breathe` between them: where that throws, so does this.
 */
export async function evaluate(
  session: Still,
  seed: number,
  breathe: Breathe = holdBreath,
  options: EvaluationOptions = {},
): Promise<Scores> {
  const { method, data } = session;
  const own: Scores = {
    ...(method.score ? await method.score(session.run, session.context('score')) : {}),
    ...(method.graph ? await graphScores(session) : {}),
  };
  if (data.kind === 'points')
    return {
      ...own,
      ...(method.logProb ? await pointScores(session, breathe) : {}),
      ...(isDrawn(method, data) ? await drawnScores(session, breathe) : {}),
    };
  if (data.kind === 'sets') return { ...own, ...(method.logProb ? await setScores(session, data, breathe) : {}) };
  if (data.kind === 'scenes')
    return {
      ...own,
      ...(method.segment ? await segmentationScores(session, data, breathe) : {}),
      ...(method.perceive ? await thingScores(session, data, breathe) : {}),
      ...(method.describe ? await objectScores(session, data, breathe) : {}),
      ...(await likelihoodScores(session, data, options, breathe)),
      ...(isJudged(method, data) ? await ruleScores(session, data, breathe) : {}),
    };
  if (data.kind === 'volumes') return { ...own, ...(method.pixelClasses ? await diceScores(session, breathe) : {}) };
  if (data.kind !== 'images') return own;
  return {
    ...own,
    ...(method.embed ? await representationScores(session, data, seed, breathe) : {}),
    ...(method.project ? { ...(await projectionScores(session, data, breathe)), ...(await collapseOf(session, 512)) } : {}),
    ...(await likelihoodScores(session, data, options, breathe)),
    ...(method.telescope ? await telescopeScores(session, data, breathe) : {}),
    ...(method.inverse ? { roundTripError: await roundTripError(session, data, breathe) } : {}),
    ...(isComparable(method, data) ? await sampleScores(session, data, breathe) : {}),
    ...(method.classify ? await classification(session, data, breathe) : {}),
  };
}

/** Share of held-out images in the right class, and the mean −log of its probability in nats. */
async function classification(session: Still, { test, shape }: ImageDataset, breathe: Breathe): Promise<Scores> {
  const c = session.context('classify');
  const classify = (from: number, n: number) => session.method.classify!(session.run, toImages(test.pixels, shape, from, n), c);
  const { values, columns } = await mapRows(test.size, classify, { breathe });
  let [right, nats] = [0, 0];
  for (let i = 0; i < test.size; i++) {
    const p = values.subarray(i * columns, (i + 1) * columns);
    if (p.indexOf(Math.max(...p)) === test.labels[i]) right++;
    nats -= Math.log(Math.max(p[test.labels[i]!]!, 1e-12));
  }
  return { accuracy: right / test.size, crossEntropy: nats / test.size };
}

/** Of the first 100 held-out images. */
async function roundTripError(session: Still, { test, shape }: ImageDataset, breathe: Breathe): Promise<number> {
  const { method, run } = session;
  const c = session.context('round trip');
  const errors = (from: number, count: number) => {
    const x = toImages(test.pixels, shape, from, count);
    return tf.reshape(tf.max(tf.abs(tf.sub(method.inverse!(run, method.forward!(run, x, c), c), x)), [1, 2, 3]), [-1, 1]) as tf.Tensor2D;
  };
  return Math.max(...(await mapRows(Math.min(100, test.size), errors, { batch: 20, breathe })).values);
}

async function pointScores(session: Still, breathe: Breathe): Promise<Scores> {
  const { method, run, data } = session;
  if (data.kind !== 'points') return {};
  const count = 20_000;
  // A seed of its own: the same held-out points for every run.
  const points = data.sample(count, rng(20_000).split(data.id));
  const c = session.context('points');
  const logProb = (from: number, n: number) =>
    tf.reshape(method.logProb!(run, tf.tensor2d(points.subarray(2 * from, 2 * (from + n)), [n, 2]), c), [-1, 1]) as tf.Tensor2D;
  return { nll: -mean((await mapRows(count, logProb, { batch: 2000, breathe })).values), entropy: data.entropy.nats };
}
