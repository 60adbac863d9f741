/** What an estimator makes of the bridges between two distributions, beside the truth. */
import type { Rng } from '../ops/random.ts';
import { read } from '../ops/tree.ts';
import * as tf from '../tf.ts';
import { type Alpha, type Chasm, gaussianLogDensity } from './waymarks.ts';

/** Log-ratios of m bridges, estimated and true; plain numbers. */
export type Ratios = {
  /** What each bridge adds to KL(p₀ ‖ p_m): E over p₀ of log p_k/p_{k+1}, nats, [m]. */
  readonly truth: Float32Array;
  readonly estimate: Float32Array;
  /** In one dimension: log r_k over x, bridge after bridge [m × points], and the waymarks' Gaussians [m + 1]. */
  readonly curve?: {
    readonly x: Float32Array;
    readonly truth: Float32Array;
    readonly estimate: Float32Array;
    readonly means: Float32Array;
    readonly deviations: Float32Array;
  };
};

export type Estimator = {
  /** Each bridge's mean log-ratio over a draw of p₀, nats, [m]. */
  readonly mean: (drawn: ReturnType<Chasm['draw']>) => tf.Tensor;
  /** log r_k(x): [N, D] → [m, N], nats. */
  readonly logRatios: (x: tf.Tensor2D) => tf.Tensor2D;
};

/** Fresh points of p₀ that means are taken over, about. */
const fresh = 10_000;
const points = 201;

/** An estimator's bridges beside the true ones, over fresh draws of `rows` rows each. */
export async function ratiosOf(chasm: Chasm, alphas: readonly Alpha[], estimator: Estimator, rows: number, rng: Rng): Promise<Ratios> {
  const sum = new Float64Array(alphas.length - 1);
  const rounds = Math.ceil(fresh / rows);
  for (let round = 0; round < rounds; round++) {
    const part = await read(() => estimator.mean(chasm.draw(rows, rng.split('held out', round))));
    for (const [k, value] of part.entries()) sum[k]! += value / rounds;
  }
  const nats = alphas.map(chasm.expected);
  const found = { truth: Float32Array.from(sum, (_, k) => nats[k]! - nats[k + 1]!), estimate: Float32Array.from(sum) };
  if (!chasm.gaussian) return found;

  const gaussians = alphas.map(chasm.gaussian);
  const [first, last] = [gaussians[0]!, gaussians.at(-1)!];
  const [from, to] = [first.mean - 6 * first.deviation, last.mean + 3 * last.deviation];
  const x = Float32Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
  const logDensities = gaussians.map((gaussian) => Array.from(x, (at) => gaussianLogDensity(at, gaussian)));
  return {
    ...found,
    curve: {
      x,
      truth: Float32Array.from(logDensities.slice(1).flatMap((next, k) => next.map((log, i) => logDensities[k]![i]! - log))),
      estimate: await read(() => estimator.logRatios(tf.tensor2d(x, [points, 1]))),
      means: Float32Array.from(gaussians, ({ mean }) => mean),
      deviations: Float32Array.from(gaussians, ({ deviation }) => deviation),
    },
  };
}

/** The sums over all bridges, nats, and how far the one is from the other as a share of the truth. */
export function ratioScores({ truth, estimate }: Ratios): { estimatedNats: number; trueNats: number; relativeError: number } {
  const [trueNats, estimatedNats] = [truth, estimate].map((nats) => nats.reduce((a, v) => a + v, 0)) as [number, number];
  return { estimatedNats, trueNats, relativeError: Math.abs(estimatedNats - trueNats) / trueNats };
}
