import type { Rng } from '../ops/random.ts';
import type * as tf from '../tf.ts';

/**
 * A density that is known up to its constant Z, as ratios on top of noise: log p̃(z) = log N(z; 0, I) + Σ_k log r_k(z), in coordinates in
 * which the noise is standard normal. Bridge 0 is the one next to the data.
 */
export type Telescope = {
  readonly bridges: number;
  readonly dimensions: number;
  /** How many stages a walk takes at least: each bridge is let in by as many equal parts as that makes. */
  readonly stages: number;
  /** Σ_k share_k log r_k: points [N, D] and a share of each bridge, [m] → [N], nats. */
  readonly logRatios: (z: tf.Tensor2D, shares: readonly number[]) => tf.Tensor1D;
};

/** The same of images, and the way between them and z. `logDet` is log|∂z/∂x| of 256-level pixels with fresh uniform noise, [N] nats. */
export type ImageTelescope = Telescope & {
  readonly toNoise: (x: tf.Tensor4D, rng: Rng) => { readonly z: tf.Tensor2D; readonly logDet: tf.Tensor1D };
  readonly toImages: (z: tf.Tensor2D) => tf.Tensor4D;
};

/** One temperature on the way: how much of each bridge counts, and the length of a leapfrog step there. */
export type Stage = { readonly shares: readonly number[]; readonly sigma: number };

/** From noise to data: bridge after bridge, the one next to the noise first, each let in by equal parts. */
export function sharesOf({ bridges, stages }: Pick<Telescope, 'bridges' | 'stages'>): number[][] {
  const parts = Math.ceil(stages / bridges);
  return Array.from({ length: bridges * parts }, (_, t) =>
    Array.from({ length: bridges }, (_, k) => Math.min(1, Math.max(0, (t + 1) / parts - (bridges - 1 - k)))),
  );
}
