/** Weights and inputs that scripts/golden/steps.py makes in the same way: a hash of the seed and the place. */
import { leaves, paths, type Tree, unflatten } from '../../src/ops/tree.ts';
import * as tf from '../../src/tf.ts';

function hash(seed: number, i: number): number {
  let x = Math.imul(seed * 100_003 + i + 1, 2654435761);
  x ^= x >>> 15;
  x = Math.imul(x, 2246822519);
  return (x ^ (x >>> 13)) >>> 0;
}

const tensor = <R extends tf.Rank>(shape: tf.ShapeMap[R], value: (i: number) => number): tf.Tensor<R> =>
  tf.tensor(
    Float32Array.from({ length: (shape as number[]).reduce((n, s) => n * s, 1) }, (_, i) => value(i)),
    shape,
  );

/** In [low, high). */
export const uniform = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R], low = -1, high = 1): tf.Tensor<R> =>
  tensor<R>(shape, (i) => low + ((high - low) * hash(seed, i)) / 2 ** 32);

/** Bytes of n square images made of plain squares of 4 × 4 pixels. */
export const bytes = (seed: number, n: number, side: number, channels: number): Uint8Array =>
  Uint8Array.from({ length: n * side * side * channels }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / channels), i % channels];
    const [line, column] = [Math.floor(pixel / side / 4), Math.floor((pixel % side) / 4)];
    return hash(seed, ((line * side) / 4 + column) * channels + channel) >>> 24;
  });

/** The same as numbers in [0, 1], [n, side, side, channels]. */
export const images = (seed: number, n: number, side: number, channels: number): tf.Tensor4D =>
  tf.tensor4d(
    Float32Array.from(bytes(seed, n, side, channels), (v) => v / 255),
    [n, side, side, channels],
  );

/** A tree of the structure of `tree`, of weights of the size that He et al. would draw. */
export function fill<T extends Tree>(tree: T, firstSeed: number): T {
  const names = paths(tree);
  return unflatten(
    tree,
    leaves(tree).map(({ shape }, k) => {
      const draw = uniform(firstSeed + k, shape as [number]);
      if (shape.length >= 2) return tf.mul(draw, Math.sqrt(6 / shape.slice(0, -1).reduce((n, s) => n * s, 1)));
      const offset = /(scale|bound)$/.test(names[k]!) ? 1 : names[k]!.endsWith('logScale') ? -2 : 0;
      return tf.add(offset, tf.mul(0.1, draw));
    }),
  );
}
