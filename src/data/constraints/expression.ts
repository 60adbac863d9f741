/** Polynomials in any number of variables, as terms; `powers` maps a variable's place to its power. */
export type Term = { readonly coefficient: number; readonly powers: Readonly<Record<number, number>> };
export type Expression = readonly Term[];

/** gap ≤ 0, gap < 0 or gap = 0. */
export type Comparison = { readonly kind: 'compare'; readonly gap: Expression; readonly op: '<=' | '<' | '=' };
export type Logic =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Logic[] }
  | { readonly kind: 'not'; readonly part: Logic };

export const constant = (value: number): Expression => [{ coefficient: value, powers: {} }];
export const variable = (place: number): Expression => [{ coefficient: 1, powers: { [place]: 1 } }];

/** Like terms joined, those that vanish left out. */
function collect(terms: Expression): Expression {
  const found = new Map<string, Term>();
  for (const { coefficient, powers } of terms) {
    const key = JSON.stringify(powers);
    found.set(key, { coefficient: coefficient + (found.get(key)?.coefficient ?? 0), powers });
  }
  return [...found.values()].filter(({ coefficient }) => coefficient !== 0);
}

export const add = (a: Expression, b: Expression): Expression => collect([...a, ...b]);
export const scale = (a: Expression, by: number): Expression =>
  collect(a.map(({ coefficient, powers }) => ({ coefficient: coefficient * by, powers })));
export const multiply = (a: Expression, b: Expression): Expression =>
  collect(
    a.flatMap((p) =>
      b.map((q) => {
        const powers: Record<number, number> = { ...p.powers };
        for (const [place, power] of Object.entries(q.powers)) powers[Number(place)] = (powers[Number(place)] ?? 0) + power;
        return { coefficient: p.coefficient * q.coefficient, powers };
      }),
    ),
  );

/** Its value if no variable occurs in it, else null. */
export const constantOf = (a: Expression): number | null =>
  a.every(({ powers }) => Object.keys(powers).length === 0) ? a.reduce((sum, { coefficient }) => sum + coefficient, 0) : null;

/** The places of the variables that occur, ascending. */
export const variablesOf = (a: Expression): number[] =>
  [...new Set(a.flatMap(({ powers }) => Object.keys(powers).map(Number)))].sort((p, q) => p - q);

export const degreeOf = (a: Expression): number =>
  Math.max(0, ...a.map(({ powers }) => Object.values(powers).reduce((sum, power) => sum + power, 0)));
