import type { Factor, Problem, Variable } from '../../data/constraints/problem.ts';
import { breaksOf } from '../../ops/piecewise.ts';
import { cellsOf, type Forest, type Message, openForest } from './messages.ts';

/** A pair factor whose second variable was replaced by a copy of its own; `variable` is the one copied. */
export type Cut = { readonly factor: number; readonly variable: number; readonly copy: number };
/** A problem whose graph is a forest: factors keep their places, copies come after the variables. */
export type Relaxed = { readonly problem: Problem; readonly cuts: readonly Cut[]; readonly edges: readonly (readonly number[])[] };

/** What compensates for one cut: a density over the cells of the variable, and one over those of its copy. */
export type Potentials = { readonly original: Float64Array; readonly copy: Float64Array };

/** The ends of `count` equal cells of a real variable; of a discrete one each value is a cell of width 1. */
export const edgesOf = ({ low, high, values }: Variable, count: number): number[] =>
  Array.from({ length: (values ? values.length : count) + 1 }, (_, k) => (values ? k : low + (k * (high - low)) / count));

const isPair = ({ scope }: Factor) => scope.length === 2;

/** The pair factors of a spanning forest, as shallow as the best root allows: deep trees make messages of many pieces. */
function spanning({ variables, factors }: Problem): Set<number> {
  let best: { readonly kept: Set<number>; readonly depth: number } | null = null;
  for (let root = 0; root < variables.length; root++) {
    const depths = new Map<number, number>();
    const kept = new Set<number>();
    for (const start of [root, ...variables.keys()]) {
      if (depths.has(start)) continue;
      depths.set(start, 0);
      for (const [v, depth] of depths)
        for (const [k, factor] of factors.entries()) {
          const other = isPair(factor) && factor.scope.includes(v) ? factor.scope.find((u) => u !== v)! : v;
          if (depths.has(other)) continue;
          depths.set(other, depth + 1);
          kept.add(k);
        }
    }
    const depth = Math.max(...depths.values());
    if (!best || depth < best.depth) best = { kept, depth };
  }
  return best?.kept ?? new Set();
}

/**
 * Relax: replaces the second variable of each pair factor that closes a loop (or of every one) by a copy that nothing else ties to it.
 * What is left is a forest, whose integral is exact but counts points at which copies differ. `cells` is the number of cells in which
 * copies of a real variable will be compared. (Zeng et al. 2020, NeurIPS, sec. 5.)
 */
export function relax({ variables, factors }: Problem, which: 'loops' | 'all', cells: number): Relaxed {
  const kept = which === 'all' ? new Set<number>() : spanning({ variables, factors });
  const cuts: Cut[] = [];
  const copies: Variable[] = [];
  const relaxed = factors.map((factor, k): Factor => {
    if (!isPair(factor) || kept.has(k)) return factor;
    const [first, second] = factor.scope as [number, number];
    const copy = variables.length + copies.length;
    const original = variables[second]!;
    copies.push({ ...original, name: `${original.name}′` });
    cuts.push({ factor: k, variable: second, copy });
    return { ...factor, scope: [first, copy] };
  });
  return {
    problem: { variables: [...variables, ...copies], factors: relaxed },
    cuts,
    edges: cuts.map(({ variable }) => edgesOf(variables[variable]!, cells)),
  };
}

/** Potentials that say nothing: the relaxation alone. */
export const uniform = ({ edges }: Relaxed): Potentials[] =>
  edges.map((at) => {
    const flat = new Float64Array(at.length - 1).fill(1 / (at.at(-1)! - at[0]!));
    return { original: flat, copy: flat };
  });

/** All potentials one after another, each original's before its copy's; a single 0 where nothing is cut. */
export const packed = (all: readonly Potentials[]): Float32Array =>
  Float32Array.from(all.length === 0 ? [0] : all.flatMap(({ original, copy }) => [...original, ...copy]));

/** The potentials that `packed` laid out for this relaxation. */
export function unpacked(values: ArrayLike<number>, { edges }: Relaxed): Potentials[] {
  const all = Float64Array.from(values);
  let from = 0;
  const take = (length: number) => {
    from += length;
    return all.subarray(from - length, from);
  };
  return edges.map(({ length }) => ({ original: take(length - 1), copy: take(length - 1) }));
}

const asMessage = (variable: Variable, edges: readonly number[], density: Float64Array): Message =>
  variable.values
    ? density
    : { breaks: breaksOf(edges, variable.low, variable.high), pieces: Array.from(density, (v) => Float64Array.of(v)) };

