import { type Factor, factorAt, linesOf, type Problem, swapped, type Variable } from '../../data/constraints/problem.ts';
import type { Numbers } from '../../ops/numbers.ts';
import { breaksOf, gauss } from '../../ops/piecewise.ts';
import { cellsOf, openForest } from './messages.ts';
import { edgesOf } from './relax.ts';

/** The integral and, of each variable, its share of it in each cell. */
export type Exact = { readonly z: number; readonly cells: readonly Float64Array[] };

const pairsOf = ({ factors }: Problem) => factors.filter(({ scope }) => scope.length === 2);

/** Whether the pair factors that touch none of the left-out variables form a forest. */
function isForest(problem: Problem, leftOut: readonly number[]): boolean {
  const root = problem.variables.map((_, v) => v);
  const find = (v: number): number => (root[v] === v ? v : find(root[v]!));
  for (const { scope } of pairsOf(problem)) {
    if (scope.some((v) => leftOut.includes(v))) continue;
    const [a, b] = scope.map(find) as [number, number];
    if (a === b) return false;
    root[a] = b;
  }
  return true;
}

/** The fewest variables whose values, once given, leave a forest: discrete ones first, for they only need a sum. Null: more than two. */
export function cutset(problem: Problem): number[] | null {
  const order = problem.variables
    .map((_, v) => v)
    .sort((a, b) => Number(!!problem.variables[b]!.values) - Number(!!problem.variables[a]!.values));
  const sets = [[], ...order.map((v) => [v]), ...order.flatMap((v, k) => order.slice(k + 1).map((u) => [v, u]))];
  return sets.find((set) => isForest(problem, set)) ?? null;
}

/** The problem with one variable fixed: every factor that speaks of it gets a copy that can be nothing else. */
function fixed({ variables, factors }: Problem, v: number, at: number): Problem {
  const point: Variable = { ...variables[v]!, values: [at] };
  const copies: Variable[] = [];
  return {
    factors: factors.map((factor): Factor => {
      if (factor.scope.length < 2 || !factor.scope.includes(v)) return factor;
      copies.push(point);
      return { ...factor, scope: factor.scope.map((u) => (u === v ? variables.length + copies.length - 1 : u)) };
    }),
    variables: [...variables.map((variable, u) => (u === v ? point : variable)), ...copies],
  };
}

/**
 * Where the integral over all other variables may have a kink as v moves: where lines meet the ends or values of v's neighbours, or
 * such places of theirs, or each other. Two steps of neighbours; what is farther off is smooth enough for halving.
 */
function kinks({ variables, factors }: Problem, v: number): number[] {
  const places = variables.map(({ low, high, values }) => [...(values ?? [low, high])]);
  const pairs = factors.flatMap((factor) => (factor.scope.length === 2 ? [factor, swapped(factor)] : []));
  for (const factor of factors) if (factor.scope.length === 1) places[factor.scope[0]!]!.push(...linesOf(factor).map(({ a, c }) => c / a));
  for (let step = 0; step < 2; step++) {
    const found = pairs.map((factor) => {
      const [x, y] = factor.scope as [number, number];
      const { low, high, values } = variables[x]!;
      if (values) return [];
      const lines = linesOf(factor);
      const met = lines.flatMap(({ a, b, c }, k) =>
        a === 0
          ? []
          : [...places[y]!.map((at) => (c - b * at) / a), ...lines.slice(0, k).map((q) => (c * q.b - q.c * b) / (a * q.b - q.a * b))],
      );
      return breaksOf(met, low, high);
    });
    for (const [k, { scope }] of pairs.entries()) places[scope[0]!]!.push(...found[k]!);
    for (const [u, { low, high, values }] of variables.entries()) if (!values) places[u] = breaksOf(places[u]!, low, high);
  }
  return places[v]!;
}

/**
 * Z and all marginals, by conditioning: with a cutset's variables fixed the rest is a forest, integrated exactly; over the cutset goes a
 * sum, or a Gauss–Legendre rule of 6 nodes on intervals that are halved until one of 5 nodes agrees to `tolerance` of Z.
 * `cells` equal cells of each real variable. Null if more than two variables would have to be fixed.
 */
