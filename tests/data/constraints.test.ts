import { describe, expect, test } from 'vitest';
import { drawNumbers, presets, problemText } from '../../src/data/constraints/draw.ts';
import { readProblem } from '../../src/data/constraints/language.ts';
import { factorAt, holds, swapped } from '../../src/data/constraints/problem.ts';
import { numbers } from '../../src/ops/numbers.ts';

/** Whether a point satisfies a problem of x and y, and its weight. */
function at(text: string, x: number, y: number): number {
  const { factors } = readProblem(`x, y in [-5, 5]; ${text}`);
  return factors.reduce((value, factor) => {
    const [first, second = 0] = factor.scope.map((v) => [x, y][v]!);
    return value * factorAt(factor, first!, second);
  }, 1);
}

describe('the language', () => {
  test.each<[string, (x: number, y: number) => number]>([
    ['x + 2*y <= 1', (x, y) => Number(x + 2 * y <= 1)],
    ['3*(x - y)/2 >= 1 + x', (x, y) => Number((3 * (x - y)) / 2 >= 1 + x)],
    ['-1 <= x - y < 2', (x, y) => Number(-1 <= x - y && x - y < 2)],
    ['|x + y| <= 3/2', (x, y) => Number(Math.abs(x + y) <= 1.5)],
    ['|x - 1| > 2', (x) => Number(Math.abs(x - 1) > 2)],
    ['not (x <= 1 and y <= 1)', (x, y) => Number(!(x <= 1 && y <= 1))],
    ['x <= 0 or y <= 0 and x + y >= 1', (x, y) => Number(x <= 0 || (y <= 0 && x + y >= 1))],
    ['x >= 0 => y >= 0 => x >= y', (x, y) => Number(!(x >= 0) || !(y >= 0) || x >= y)],
    ['((x)) <= (y + 1)', (x, y) => Number(x <= y + 1)],
    ['weight (x - y)^2*(1 + y^2)', (x, y) => (x - y) ** 2 * (1 + y * y)],
    ['weight x^2 if x <= y else 3', (x, y) => (x <= y ? x * x : 3)],
    ['weight 2 if x <= 1; weight y^4; x - y <= 4', (x, y) => (x <= 1 ? 2 : 1) * y ** 4 * Number(x - y <= 4)],
  ])('%s', (text, expected) => {
    const rng = numbers(1);
    for (let k = 0; k < 60; k++) {
      const [x, y] = [10 * rng.uniform() - 5, 10 * rng.uniform() - 5];
      expect(at(text, x, y)).toBeCloseTo(expected(x, y), 9);
    }
  });

  test('declarations', () => {
    const { variables } = readProblem('x,y in [-1/2, 2.5]; k in {-1..2}; wet bool; wet => x >= 0;');
    expect(variables.map(({ name, low, high, values }) => [name, low, high, values?.length ?? null])).toEqual([
      ['x', -0.5, 2.5, null],
      ['y', -0.5, 2.5, null],
      ['k', -1, 2, 4],
      ['wet', 0, 1, 2],
    ]);
  });

  test('a factor with its variables in each other’s place says the same', () => {
    const [factor] = readProblem('x, y in [0, 1]; x <= 2*y or not x + y <= 1; weight 1 + x*y^2 if x <= y').factors;
    const turned = swapped(factor!);
    expect(turned.scope).toEqual([1, 0]);
    for (const [x, y] of [
      [0.2, 0.7],
      [0.9, 0.3],
      [0.8, 0.1],
    ] as const) {
      expect(factorAt(turned, y, x)).toBeCloseTo(factorAt(factor!, x, y), 12);
      expect(turned.formulas.map((f) => holds(f, y, x))).toEqual(factor!.formulas.map((f) => holds(f, x, y)));
    }
  });

  test.each([
    ['x in [0, inf]', '"x in [0, inf]" is unbounded: an integral needs finite ends, such as [0, 10]'],
    ['x in [1, 1]', 'holds no number: its lower end 1 is not below its upper end 1'],
    ['k in {0..1.5}', 'needs whole numbers between braces'],
    ['k in {0..99}', 'has 100 values; at most 64'],
    ['x in [0, 1]; x bool', '"x bool" declares x a second time'],
    ['in [0, 1]', 'needs names of variables first'],
    ['', 'The problem has no variable'],
    ['x in [0, 1]; x + z <= 1', '"x + z <= 1" speaks of z, which has no bounds. Declare it first: "z in [0, 1]"'],
    ['x, y in [0, 1]; x*y <= 1', '"x*y <= 1" is not linear'],
    ['x, y, z in [0, 1]; x + y <= z', '"x + y <= z" joins 3 variables (x, y, z)'],
    ['x, y, z in [0, 1]; x <= y or z <= 1/2', 'joins 3 variables'],
    ['x, y in [0, 1]; x = y', 'asks real numbers to be equal, which has probability 0'],
    ['x in [0, 1]; 1 <= 2', 'speaks of no variable'],
    ['x in [0, 1]; x', 'compares nothing'],
    ['x in [0, 1]; x <=', 'ends where a number or a variable belongs'],
    ['x in [0, 1]; x <= 1 1', 'makes no sense from "1" on'],
    ['x in [0, 1]; x # 1', 'has the sign "#", which means nothing here'],
    ['x in [0, 1]; (x <= 1', 'lacks ")" at its end'],
    ['x in [0, 1]; x/0 <= 1', 'divides by something else than a number that is not 0'],
    ['x in [0, 1]; weight x^9', 'needs a whole number from 0 to 6 after "^"'],
    ['x in [0, 1]; weight x - 1/2', 'The weight of x is -0.5 at 0: a weight is a density and may not be negative'],
    ['x, y in [0, 1]; x >= 1/2; weight 1 - x*y^2; weight 3*y - 1 if x <= y', 'The weight of x and y is'],
    ['x, y in [0, 1]; x + y <= 1; x + y >= 2', 'leave no room: "x + y <= 1", "x + y >= 2". Loosen one of them'],
    ['x, y in [0, 1]; x - y >= 1', 'leave no room: "x - y >= 1"'],
    ['k in {0..3}; k = 7', 'The bounds and constraints of k leave no room: "k = 7"'],
    [`${Array.from({ length: 13 }, (_, k) => `x${k}`).join()} in [0, 1]`, 'has 13 variables; at most 12'],
  ])('refuses %s', (text, message) => {
    expect(() => readProblem(text)).toThrow(message);
  });

  test('drawn problems read well, differ by their numbers, and are as large as asked', () => {
    for (const preset of presets)
      for (const n of [3, 8]) {
        if (preset === 'own') continue;
        const texts = [1, 2, 3].map((seed) => problemText(preset, n, '', drawNumbers(n, numbers(seed))));
        expect(new Set(texts).size).toBe(3);
        for (const text of texts) expect(readProblem(text).variables).toHaveLength(preset === 'triangle' ? 3 : n);
      }
  });
});