/** The forest with its potentials, and the estimate that it gives. */
export type Compensated = {
  readonly forest: Forest;
  /** log Z of the forest less Σ log ∫ θ θ′: exact when a cut separates the graph and densities are constant in each cell. */
  readonly logZ: number;
  /** Mean total variation over the cells, 0 to 1, of a cut variable's marginal, and of its copy's, from θ θ′: at the fixed point all three are one. */
  readonly disagreement: number;
  /** The next potentials. */
  readonly next: readonly Potentials[];
};

/**
 * Compensate: one round on the relaxed forest. With f the marginal of a variable without its potential θ, and f′ that of its copy without
 * θ′, θ ← f′ and θ′ ← f as densities that are constant in each cell: at the fixed point both marginals are ∝ f f′, so all of their cells
 * agree, as the equality x = x′ would have it. `damping` is the share of the old potentials that stays.
 * Differs: the paper compensates by weighted literals; here the potentials are densities over equal cells, which keeps messages
 * piecewise polynomials, and log Z is corrected as in Choi & Darwiche's edge deletion (2006). Throws if no point is left.
 */
export function compensate(relaxed: Relaxed, potentials: readonly Potentials[], damping: number): Compensated {
  const { problem, cuts, edges } = relaxed;
  const { variables } = problem;
  const potential = (k: number, side: keyof Potentials) => asMessage(variables[cuts[k]!.variable]!, edges[k]!, potentials[k]![side]);
  const all = (v: number, except = -1): Message[] =>
    cuts.flatMap(({ variable, copy }, k) =>
      k === except ? [] : v === variable ? [potential(k, 'original')] : v === copy ? [potential(k, 'copy')] : [],
    );
  const forest = openForest(problem, all);
  const { z } = forest;
  if (!(z > 0)) throw infeasible(problem);
  let logZ = Math.log(z);
  let disagreement = 0;
  const next = cuts.map(({ variable, copy }, k): Potentials => {
    const at = edges[k]!;
    const width = (cell: number) => at[cell + 1]! - at[cell]!;
    const { original, copy: ofCopy } = potentials[k]!;
    const [marginal, marginalOfCopy] = [variable, copy].map((v) => normalized(cellsOf(forest.belief(v), at)));
    const together = original.map((v, cell) => width(cell) * v * ofCopy[cell]!);
    const both = together.reduce((sum, v) => sum + v, 0);
    if (!(both > 0)) throw infeasible(problem, variables[variable]!.name);
    logZ -= Math.log(both);
    const agreed = normalized(together);
    for (const p of [marginal!, marginalOfCopy!]) disagreement += distance(p, agreed) / (2 * cuts.length);
    const without = (masses: Float64Array, own: Float64Array) => masses.map((p, cell) => (own[cell]! > 0 ? p / own[cell]! : 0));
    const density = (masses: Float64Array, old: Float64Array) =>
      normalized(masses).map((p, cell) => (1 - damping) * (p / width(cell)) + damping * old[cell]!);
    return {
      original: density(without(marginalOfCopy!, ofCopy), original),
      copy: density(without(marginal!, original), ofCopy),
    };
  });
  return { forest, logZ, disagreement, next };
}

/** Total variation: half the sum of absolute differences. */
export const distance = (p: Float64Array, q: Float64Array): number => p.reduce((sum, v, k) => sum + Math.abs(v - q[k]!) / 2, 0);

export function normalized(masses: Float64Array): Float64Array {
  const total = masses.reduce((sum, v) => sum + v, 0);
  return masses.map((v) => (total > 0 ? v / total : 0));
}

/** The sentence for constraints that no point satisfies: those of them that cannot hold together, all others left out. */
export function infeasible({ variables, factors }: Problem, name?: string): Error {
  let needed = factors.map((factor) => ({ ...factor, weights: [] }));
  if (name === undefined)
    for (const factor of needed) {
      const rest = needed.filter((other) => other !== factor);
      if (rest.length < needed.length && !(openForest({ variables, factors: rest }).z > 0)) needed = rest;
    }
  const said = needed.filter(({ formulas }) => formulas.length > 0).flatMap(({ sources }) => sources.map((source) => `"${source}"`));
  return new Error(
    `No point satisfies ${name === undefined ? '' : `all constraints: there is no value left for ${name}. They are `}${said.join(', ')}${name === undefined ? ' together' : ''}. Loosen one of them`,
  );
}
