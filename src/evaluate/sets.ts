import type { Dataset, SetDataset } from '../data/dataset.ts';
import type { Method } from '../methods/method.ts';
import type { Breathe } from '../ops/breathe.ts';
import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { mapRows } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { mean } from './generation.ts';
import { clamp, contextOf, readNumbers } from './grids.ts';
import type { Scores } from './scores.ts';

const heldOut = 2000;

/** Mean −log p of the points of 2,000 held-out sets, in nats a point, beside what is known exactly of one who knows less or more. */
export async function setScores(session: Still, data: SetDataset, breathe: Breathe): Promise<Scores> {
  const { method, run, context } = session;
  const [size] = data.shape;
  // A seed of its own: the same held-out sets for every run.
  const points = data.sample(heldOut, rng(20_000).split(data.id), 'test');
  const c = context('sets');
  const logProb = (from: number, n: number) => {
    const x = tf.tensor3d(points.subarray(2 * size * from, 2 * size * (from + n)), [n, size, 2]);
    return tf.reshape(method.logProb!(run, x, c), [-1, 1]) as tf.Tensor2D;
  };
  const { values } = await mapRows(heldOut, logProb, { breathe });
  const { uniform, independent, floor } = data.references();
  return { nllPerPoint: -mean(values) / size, uniformPerPoint: uniform, independentPerPoint: independent, floorPerPoint: floor };
}

/** Whether there are sets to draw. */
export const drawsSets = (method: Method, data: Dataset): boolean => data.kind === 'sets' && !!method.sample;

/** Held-out sets, always the same, and samples of always the same noise. */
export async function sets(session: Still, { count = 24, temperature = 1 }: ArtifactOptions): Promise<Extract<Artifact, { kind: 'sets' }>> {
  const { method, run } = session;
  const { shape, extent, sample } = session.data as SetDataset;
  const n = clamp(count, 64);
  const c = contextOf(session, 'sets');
  const drawn = tf.tidy(() => method.sample!(run, n, temperature, c));
  return {
    kind: 'sets',
    size: shape[0],
    extent,
    temperature,
    data: sample(n, c.rng.split('held out'), 'test'),
    samples: await readNumbers(drawn),
  };
}
