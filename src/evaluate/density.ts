import type { PointDataset } from '../data/dataset.ts';
import * as tf from '../tf.ts';
import type { Still } from '../train/session.ts';
import type { Artifact, ArtifactOptions } from './artifact.ts';
import { clamp, contextOf, readNumbers, upTo } from './grids.ts';

/** Lines through [−3, 3]² as points [x, y, …]: the first half at constant x, the second at constant y. */
function gridLines(lines: number, perLine: number): Float32Array {
  const at = (k: number, of: number) => -3 + (6 * k) / (of - 1);
  return Float32Array.from(
    upTo(lines).flatMap((line) =>
      upTo(perLine).flatMap((k) => {
        const [across, along] = [at(line % (lines / 2), lines / 2), at(k, perLine)];
        return line < lines / 2 ? [across, along] : [along, across];
      }),
    ),
  );
}

/** The density of a model of points on a grid, its samples beside data, and how its layers bend a grid of noise. */
export async function density(
  session: Still,
  { count = 1000, temperature = 1 }: ArtifactOptions,
): Promise<Extract<Artifact, { kind: 'density' }>> {
  const { method, run } = session;
  const { extent, entropy, sample } = session.data as PointDataset;
  const [side, lines, perLine, n] = [80, 26, 61, clamp(count, 2000)];
  const c = contextOf(session, 'density');
  // Values at the centres of the cells.
  const at = (k: number) => -extent + (2 * extent * (k + 0.5)) / side;
  const cells = upTo(side * side).flatMap((i) => [at(i % side), at(Math.floor(i / side))]);
  const logProb = (points: Float32Array | number[]) => method.logProb!(run, tf.tensor2d(points, [points.length / 2, 2]), c);
  const heldOut = sample(4000, c.rng.split('held out'));
  const made = tf.tidy(() => ({
    density: tf.exp(logProb(cells)),
    nll: tf.neg(tf.mean(logProb(heldOut))),
    samples: method.sample!(run, n, temperature, c),
    // A layer may hand its input on: each frame gets a tensor of its own to free.
    frames: (method.stages?.(run, tf.tensor2d(gridLines(lines, perLine), [lines * perLine, 2]), c) ?? []).map((frame) => tf.clone(frame)),
  }));
  const frames = await Promise.all(made.frames.map(readNumbers));
  const [values, nll, drawn] = await Promise.all([made.density, made.nll, made.samples].map(readNumbers));
  return {
    kind: 'density',
    side,
    extent,
    density: values!,
    data: sample(n, c.rng.split('data')),
    samples: drawn!,
    frames,
    lines,
    perLine,
    nll: nll![0]!,
    entropy: entropy.nats,
  };
}
