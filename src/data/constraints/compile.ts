import { type Comparison, degreeOf, type Expression, type Logic, variablesOf } from './expression.ts';
import { type Atom, type Factor, type Formula, factorAt, holds, linesOf, type Monomial, type Problem, type Variable } from './problem.ts';

/** What a statement says, of any number of variables yet. */
export type Statement =
  | { readonly source: string; readonly formula: Logic; readonly weight?: undefined }
  | {
      readonly source: string;
      readonly formula?: undefined;
      readonly weight: { readonly inside: Expression; readonly when: Logic | null; readonly outside: Expression };
    };

const comparisons = (logic: Logic): Comparison[] =>
  'parts' in logic ? logic.parts.flatMap(comparisons) : 'part' in logic ? comparisons(logic.part) : [logic];

/**
 * Factors of the statements, one for each variable or pair that any speak of. Throws a sentence for a statement that joins more than two
 * variables or none, is not linear, holds on a line only, or is a weight that is negative somewhere; and for constraints of one factor
 * that leave no room.
 */
export function compile(variables: readonly Variable[], statements: readonly Statement[]): Problem {
  const byScope = new Map<string, Factor>();
  for (const statement of statements) {
    const scope = scopeOf(variables, statement);
    const key = scope.join();
    const before = byScope.get(key) ?? { scope, formulas: [], weights: [], sources: [] };
    const { source, formula, weight } = statement;
    byScope.set(key, {
      scope,
      formulas: formula ? [...before.formulas, bind(formula, scope)] : before.formulas,
      weights: weight
        ? [
            ...before.weights,
            {
              inside: monomials(weight.inside, scope),
              when: weight.when && bind(weight.when, scope),
              outside: monomials(weight.outside, scope),
            },
          ]
        : before.weights,
      sources: [...before.sources, source],
    });
  }
  const factors = [...byScope.values()];
  for (const factor of factors) checkRoom(variables, factor);
  for (const factor of factors) checkSign(variables, factor);
  return { variables, factors };
}

function scopeOf(variables: readonly Variable[], { source, formula, weight }: Statement): number[] {
  const wrong = (what: string) => new Error(`"${source}" ${what}`);
  const logic = formula ? [formula] : weight.when ? [weight.when] : [];
  const atoms = logic.flatMap(comparisons);
  const expressions = [...atoms.map(({ gap }) => gap), ...(weight ? [weight.inside, weight.outside] : [])];
  const scope = [...new Set(expressions.flatMap(variablesOf))].sort((p, q) => p - q);
  const names = scope.map((v) => variables[v]!.name);
  if (scope.length > 2) throw wrong(`joins ${scope.length} variables (${names.join(', ')}); a constraint or weight may join two`);
  if (scope.length === 0) throw wrong('speaks of no variable');
  if (atoms.some(({ gap }) => degreeOf(gap) > 1))
    throw wrong('is not linear: a constraint may add variables and scale them, not multiply them');
  if (atoms.some(({ gap }) => degreeOf(gap) === 0)) throw wrong('compares numbers only');
  if (atoms.some(({ op }) => op === '=') && scope.some((v) => !variables[v]!.values))
    throw wrong('asks real numbers to be equal, which has probability 0: use <= and >= for a band, as in |x - y| <= 0.1');
  return scope;
}

function bind(logic: Logic, scope: readonly number[]): Formula {
  if ('part' in logic) return { kind: 'not', part: bind(logic.part, scope) };
  if ('parts' in logic) return { kind: logic.kind, parts: logic.parts.map((part) => bind(part, scope)) };
  const of = (v: number | undefined) => logic.gap.find(({ powers }) => v !== undefined && powers[v])?.coefficient ?? 0;
  const alone = logic.gap.find(({ powers }) => Object.keys(powers).length === 0)?.coefficient ?? 0;
  const atom: Atom = { kind: 'atom', a: of(scope[0]), b: of(scope[1]), c: 0 - alone, op: logic.op };
  return atom;
}

const monomials = (expression: Expression, [x, y]: readonly number[]): Monomial[] =>
  expression.map(({ coefficient, powers }) => ({ coefficient, i: powers[x!] ?? 0, j: y === undefined ? 0 : (powers[y] ?? 0) }));

/** Places in every region of a factor: where its lines cross each other, the bounds and an even grid, and the middles between; or all values. */
function placesOf(variables: readonly Variable[], factor: Factor): (readonly [number, number])[] {
  const [x, y] = [variables[factor.scope[0]!]!, factor.scope[1] === undefined ? null : variables[factor.scope[1]]!];
  const lines = linesOf(factor);
  /** Ends, crossings and middles between them of one axis, the other's value given. */
  const along = (v: Variable, crossings: readonly number[]): number[] => {
    if (v.values) return [...v.values];
    const even = Array.from({ length: 9 }, (_, k) => v.low + (k * (v.high - v.low)) / 8);
    const inside = [...even, ...crossings.filter((c) => c > v.low && c < v.high)].sort((p, q) => p - q);
    return inside.flatMap((p, k) => (k === 0 ? [p] : [(inside[k - 1]! + p) / 2, p]));
  };
  const crossings = lines.flatMap((p, k) => [
    ...(p.a === 0 ? [] : y ? (y.values ?? [y.low, y.high]).map((level) => (p.c - p.b * level) / p.a) : [p.c / p.a]),
    ...lines.slice(0, k).flatMap((q) => (p.a * q.b === q.a * p.b ? [] : [(p.c * q.b - q.c * p.b) / (p.a * q.b - q.a * p.b)])),
  ]);
  return along(x, crossings).flatMap((here) =>
    y
      ? along(
          y,
          lines.flatMap(({ a, b, c }) => (b === 0 ? [] : [(c - a * here) / b])),
        ).map((there) => [here, there] as const)
      : [[here, 0] as const],
  );
}

const named = (variables: readonly Variable[], { scope }: Factor) => scope.map((v) => variables[v]!.name).join(' and ');

function checkRoom(variables: readonly Variable[], factor: Factor): void {
  const real = factor.scope.some((v) => !variables[v]!.values);
  const places = placesOf(variables, factor);
  const left = places.filter(([x, y]) => factor.formulas.every((formula) => holds(formula, x, y)));
  // A touching corner is no room: of real variables a middle must hold, where every line keeps its distance.
  const room = real ? left.some(([x, y]) => linesOf(factor).every(({ a, b, c }) => Math.abs(a * x + b * y - c) > 1e-9)) : left.length > 0;
  if (!room && factor.formulas.length > 0)
    throw new Error(
      `The bounds and constraints of ${named(variables, factor)} leave no room: ${factor.sources.map((s) => `"${s}"`).join(', ')}. Loosen one of them`,
    );
}

function checkSign(variables: readonly Variable[], factor: Factor): void {
  for (const [x, y] of placesOf(variables, factor)) {
    const value = factorAt(factor, x, y);
    if (value < -1e-9)
      throw new Error(
        `The weight of ${named(variables, factor)} is ${Number(value.toPrecision(3))} at ${[x, y]
          .slice(0, factor.scope.length)
          .map((v) => Number(v.toPrecision(4)))
          .join(', ')}: a weight is a density and may not be negative. It says ${factor.sources.map((s) => `"${s}"`).join(', ')}`,
      );
  }
}
