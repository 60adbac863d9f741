import type { Problem } from '../../data/constraints/problem.ts';
import type { Numbers } from '../../ops/numbers.ts';
import { type Exact, monteCarlo } from './exact.ts';
import { cellsOf } from './messages.ts';
import { type Compensated, compensate, distance, edgesOf, normalized, type Potentials, type Relaxed, uniform } from './relax.ts';

/** Copies that agree so well agree as well as float32 potentials can. */
const agreed = 1e-6;
const mostRounds = 100;

/**
 * The estimate against the truth, in nats; the mean total variation of the marginals (of real variables over the cells of `exact`); and
 * what uniform draws reach in the time that the rounds take from the start until copies agree: the standard error of their log Z.
 */
export function scoresOf(problem: Problem, relaxed: Relaxed, found: Compensated, exact: Exact | null, damping: number, rng: Numbers) {
  const bare = compensate(relaxed, uniform(relaxed), damping);
  const started = performance.now();
  let potentials: readonly Potentials[] = uniform(relaxed);
  for (let round = 0; round < mostRounds; round++) {
    const { next, disagreement } = compensate(relaxed, potentials, damping);
    if (disagreement < agreed) break;
    potentials = next;
  }
  const milliseconds = performance.now() - started;
  const scores = { logIntegral: found.logZ, monteCarloError: monteCarlo(problem, rng, milliseconds).error };
  if (!exact) return scores;
  const logZExact = Math.log(exact.z);
  const apart = problem.variables.map((variable, v) => {
    const truth = exact.cells[v]!;
    return distance(normalized(truth), normalized(cellsOf(found.forest.belief(v), edgesOf(variable, truth.length))));
  });
  return {
    ...scores,
    logIntegralExact: logZExact,
    logIntegralGap: Math.abs(found.logZ - logZExact),
    logIntegralGapRelaxed: Math.abs(bare.logZ - logZExact),
    marginalError: apart.reduce((sum, v) => sum + v, 0) / apart.length,
  };
}
