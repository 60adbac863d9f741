import {
  degreesOf,
  type Factor,
  factorAt,
  linesOf,
  type Problem,
  polynomialIn,
  swapped,
  type Variable,
} from '../../data/constraints/problem.ts';
import { antiderivative, breaksOf, degreeOf, integrate, multiply, type Piecewise, piecewise, valueAt } from '../../ops/piecewise.ts';

/** A function of one variable: of a real one a piecewise polynomial, of a discrete one a number for each of its values. */
export type Message = Piecewise | Float64Array;

export const isTable = (message: Message): message is Float64Array => message instanceof Float64Array;

/** More pieces than this take minutes: the tree is too deep for lines that fall on no common grid. */
const mostPieces = 5000;

/** ∫ or Σ of a function over its variable. */
export const totalOf = (message: Message): number => (isTable(message) ? message.reduce((sum, v) => sum + v, 0) : integrate(message));

/** The share of a function in each of the cells that `edges` bound; of a discrete variable each value is a cell. */
export function cellsOf(message: Message, edges: readonly number[]): Float64Array {
  if (isTable(message)) return message;
  const below = antiderivative(message);
  const at = edges.map((x) => valueAt(below, x));
  return Float64Array.from(at.slice(1), (v, k) => Math.max(0, v - at[k]!));
}

/** The product of functions of one variable. */
function product(messages: readonly Message[]): Message {
  const [first] = messages;
  if (first && isTable(first)) return first.map((_, k) => messages.reduce((value, m) => value * (m as Float64Array)[k]!, 1));
  return multiply(messages as readonly Piecewise[]);
}

/** 1 wherever the variable can be, times the factors that speak of it alone. */
export function unaryOf({ low, high, values }: Variable, factors: readonly Factor[]): Message {
  const at = (x: number) => factors.reduce((value, factor) => value * factorAt(factor, x, 0), 1);
  if (values) return Float64Array.from(values, at);
  const breaks = breaksOf(
    factors.flatMap((factor) => linesOf(factor).map(({ a, c }) => c / a)),
    low,
    high,
  );
  return piecewise(
    breaks,
    factors.reduce((sum, factor) => sum + degreesOf(factor).i, 0),
    at,
  );
}

/**
 * The message of a factor f(x, y) to its first variable: x ↦ ∫ f(x, y) g(y) dy, exactly (a sum where y is discrete).
 *
 * The lines of f cut the y-axis at points that are affine in x; between two of them f is a polynomial in y, so each part is a difference
 * of antiderivatives of yᵏ g(y). As x moves, the formula changes only where two lines cross, or a line meets a break of g: between those
 * places the result is one polynomial, found from its values at Gauss nodes. (Zeng et al. 2020, arXiv 2003.00126.)
 * Throws if the result would need more than 5,000 pieces.
 */
