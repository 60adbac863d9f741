import type { SceneDataset, SceneObject } from '../data/dataset.ts';
import type { Context, Method } from '../methods/method.ts';
import type { Things } from '../nets/symbols.ts';
import type { Breathe } from '../ops/breathe.ts';
import { tidy } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { mapRows, toImages } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions, Edit } from './artifact.ts';
import { mean } from './generation.ts';
import { clamp, contextOf, gridOf, readImages, readNumbers, upTo } from './grids.ts';
import type { Scores } from './scores.ts';
import { foregroundAri, severalOf, strongest } from './segmentation.ts';

/** Numbers of a thing: presence, down, right, side, depth. */
const columns = 5;
type Thing = { readonly y: number; readonly x: number };

/** Whether boxes are as many as objects, and each object has a box of its own whose centre lies within 3 pixels. */
export function foundAll(objects: readonly Pick<SceneObject, 'x' | 'y'>[], boxes: readonly Thing[]): boolean {
  const near = objects.map(({ x, y }) => boxes.findIndex((box) => Math.hypot(box.x - x, box.y - y) <= 3));
  return boxes.length === objects.length && !near.includes(-1) && new Set(near).size === near.length;
}

/** Presence, place and depth of all things, [N, K · 5]. */
const flat = ({ presence, boxes: { y, x, side }, depth }: Things): tf.Tensor2D =>
  tf.reshape(tf.concat([tf.expandDims(presence, 2), y, x, side, depth], 2), [presence.shape[0], -1]);

/** The boxes of present things in a row of `flat`. */
const boxesIn = (row: Float32Array): Thing[] =>
  upTo(row.length / columns)
    .filter((k) => row[k * columns]! > 0.5)
    .map((k) => ({ y: row[k * columns + 1]!, x: row[k * columns + 2]! }));

/** On held-out scenes: the share where all objects are found; foreground ARI of the things' shares; mean squared error of the image. */
export async function thingScores(session: Still, { test, shape }: SceneDataset, breathe: Breathe): Promise<Scores> {
  const { method, run } = session;
  const c = session.context('things');
  const area = shape[0] * shape[1];
  let count = 0;
  const look = (from: number, n: number) => {
    const x = toImages(test.pixels, shape, from, n);
    const things = method.perceive!(run, x, c);
    count = things.presence.shape[1];
    const { image, shares } = method.compose!(run, things, c);
    const error = tf.mean(tf.squaredDifference(image, x), [1, 2, 3]);
    return tf.concat([flat(things), tf.reshape(shares, [n, -1]), tf.reshape(error, [n, 1])], 1) as tf.Tensor2D;
  };
  const { values, columns: wide } = await mapRows(test.size, look, { batch: 20, breathe });
  const row = (i: number) => values.subarray(i * wide, (i + 1) * wide);
  return {
    foundAll: mean(upTo(test.size).map((i) => Number(foundAll(test.objects[i]!, boxesIn(row(i).subarray(0, count * columns)))))),
    foregroundAri: mean(
      severalOf(test).map((i) =>
        foregroundAri(test.masks.subarray(i * area, (i + 1) * area), strongest(row(i).subarray(count * columns, wide - 1), area)),
      ),
    ),
    sceneError: mean(upTo(test.size).map((i) => values[(i + 1) * wide - 1]!)),
  };
}

/** Things of one scene put together anew: each copies the look, size and depth of a thing that was found, at a centre of its own. */
function edited(things: Things, { scene, things: wanted }: Edit): Things {
  const count = things.presence.shape[1];
  const rows = tf.tensor1d(
    wanted.map(({ from }) => scene * count + clamp(from + 1, count) - 1),
    'int32',
  );
  const pick = (t: tf.Tensor) =>
    tf.reshape(tf.gather(tf.reshape(t, [things.presence.size, -1]), rows), [1, wanted.length, -1]) as tf.Tensor3D;
  const column = (values: number[]) => tf.tensor3d(values, [1, values.length, 1]);
  return {
    presence: tf.ones([1, wanted.length]),
    boxes: { y: column(wanted.map(({ y }) => y)), x: column(wanted.map(({ x }) => x)), side: pick(things.boxes.side) },
    depth: pick(things.depth),
    what: tf.reshape(pick(things.what), [wanted.length, -1]) as tf.Tensor2D,
  };
}

/** The first held-out scenes, what was found in them and how that looks; and one of them as it was rearranged. */
export async function things(session: Still, { count = 8, edit }: ArtifactOptions): Promise<Extract<Artifact, { kind: 'things' }>> {
  const { test, shape } = session.data as SceneDataset;
  const { method, run } = session;
  const rows = upTo(clamp(count, Math.min(24, test.size)));
  const originals = gridOf(test.pixels, shape, rows);
  const c = contextOf(session, 'things');
  const made = tidy(() => {
    const found = method.perceive!(run, toImages(originals.pixels, shape), c);
    const { image } = method.compose!(run, found, c);
    return { boxes: flat(found), image: tf.clone(image), ...(edit ? { edited: rearranged(method, run, found, edit, c) } : {}) };
  });
  const size = made.boxes.shape[1] / columns;
  return {
    kind: 'things',
    originals,
    objects: rows.map((i) => test.objects[i]!.length),
    painted: await readImages(made.image),
    each: size,
    things: await readNumbers(made.boxes),
    edited: edit && made.edited ? { edit, image: await readImages(made.edited) } : null,
  };
}

/** An emptied scene is the backdrop alone: that of a thing which is not there. */
function rearranged(method: Method, run: Still['run'], found: Things, edit: Edit, c: Context<Still['method']['hparams']>): tf.Tensor4D {
  const empty = edit.things.length === 0;
  const things = edited(found, empty ? { ...edit, things: [{ from: 0, y: 0, x: 0 }] } : edit);
  return tf.clone(method.compose!(run, empty ? { ...things, presence: tf.zeros([1, 1]) } : things, c).image);
}
