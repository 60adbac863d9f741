import * as tf from '../tf.ts';
import { type Numbers, numbers } from './numbers.ts';

/**
 * A seeded, splittable source of random numbers: the same path of splits gives the same numbers on every machine
 * and backend, so a run is decided by its seed and resuming needs no stored state.
 */
export type Rng = Omit<Numbers, 'split'> & {
  /** An independent stream named by its path: `rng.split('step', 7)`. Does not move this stream. */
  split(...path: readonly (string | number)[]): Rng;
  /** Standard normal tensor. */
  normals<R extends tf.Rank = tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R>;
  /** Uniform tensor on [low, high). */
  uniforms<R extends tf.Rank = tf.Rank>(shape: tf.ShapeMap[R], low?: number, high?: number): tf.Tensor<R>;
};

function filled<R extends tf.Rank>(shape: tf.ShapeMap[R], draw: () => number): tf.Tensor<R> {
  const values = new Float32Array((shape as number[]).reduce((n, s) => n * s, 1));
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return tf.tensor(values, shape);
}

const withTensors = (stream: Numbers): Rng => ({
  ...stream,
  split: (...path) => withTensors(stream.split(...path)),
  normals: (shape) => filled(shape, stream.normal),
  uniforms: (shape, low = 0, high = 1) => filled(shape, () => low + (high - low) * stream.uniform()),
});

/** The stream of a seed (a whole number; taken modulo 2³²). */
export const rng = (seed: number): Rng => withTensors(numbers(seed));
