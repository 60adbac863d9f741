import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trustworthiness } from '../../src/evaluate/trustworthiness.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { expectClose } from '../close.ts';
import golden from '../golden/trustworthiness.json';

const matrix = (rows: readonly (readonly number[])[]) => ({ values: Float32Array.from(rows.flat()), columns: rows[0]!.length });
const cloud = (n: number, columns: number, seed: number) => {
  const r = numbers(seed);
  return { values: Float32Array.from({ length: n * columns }, r.normal), columns };
};

/** The definition word by word: whole orders of all rows, penalties one by one. */
function byDefinition(space: ReturnType<typeof cloud>, picture: ReturnType<typeof cloud>, k: number): number {
  const n = space.values.length / space.columns;
  const order = ({ values, columns }: typeof space, i: number) => {
    const d = (j: number) =>
      Array.from({ length: columns }, (_, c) => (values[i * columns + c]! - values[j * columns + c]!) ** 2).reduce((a, v) => a + v, 0);
    return Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => d(a) - d(b) || a - b);
  };
  let penalty = 0;
  for (let i = 0; i < n; i++) {
    const truly = order(space, i);
    const neighbours = new Set(truly.slice(0, k));
    for (const j of order(picture, i).slice(0, k)) if (!neighbours.has(j)) penalty += truly.indexOf(j) + 1 - k;
  }
  return 1 - (2 / (n * k * (2 * n - 3 * k - 1))) * penalty;
}

describe('trustworthiness', () => {
  it('equals that of scikit-learn', () => {
    expectClose(trustworthiness(matrix(golden.X), matrix(golden.Y), golden.n_neighbors), golden.value);
  });

  it('equals its definition, with ties too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 24 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.integer(),
        (n, columns, coarse, seed) => {
          const k = 1 + (Math.abs(seed) % Math.floor((n - 1) / 2));
          const round = ({ values, columns }: ReturnType<typeof cloud>) => ({ values: coarse ? values.map(Math.round) : values, columns });
          const [space, picture] = [round(cloud(n, columns, seed)), round(cloud(n, 2, seed + 1))];
          expectClose(trustworthiness(space, picture, k), byDefinition(space, picture, k), { rtol: 1e-12, atol: 1e-12 });
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is 1 where the picture only turns, shifts and scales the space, and about a half where it has nothing to do with it', () => {
    const space = cloud(200, 2, 3);
    const turned = {
      values: space.values.map((_, at) => (at % 2 ? 5 * space.values[at - 1]! : 2 - 5 * space.values[at + 1]!)),
      columns: 2,
    };
    expect(trustworthiness(space, turned, 10)).toBe(1);
    expectClose(trustworthiness(cloud(400, 8, 4), cloud(400, 2, 5), 5), 0.5, { atol: 0.03 });
  });

  it('refuses other rows, and a k that has no meaning', () => {
    expect(() => trustworthiness(cloud(9, 3, 1), cloud(8, 2, 1), 2)).toThrow(/8 points got a space with 9 rows/);
    for (const k of [0, 1.5, 4]) expect(() => trustworthiness(cloud(8, 3, 1), cloud(8, 2, 1), k)).toThrow(/k = .* expected a whole number/);
  });
});
