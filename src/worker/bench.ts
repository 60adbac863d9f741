import { rng } from '../ops/random.ts';
import * as tf from '../tf.ts';
import { type BenchStep, benchFlops, benchSize, createBenchStep } from '../train/bench.ts';
import type { BenchTrial, BenchWork } from './protocol.ts';

/** Rows and columns of the two matrices whose product is the machine's yardstick. */
const side = 1024;

/** What the bench page measures, on the current backend; the inputs stay on the device from one trial to the next. */
export type Bench = {
  /** Does the work `times` in a row and waits once, for the last result. Throws if the bench step's loss is no number. */
  measure(work: BenchWork, times: number): Promise<BenchTrial>;
  dispose(): void;
};

export function createBench(): Bench {
  let step: BenchStep | null = null;
  let matrices: [tf.Tensor2D, tf.Tensor2D] | null = null;

  const matMul = (): tf.Tensor => {
    matrices ??= [rng(1).normals<tf.Rank.R2>([side, side]), rng(2).normals<tf.Rank.R2>([side, side])];
    const [a, b] = matrices;
    // One number of the product: reading all of it back from a graphics card takes longer than computing it.
    return tf.tidy(() => tf.slice(tf.matMul(a, b), [0, 0], [1, 1]));
  };
  const benchStep = (): tf.Tensor => {
    step ??= createBenchStep();
    return step.step();
  };

  return {
    measure: async (work, times) => {
      const once = work === 'step' ? benchStep : matMul;
      const begun = performance.now();
      for (let i = 1; i < times; i++) once().dispose();
      const last = once();
      const [value] = await last.data();
      const ms = (performance.now() - begun) / times;
      last.dispose();
      if (!Number.isFinite(value))
        throw new Error(`The ${work} of the bench came out as ${value} on ${tf.getBackend()}, expected a number`);
      return { ms, flops: work === 'step' ? benchFlops(benchSize) : 2 * side ** 3 };
    },
    dispose: () => {
      step?.dispose();
      tf.dispose(matrices ?? []);
    },
  };
}