export function sumOut(factor: Factor, x: Variable, y: Variable, g: Message): Message {
  const lines = linesOf(factor);
  const degrees = degreesOf(factor);
  const levels = [...(isTable(g) ? y.values! : g.breaks), ...lines.flatMap(({ a, b, c }) => (a === 0 ? c / b : []))];
  const slanted = lines.filter(({ a, b }) => a !== 0 && b !== 0);
  const powers = isTable(g) ? [] : Array.from({ length: degrees.j + 1 }, (_, power) => antiderivative(g, power));

  const cuts = new Float64Array(lines.length + 2);
  const at = (here: number): number => {
    if (isTable(g)) return g.reduce((sum, mass, k) => sum + (mass && mass * factorAt(factor, here, y.values![k]!)), 0);
    let count = 1;
    cuts[0] = y.low;
    for (const { a, b, c } of lines) {
      const cut = (c - a * here) / b;
      if (cut > y.low && cut < y.high) cuts[count++] = cut;
    }
    cuts[count++] = y.high;
    const sorted = cuts.subarray(0, count).sort();
    let sum = 0;
    for (let k = 0; k + 1 < count; k++) {
      const [from, to] = [sorted[k]!, sorted[k + 1]!];
      if (to === from) continue;
      const polynomial = polynomialIn(factor, here, (from + to) / 2);
      if (!polynomial) continue;
      for (let power = 0; power < polynomial.length; power++)
        if (polynomial[power] !== 0) sum += polynomial[power]! * (valueAt(powers[power]!, to) - valueAt(powers[power]!, from));
    }
    return sum;
  };
  if (x.values) return Float64Array.from(x.values, at);

  const meetings = [
    ...lines.flatMap(({ a, b, c }) => (b === 0 ? c / a : [])),
    ...slanted.flatMap(({ a, b, c }) => levels.map((level) => (c - b * level) / a)),
    ...slanted.flatMap((p, k) =>
      slanted.slice(0, k).flatMap((q) => (p.a * q.b === q.a * p.b ? [] : (p.c * q.b - q.c * p.b) / (p.a * q.b - q.a * p.b))),
    ),
  ];
  const breaks = breaksOf(meetings, x.low, x.high);
  if (breaks.length > mostPieces)
    throw new Error(
      `The message to ${x.name} of "${factor.sources[0]}" has ${breaks.length - 1} pieces; at most ${mostPieces} are worked with: cut all edges, take fewer cells, or offsets on a common grid`,
    );
  return piecewise(breaks, isTable(g) ? degrees.i : degrees.both + degreeOf(g) + 1, at);
}

/** Exact sums over a problem whose graph is a forest. */
export type Forest = {
  /** What the rest of its tree says of a variable, itself included: its marginal, not normalized; without the message of factor `except`. */
  belief(variable: number, except?: number): Message;
  /** The integral over everything: the product over trees of the total of a belief of each. */
  readonly z: number;
  /** The integral over the tree of a variable alone. */
  zOf(variable: number): number;
};

/**
 * Sum-product message passing on a problem whose pair factors form a forest; `more` gives further functions of single variables, such as
 * compensating potentials. Two messages a factor, each computed when first asked for; exact (Zeng et al. 2020, arXiv 2003.00126).
 * Throws if the factors close a loop.
 */
export function openForest({ variables, factors }: Problem, more: (variable: number) => readonly Message[] = () => []): Forest {
  const around = variables.map((_, v) => factors.flatMap(({ scope }, k) => (scope.length === 2 && scope.includes(v) ? k : [])));
  const own = variables.map((variable, v) =>
    product([
      unaryOf(
        variable,
        factors.filter(({ scope }) => scope.length === 1 && scope[0] === v),
      ),
      ...more(v),
    ]),
  );
  const sent = new Map<string, Message>();

  /** From factor k to its variable v. */
  const message = (k: number, v: number): Message => {
    const key = `${k} ${v}`;
    const known = sent.get(key);
    if (known) return known;
    const factor = factors[k]!;
    const oriented = factor.scope[0] === v ? factor : swapped(factor);
    const other = oriented.scope[1]!;
    const made = sumOut(oriented, variables[v]!, variables[other]!, belief(other, k));
    sent.set(key, made);
    return made;
  };
  const belief = (v: number, except?: number): Message =>
    product([own[v]!, ...around[v]!.filter((k) => k !== except).map((k) => message(k, v))]);

  /** A variable that stands for each one's tree. */
  const root = variables.map((_, v) => v);
  for (const { scope } of factors) {
    const [from, to] = scope.map((v) => root[v]!);
    if (to === undefined) continue;
    if (from === to) throw new Error('The pair factors close a loop, around which no message can start: cut it first');
    for (const [v, of] of root.entries()) if (of === from) root[v] = to;
  }
  const totals = new Map<number, number>();
  const zOf = (v: number): number => {
    const at = root[v]!;
    const total = totals.get(at) ?? totalOf(belief(at));
    totals.set(at, total);
    return total;
  };
  return {
    belief,
    zOf,
    get z() {
      return [...new Set(root)].reduce((z, v) => z * zOf(v), 1);
    },
  };
}
