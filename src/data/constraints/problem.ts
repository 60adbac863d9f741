/** Hybrid variables, linear constraints on pairs of them and polynomial weights: what a weighted model integral is taken of. */

export type Variable = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** What it can be, ascending; null: every real number from `low` to `high`. */
  readonly values: readonly number[] | null;
};

/** a·x + b·y ≤ c of a factor's first variable x and its second, y; `<` and `=` only where both are discrete. */
export type Atom = { readonly kind: 'atom'; readonly a: number; readonly b: number; readonly c: number; readonly op: '<=' | '<' | '=' };
export type Formula =
  | Atom
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] }
  | { readonly kind: 'not'; readonly part: Formula };

/** coefficient · x^i y^j. */
export type Monomial = { readonly coefficient: number; readonly i: number; readonly j: number };
/** A polynomial where `when` holds, another elsewhere. */
export type Weight = { readonly when: Formula | null; readonly inside: readonly Monomial[]; readonly outside: readonly Monomial[] };

/** What is said of one or two variables: every formula must hold, the weights multiply. `sources` are the statements it came from. */
export type Factor = {
  /** Places of x and y among the variables; of one variable, x alone. */
  readonly scope: readonly number[];
  readonly formulas: readonly Formula[];
  readonly weights: readonly Weight[];
  readonly sources: readonly string[];
};

export type Problem = { readonly variables: readonly Variable[]; readonly factors: readonly Factor[] };

/** Rounding must not decide whether whole numbers satisfy a bound. */
const slack = 1e-9;

export function holds(formula: Formula, x: number, y: number): boolean {
  if ('parts' in formula)
    return formula.kind === 'and' ? formula.parts.every((part) => holds(part, x, y)) : formula.parts.some((part) => holds(part, x, y));
  if ('part' in formula) return !holds(formula.part, x, y);
  const gap = formula.a * x + formula.b * y - formula.c;
  return formula.op === '<=' ? gap <= slack : formula.op === '<' ? gap < -slack : Math.abs(gap) <= slack;
}

const atomsOf = (formula: Formula): Atom[] =>
  'parts' in formula ? formula.parts.flatMap(atomsOf) : 'part' in formula ? atomsOf(formula.part) : [formula];

/** Every line on which the factor may change its polynomial. */
export const linesOf = ({ formulas, weights }: Factor): Atom[] =>
  [...formulas, ...weights.flatMap(({ when }) => when ?? [])].flatMap(atomsOf);

/** The highest power of x, or of y, in the product of the weights, and the highest sum of both. */
export function degreesOf({ weights }: Factor): { readonly i: number; readonly j: number; readonly both: number } {
  const sum = (of: (m: Monomial) => number) =>
    weights.reduce((total, { inside, outside }) => total + Math.max(0, ...[...inside, ...outside].map(of)), 0);
  return { i: sum((m) => m.i), j: sum((m) => m.j), both: sum((m) => m.i + m.j) };
}

/**
 * The factor at x as a polynomial in y: coefficients of y⁰, y¹, …, those of the region in which y lies; null where a formula fails.
 * The integral over y between two lines needs no more.
 */
export function polynomialIn({ formulas, weights }: Factor, x: number, y: number): readonly number[] | null {
  for (const formula of formulas) if (!holds(formula, x, y)) return null;
  let product = [1];
  for (const { when, inside, outside } of weights) {
    const own: number[] = [];
    for (const { coefficient, i, j } of !when || holds(when, x, y) ? inside : outside) own[j] = (own[j] ?? 0) + coefficient * x ** i;
    const next = new Array<number>(product.length + own.length - 1).fill(0);
    for (let p = 0; p < product.length; p++) for (let q = 0; q < own.length; q++) next[p + q]! += product[p]! * (own[q] ?? 0);
    product = next;
  }
  return product;
}

/** The factor's value: the product of its weights where all its formulas hold, else 0. */
export const factorAt = (factor: Factor, x: number, y: number): number =>
  (polynomialIn(factor, x, y) ?? [0]).reduceRight((sum, c) => sum * y + c, 0);

/** The same factor with x and y in each other's place. */
export function swapped(factor: Factor): Factor {
  const formula = (f: Formula): Formula =>
    'parts' in f
      ? { kind: f.kind, parts: f.parts.map(formula) }
      : 'part' in f
        ? { kind: 'not', part: formula(f.part) }
        : { ...f, a: f.b, b: f.a };
  const monomial = ({ coefficient, i, j }: Monomial): Monomial => ({ coefficient, i: j, j: i });
  return {
    ...factor,
    scope: [...factor.scope].reverse(),
    formulas: factor.formulas.map(formula),
    weights: factor.weights.map(({ when, inside, outside }) => ({
      when: when && formula(when),
      inside: inside.map(monomial),
      outside: outside.map(monomial),
    })),
  };
}
