import type { Dataset, SceneDataset } from '../data/dataset.ts';
import type { Method, Parts } from '../methods/method.ts';
import type { Breathe } from '../ops/breathe.ts';
import { ari } from '../ops/clustering.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { mean } from './generation.ts';
import { bytes, clamp, contextOf, gridOf, readImages, readNumbers, upTo } from './grids.ts';
import type { Scores } from './scores.ts';

/** Whether a run takes scenes apart whose objects are known. */
export const isSegmented = (method: Method, data: Dataset): data is SceneDataset => data.kind === 'scenes' && !!method.segment;

/**
 * Foreground ARI of one scene: the adjusted Rand index between the true objects and the parts found, over the pixels that belong to
 * an object (truth > 0): 1 when every object is one part of its own, 0 on average by chance. What becomes of the background does not
 * count. A scene of one object has 1 where it stays whole and 0 where it is split, however little. Throws where there is no object.
 */
export function foregroundAri(truth: ArrayLike<number>, found: ArrayLike<number>): number {
  const seen = Array.from(truth, (_, p) => p).filter((p) => truth[p]! > 0);
  return ari(
    seen.map((p) => truth[p]!),
    seen.map((p) => found[p]!),
  );
}

/** The part that has most of each pixel of one image, from shares [parts × pixels]. */
export function strongest(shares: Float32Array, pixels: number): Uint8Array {
  const best = new Uint8Array(pixels);
  for (let at = pixels; at < shares.length; at++)
    if (shares[at]! > shares[best[at % pixels]! * pixels + (at % pixels)]!) best[at % pixels] = at / pixels;
  return best;
}
const whole = ({ images, masks }: Parts): tf.Tensor4D => tf.sum(tf.mul(images, tf.expandDims(masks, 4)), 1);

/**
 * On held-out scenes: mean squared error of the image, of all; foreground ARI of the last round's owners, of its masks alone, and of
 * grouping pixels by exact colour, of those with several objects: of a single one it says nothing but 1 or 0, and a pixel decides.
 */
export async function segmentationScores(session: Still, { test, shape }: SceneDataset, breathe: Breathe): Promise<Scores> {
  const { method, run } = session;
  const c = session.context('segment');
  const area = shape[0] * shape[1];
  const found = (from: number, n: number) => {
    const x = toImages(test.pixels, shape, from, n);
    const parts = method.segment!(run, x, c).at(-1)!;
    const error = tf.mean(tf.squaredDifference(whole(parts), x), [1, 2, 3]);
    return tf.concat([tf.reshape(parts.owners, [n, -1]), tf.reshape(parts.masks, [n, -1]), tf.reshape(error, [n, 1])], 1) as tf.Tensor2D;
  };
  const { values, columns } = await mapRows(test.size, found, { batch: 20, breathe });
  const several = severalOf(test);
  const half = (columns - 1) / 2;
  const [ours, ofMasks, byColour]: [number[], number[], number[]] = [[], [], []];
  for (const i of several) {
    const truth = test.masks.subarray(i * area, (i + 1) * area);
    // Red, green and blue as one number.
    const colours = upTo(area).map((p) => upTo(shape[2]).reduce((all, c) => 256 * all + test.pixels[(i * area + p) * shape[2] + c]!, 0));
    const known = [...new Set(colours)];
    const [owners, masks] = [0, half].map((from) => values.subarray(i * columns + from, i * columns + from + half)) as [
      Float32Array,
      Float32Array,
    ];
    ours.push(foregroundAri(truth, strongest(owners, area)));
    ofMasks.push(foregroundAri(truth, strongest(masks, area)));
    byColour.push(
      foregroundAri(
        truth,
        colours.map((colour) => known.indexOf(colour)),
      ),
    );
  }
  const errors = upTo(test.size).map((i) => values[(i + 1) * columns - 1]!);
  return { foregroundAri: mean(ours), foregroundAriMasks: mean(ofMasks), foregroundAriColour: mean(byColour), sceneError: mean(errors) };
}

/** The scenes of several objects. */
export const severalOf = ({ size, objects }: SceneDataset['test']) => upTo(size).filter((i) => objects[i]!.length > 1);

/** The first held-out scenes with at least two objects, taken apart round by round. */
export async function parts(session: Still, { count = 6 }: ArtifactOptions): Promise<Extract<Artifact, { kind: 'parts' }>> {
  const { test, shape } = session.data as SceneDataset;
  const [h, w] = shape;
  const rows = severalOf(test).slice(0, clamp(count, 12));
  const originals = gridOf(test.pixels, shape, rows);
  const truth = gridOf(test.masks, [h, w, 1], rows).pixels;
  const made = tidy(() =>
    session.method.segment!(session.run, toImages(originals.pixels, shape), contextOf(session, 'parts')).map((round) => ({
      whole: whole(round),
      masks: tf.clone(round.masks),
      owners: tf.clone(round.owners),
      images: tf.reshape(round.images, [-1, ...shape]) as tf.Tensor4D,
      attention: tf.clone(round.attention),
    })),
  );
  const rounds = [];
  for (const { whole, masks, owners, images, attention } of made) {
    const [, parts] = masks.shape;
    const owned = await readNumbers(owners);
    const size = parts * h * w;
    const found = rows.map((_, i) => strongest(owned.subarray(i * size, (i + 1) * size), h * w));
    const [, , ah, aw] = attention.shape;
    rounds.push({
      whole: await readImages(whole),
      images: await readImages(images),
      masks: bytes(await readNumbers(masks)),
      attention: { side: [ah, aw] as const, shares: bytes(await readNumbers(attention)) },
      found: Uint8Array.from(found.flatMap((one) => [...one])),
      ari: Float32Array.from(found, (one, i) => foregroundAri(truth.subarray(i * h * w, (i + 1) * h * w), one)),
    });
  }
  return { kind: 'parts', originals, truth, parts: made[0]!.masks.shape[1]!, rounds };
}
