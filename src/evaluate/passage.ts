import * as tf from '../tf.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions, Cloud } from './artifact.ts';
import { clamp, contextOf, readNumbers } from './grids.ts';

/** Data on its way through the layers to noise, and noise on its way back: always the same points and the same draws. */
export async function passage(session: Still, { count = 800 }: ArtifactOptions): Promise<Extract<Artifact, { kind: 'passage' }>> {
  const { method, run, data } = session;
  if (data.kind !== 'points') throw new Error(`${data.name} has no points to follow`);
  const n = clamp(count, 2000);
  const c = contextOf(session, 'passage');
  let names: readonly string[] = [];
  const clouds = tf.tidy(() => {
    const found = method.passage!(run, tf.tensor2d(data.sample(n, c.rng.split('data')), [n, 2]), c);
    names = found.names;
    // A layer may hand its input on: each cloud gets a tensor of its own to free.
    return { there: found.there.map((x) => tf.clone(x)), back: found.back.map((x) => tf.clone(x)) };
  });
  const read = (all: readonly tf.Tensor2D[]): Promise<Cloud[]> =>
    Promise.all(all.map(async (cloud) => ({ columns: cloud.shape[1], values: await readNumbers(cloud) })));
  return { kind: 'passage', names, there: await read(clouds.there), back: await read(clouds.back) };
}
