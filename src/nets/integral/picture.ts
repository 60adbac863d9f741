import { factorAt } from '../../data/constraints/problem.ts';
import { valueAt } from '../../ops/piecewise.ts';
import type { Exact } from './exact.ts';
import { cellsOf, isTable, type Message } from './messages.ts';
import { type Compensated, edgesOf, normalized, type Relaxed } from './relax.ts';

/** Cells in which marginals are compared and drawn. */
export const shownCells = 20;

/** A problem, the forest that stands in for it, and what that says of each variable and pair: plain numbers. */
export type Integral = {
  readonly text: string;
  readonly logZ: number;
  readonly logZExact: number | null;
  readonly variables: readonly {
    readonly name: string;
    readonly low: number;
    readonly high: number;
    /** What a discrete one can be, else null. */
    readonly values: readonly number[] | null;
    /** Probability of each cell, or value. */
    readonly approximate: Float32Array;
    readonly exact: Float32Array | null;
  }[];
  /** By pair factor: its variables, whether it was cut, its constraints, and their joint density, row by row from the second's low end. */
  readonly pairs: readonly {
    readonly first: number;
    readonly second: number;
    readonly cut: boolean;
    readonly says: readonly string[];
    readonly columns: number;
    readonly rows: number;
    readonly density: Float32Array;
  }[];
};

/** Points a side of a density's picture: their centres. */
const side = 120;

/** The marginals and pair densities of a compensated forest; `count` variables are the problem's own, the others are copies. */
export function pictureOf(text: string, count: number, relaxed: Relaxed, found: Compensated, exact: Exact | null): Integral {
  const { problem, cuts } = relaxed;
  const { forest } = found;
  const variables = problem.variables.slice(0, count).map((variable, v) => ({
    ...{ name: variable.name, low: variable.low, high: variable.high, values: variable.values },
    approximate: Float32Array.from(normalized(cellsOf(forest.belief(v), edgesOf(variable, shownCells)))),
    exact: exact && Float32Array.from(normalized(exact.cells[v]!)),
  }));
  const at = (message: Message, k: number, x: number) => (isTable(message) ? message[k]! : Math.max(0, valueAt(message, x)));
  const pairs = problem.factors.flatMap((factor, k) => {
    const [x, y] = factor.scope as [number, number | undefined];
    if (y === undefined) return [];
    const [places, heights] = [x, y].map((v) => {
      const { low, high, values } = problem.variables[v]!;
      const points = values ?? Array.from({ length: side }, (_, i) => low + ((i + 0.5) * (high - low)) / side);
      const rest = forest.belief(v, k);
      return { points, weights: points.map((point, i) => at(rest, i, point)) };
    }) as [{ points: readonly number[]; weights: number[] }, { points: readonly number[]; weights: number[] }];
    const z = forest.zOf(x);
    const cut = cuts.find((each) => each.factor === k);
    return {
      first: x,
      second: cut ? cut.variable : y,
      cut: !!cut,
      says: factor.sources,
      columns: places.points.length,
      rows: heights.points.length,
      density: Float32Array.from(
        heights.points.flatMap((b, j) =>
          places.points.map((a, i) => (factorAt(factor, a, b) * places.weights[i]! * heights.weights[j]!) / z),
        ),
      ),
    };
  });
  return { text, logZ: found.logZ, logZExact: exact && Math.log(exact.z), variables, pairs };
}
