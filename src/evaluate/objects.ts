import type { Dataset, SceneDataset } from '../data/dataset.ts';
import { objectSize, packObjects, readObjects } from '../data/objects.ts';
import type { Method } from '../methods/method.ts';
import type { Breathe } from '../ops/breathe.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { averagePrecision } from './average-precision.ts';
import { mean } from './generation.ts';
import { bytes, clamp, contextOf, gridOf, readNumbers, upTo } from './grids.ts';
import type { Scores } from './scores.ts';

/** Whether a run names the objects of scenes. */
export const isDescribed = (method: Method, data: Dataset): data is SceneDataset => data.kind === 'scenes' && !!method.describe;

/** On held-out scenes: average precision, anywhere and within shares of the side; and how often the number of objects is right. */
export async function objectScores(session: Still, { test, shape }: SceneDataset, breathe: Breathe): Promise<Scores> {
  const { method, run } = session;
  const c = session.context('describe');
  const describe = (from: number, n: number) =>
    tf.reshape(method.describe!(run, toImages(test.pixels, shape, from, n), c).objects, [n, -1]) as tf.Tensor2D;
  const { values, columns } = await mapRows(test.size, describe, { batch: 50, breathe });
  const [side] = shape;
  const scenes = upTo(test.size).map((i) => ({
    truth: test.objects[i]!,
    seen: readObjects(values.subarray(i * columns, (i + 1) * columns), side),
  }));
  const within = (share: number) => averagePrecision(scenes, share * side);
  return {
    averagePrecision: within(Number.POSITIVE_INFINITY),
    averagePrecision4: within(1 / 4),
    averagePrecision8: within(1 / 8),
    averagePrecision16: within(1 / 16),
    averagePrecision32: within(1 / 32),
    countRight: mean(scenes.map(({ truth, seen }) => Number(seen.filter(({ presence }) => presence > 0.5).length === truth.length))),
  };
}

/** The first held-out scenes, their true objects, and what each slot says. */
export async function objects(session: Still, { count = 8 }: ArtifactOptions): Promise<Extract<Artifact, { kind: 'objects' }>> {
  const { test, shape } = session.data as SceneDataset;
  const rows = upTo(clamp(count, Math.min(24, test.size)));
  const originals = gridOf(test.pixels, shape, rows);
  const said = tidy(() => session.method.describe!(session.run, toImages(originals.pixels, shape), contextOf(session, 'objects')));
  const [, , h, w] = said.attention.shape;
  return {
    kind: 'objects',
    originals,
    truth: packObjects(
      rows.map((i) => test.objects[i]!),
      shape[0],
    ),
    slots: said.objects.size / (rows.length * objectSize),
    seen: await readNumbers(said.objects),
    attention: { side: [h, w], shares: bytes(await readNumbers(said.attention)) },
  };
}