export function exactly(problem: Problem, cells: number, tolerance = 1e-7): Exact | null {
  const set = cutset(problem);
  if (!set) return null;
  const edges = problem.variables.map((variable) => edgesOf(variable, cells));
  const places = edges.map((_, v) => 1 + edges.slice(0, v).reduce((sum, { length }) => sum + length - 1, 0));
  const size = 1 + edges.reduce((sum, { length }) => sum + length - 1, 0);

  /** Z first, then the cells of each variable one after another; Z alone if `length` is 1, for half the work. */
  const inForest = (given: Problem, fixedAt: ReadonlyMap<number, number>, length: number): Float64Array => {
    const forest = openForest(given);
    const { z } = forest;
    const out = new Float64Array(length);
    out[0] = z;
    if (z === 0 || length === 1) return out;
    for (const [v, place] of places.entries()) {
      const cell = fixedAt.get(v);
      if (cell !== undefined) out[place + cell] = z;
      else {
        const own = forest.zOf(v);
        out.set(
          cellsOf(forest.belief(v), edges[v]!).map((mass) => (mass * z) / own),
          place,
        );
      }
    }
    return out;
  };

  const over = (given: Problem, [v, ...rest]: readonly number[], fixedAt: ReadonlyMap<number, number>, length: number): Float64Array => {
    if (v === undefined) return inForest(given, fixedAt, length);
    const variable = problem.variables[v]!;
    const total = new Float64Array(length);
    const at = (x: number, cell: number, only: number) => over(fixed(given, v, x), rest, new Map(fixedAt).set(v, cell), only);
    if (variable.values) {
      for (const [cell, x] of variable.values.entries()) addTo(total, at(x, cell, length), 1);
      return total;
    }
    const part = (from: number, to: number, cell: number, n: number, only: number): Float64Array => {
      const { nodes, weights } = gauss(n);
      const sum = new Float64Array(only);
      for (let k = 0; k < n; k++)
        addTo(sum, at((from + to) / 2 + ((to - from) / 2) * nodes[k]!, cell, only), (weights[k]! * (to - from)) / 2);
      return sum;
    };
    const ends = breaksOf([...edges[v]!, ...kinks(given, v)], variable.low, variable.high);
    const parts = ends.slice(1).map((to, k) => {
      const from = ends[k]!;
      const cell = edges[v]!.findLastIndex((edge) => edge <= (from + to) / 2);
      return { from, to, cell, whole: part(from, to, cell, 6, length) };
    });
    // What an inner rule leaves open must not look like a kink to the outer one.
    const asked = tolerance / 100 ** fixedAt.size;
    const allowed = (asked * parts.reduce((sum, { whole }) => sum + whole[0]!, 0)) / parts.length;
    const refine = (from: number, to: number, cell: number, whole: Float64Array, depth: number): void => {
      if (depth === 0 || Math.abs(whole[0]! - part(from, to, cell, 5, 1)[0]!) <= allowed) {
        addTo(total, whole, 1);
        return;
      }
      const middle = (from + to) / 2;
      refine(from, middle, cell, part(from, middle, cell, 6, length), depth - 1);
      refine(middle, to, cell, part(middle, to, cell, 6, length), depth - 1);
    };
    for (const { from, to, cell, whole } of parts) refine(from, to, cell, whole, 12);
    return total;
  };

  const found = over(problem, set, new Map(), size);
  return { z: found[0]!, cells: places.map((place, v) => found.slice(place, place + edges[v]!.length - 1)) };
}

function addTo(sum: Float64Array, more: Float64Array, times: number): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += times * more[k]!;
}

/** Z by uniform draws in the box of all bounds, for so many milliseconds, and the standard error of log Z: the deviation over √n and the mean. */
export function monteCarlo(
  { variables, factors }: Problem,
  rng: Numbers,
  milliseconds: number,
): { z: number; error: number; draws: number } {
  const volume = variables.reduce((product, { low, high, values }) => product * (values ? values.length : high - low), 1);
  const point = new Float64Array(variables.length);
  const until = performance.now() + milliseconds;
  let [draws, sum, squares] = [0, 0, 0];
  do {
    for (let turn = 0; turn < 200; turn++) {
      for (const [v, { low, high, values }] of variables.entries())
        point[v] = values ? values[rng.integer(values.length)]! : low + (high - low) * rng.uniform();
      let weight = 1;
      for (const factor of factors) {
        const { scope } = factor;
        weight *= factorAt(factor, point[scope[0]!]!, scope.length > 1 ? point[scope[1]!]! : 0);
        if (weight === 0) break;
      }
      draws++;
      sum += weight;
      squares += weight * weight;
    }
  } while (performance.now() < until);
  const mean = sum / draws;
  return { z: volume * mean, error: Math.sqrt(Math.max(0, squares / draws - mean * mean) / draws) / mean, draws };
}
