import { describe, expect, test } from 'vitest';
import { readProblem } from '../../src/data/constraints/language.ts';
import { cutset, exactly, monteCarlo } from '../../src/nets/integral/exact.ts';
import { cellsOf, openForest, totalOf } from '../../src/nets/integral/messages.ts';
import { pictureOf } from '../../src/nets/integral/picture.ts';
import { compensate, edgesOf, normalized, type Potentials, packed, relax, uniform, unpacked } from '../../src/nets/integral/relax.ts';
import { numbers } from '../../src/ops/numbers.ts';
import { valueAt } from '../../src/ops/piecewise.ts';
import { expectClose } from '../close.ts';
import { bruteForce } from './brute-force.ts';

const zOf = (text: string) => openForest(readProblem(text)).z;
const names = (n: number, letter = 'x') => Array.from({ length: n }, (_, k) => `${letter}${k}`);
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const close = { rtol: 1e-8 };

describe('exact on trees', () => {
  test('volumes of order polytopes: chains 1/n!, stars 1/n, zigzags by Euler numbers', () => {
    for (const n of [2, 5, 8]) {
      const x = names(n);
      const chain = x.slice(1).map((y, k) => `${x[k]} <= ${y}`);
      expectClose(zOf([`${x.join()} in [0, 1]`, ...chain].join(';')), 1 / factorial(n), close);
      const star = x.slice(1).map((y) => `${x[0]} <= ${y}`);
      expectClose(zOf([`${x.join()} in [0, 1]`, ...star].join(';')), 1 / n, close);
    }
    // Alternating permutations of 2 … 10 letters.
    const euler = { 2: 1, 3: 2, 4: 5, 5: 16, 6: 61, 7: 272, 8: 1385, 10: 50521 };
    for (const [n, count] of Object.entries(euler)) {
      const x = names(Number(n));
      const zigzag = x.slice(1).map((y, k) => `${x[k]} ${k % 2 ? '>=' : '<='} ${y}`);
      expectClose(zOf([`${x.join()} in [0, 1]`, ...zigzag].join(';')), count / factorial(Number(n)), close);
    }
  });

  test('monomials over a simplex: Dirichlet’s integral', () => {
    for (const [a, b] of [
      [1, 0],
      [3, 2],
      [6, 5],
    ] as const)
      expectClose(zOf(`x, y in [0, 1]; x + y <= 1; weight x^${a}*y^${b}`), (factorial(a) * factorial(b)) / factorial(a + b + 2), close);
  });

  /** Random lines and weights on the pairs (0, 1), (1, 2) and, for a triangle, (0, 2): as text, and as plain functions. */
  function drawn(seed: number, pairs: readonly (readonly [number, number])[], either = true) {
    const rng = numbers(seed);
    const decimal = (low: number, high: number) => Number((low + (high - low) * rng.uniform()).toFixed(3));
    const box = [0, 1, 2].map(() => [decimal(-1, -0.5), decimal(0.6, 1.5)] as const);
    const text = box.map(([low, high], v) => `x${v} in [${low}, ${high}]`);
    const planes: { a: number[]; c: number }[] = [];
    const tests: ((x: readonly number[]) => number)[] = [];
    const line = (v: number, u: number) => {
      const [a, b, c] = [decimal(-2, 2), decimal(-2, 2), decimal(0.1, 1)];
      planes.push({ a: [0, 1, 2].map((k) => (k === v ? a : k === u ? b : 0)), c });
      return {
        text: `${a}*x${v} + ${b}*x${u} <= ${c}`.replaceAll('+ -', '- '),
        holds: (x: readonly number[]) => a * x[v]! + b * x[u]! <= c,
      };
    };
    for (const [v, u] of pairs) {
      const [p, s] = [line(v, u), line(v, u)];
      const [slope, power] = [decimal(0.1, 1), 1 + rng.integer(2)];
      text.push(`${p.text}`, `weight 3 + ${slope}*x${v}*x${u}^${power} if ${s.text} else (x${v} - x${u})^2`);
      tests.push((x) => Number(p.holds(x)));
      tests.push((x) => (s.holds(x) ? 3 + slope * x[v]! * x[u]! ** power : (x[v]! - x[u]!) ** 2));
      if (!either) continue;
      const [q, r] = [line(v, u), line(v, u)];
      text.push(`${q.text} or not ${r.text}`);
      tests.push((x) => Number(q.holds(x) || !r.holds(x)));
    }
    return { text: text.join('; '), box, planes, f: (x: readonly number[]) => tests.reduce((value, each) => value && value * each(x), 1) };
  }

  test.each([1, 2])('random regions and weights against a decomposition of the whole box into cells, draw %i', (seed) => {
    const { text, box, planes, f } = drawn(seed, [
      [0, 1],
      [1, 2],
    ]);
    const expected = bruteForce(box, planes, f);
    expect(expected).toBeGreaterThan(0.01);
    expectClose(zOf(text), expected, close);
    expectClose(exactly(readProblem(text), 5)!.z, expected, close);
  });

  test('marginals: every belief is the integral over the others, and all have the same total', () => {
    const { text, box, planes, f } = drawn(1, [
      [0, 1],
      [1, 2],
    ]);
    const forest = openForest(readProblem(text));
    for (const v of [0, 1, 2]) {
      const belief = forest.belief(v);
      expectClose(totalOf(belief), forest.z, close);
      const [low, high] = box[v]!;
      const at = low + 0.37 * (high - low);
      const others = [0, 1, 2].filter((k) => k !== v);
      const slice = bruteForce(
        others.map((k) => box[k]!),
        planes.map(({ a, c }) => ({ a: others.map((k) => a[k]!), c: c - a[v]! * at })),
        (y) => f([0, 1, 2].map((k) => (k === v ? at : y[others.indexOf(k)]!))),
      );
      expectClose(valueAt(belief as Exclude<typeof belief, Float64Array>, at), slice, close);
    }
  });

  test('whole and Boolean variables are summed over: each value by hand', () => {
    // b: x ≥ 1/2 with weight 2, or all x; for each k the band |x − k/2| ≤ 1/4 within [0, 1].
    const text = 'x in [0, 1]; k in {0..3}; b bool; b => x >= 1/2; |x - k/2| <= 1/4; weight 2 if b; weight 1 + k';
    const band = [
      [0, 0.25],
      [0.25, 0.75],
      [0.75, 1],
    ] as const;
    const expected = band.reduce((sum, [low, high], k) => sum + (1 + k) * (high - low + 2 * Math.max(0, high - Math.max(low, 0.5))), 0);
    expectClose(zOf(text), expected, close);
    const { cells } = exactly(readProblem(text), 4)!;
    expectClose(
      cells[1]!,
      band.map(([low, high], k) => (1 + k) * (high - low + 2 * Math.max(0, high - Math.max(low, 0.5)))).concat(0),
      close,
    );
    expect(zOf('i, j in {0..9}; i < j')).toBeCloseTo(45, 9);
    expect(zOf('i, j in {0..9}; i != j; i = 3 or j >= 5')).toBeCloseTo(9 + 45 - 5, 9);
  });

  test('loops by conditioning: a triangle against cells, rings and complete graphs against closed forms', () => {
    const ring = [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const;
    const { text, box, planes, f } = drawn(3, ring, false);
    expect(cutset(readProblem(text))).toHaveLength(1);
    expectClose(exactly(readProblem(text), 1, 1e-10)!.z, bruteForce(box, planes, f), close);
    // x₀ ≤ x₁ ≥ x₂ ≤ x₃ ≥ x₀: the two peaks are the two largest, 2! 2!/4!.
    expectClose(exactly(readProblem('a, b, c, d in [0, 1]; a <= b; b >= c; c <= d; d >= a'), 10, 1e-10)!.z, 1 / 6, close);
    // All within d of each other: n dⁿ⁻¹ − (n − 1) dⁿ. Two such triangles need two variables fixed.
    const [p, q] = [names(3, 'p'), names(3, 'q')];
    const near = (x: string[], d: number | string) => x.flatMap((u, k) => x.slice(k + 1).map((v) => `|${u} - ${v}| <= ${d}`)).join(';');
    const twice = readProblem(`${[...p, ...q].join()} in [0, 1]; ${near(p, 0.3)}; ${near(q, 0.4)}`);
    expect(cutset(twice)).toHaveLength(2);
    expectClose(exactly(twice, 1)!.z, (3 * 0.3 ** 2 - 2 * 0.3 ** 3) * (3 * 0.4 ** 2 - 2 * 0.4 ** 3), close);
    // Four whole numbers of 0 … 9, each within 3 of the others.
    expectClose(exactly(readProblem(`${names(4).join()} in {0..9}; ${near(names(4), 3)}`), 1)!.z, 7 * (4 ** 4 - 3 ** 4) + 3 ** 4, close);
    const five = names(5);
    expect(
      cutset(
        readProblem([`${five.join()} in [0, 1]`, ...five.flatMap((p, k) => five.slice(k + 1).map((q) => `${p} + ${q} <= 1`))].join(';')),
      ),
    ).toBe(null);
  });
});

/** Rounds until nothing moves. */
function settle(text: string, which: 'loops' | 'all', cells: number, damping = 0, rounds = 200) {
  const problem = readProblem(text);
  const relaxed = relax(problem, which, cells);
  let potentials: readonly Potentials[] = uniform(relaxed);
  let found = compensate(relaxed, potentials, damping);
  for (let round = 0; round < rounds && found.disagreement > 1e-13; round++) {
    potentials = found.next;
    found = compensate(relaxed, potentials, damping);
  }
  return { problem, relaxed, found, potentials };
}

/** A ring of n whole variables with weights 1 + |difference| steps: as text and as a matrix of each edge. */
function ring(n: number) {
  const k = names(n, 'k');
  const edges = k.map((p, i) => `weight 1 + ${i + 1}*(${p} - ${k[(i + 1) % n]})^2/4; ${p} + ${k[(i + 1) % n]} <= 5`);
  const matrix = (i: number) => (a: number, b: number) => (a + b <= 5 ? 1 + ((i + 1) * (a - b) ** 2) / 4 : 0);
  return { text: [`${k.join()} in {0..3}`, ...edges].join('; '), matrix };
}

describe('relax and compensate', () => {
  test('on a tree that is cut everywhere, whole variables lose nothing; real ones ever less with more cells', () => {
    const whole = 'i, j, k, l in {0..4}; i <= j; |j - k| <= 1; j + l >= 4; weight 1 + i*j; weight 2 + k - l/3';
    const cut = settle(whole.replace('weight 2 + k - l/3', 'weight 2 + l'), 'all', 1);
    expectClose(cut.found.logZ, Math.log(zOf(whole.replace('weight 2 + k - l/3', 'weight 2 + l'))), { rtol: 1e-10 });
    const real = 'x, y, z in [0, 1]; x <= y; |y - z| <= 0.4; weight 1 + x*y';
    const gaps = [1, 4, 16].map((cells) => Math.abs(settle(real, 'all', cells).found.logZ - Math.log(zOf(real))));
    expect(gaps[0]!).toBeGreaterThan(0.01);
    expect(gaps[1]!).toBeLessThan(gaps[0]! / 3);
    expect(gaps[2]!).toBeLessThan(gaps[1]! / 10);
  });

  test('at the fixed point a variable, its copy and their potentials agree in every cell', () => {
    const { relaxed, found, potentials } = settle(
      'x, y, z in [0, 1]; |x - y| <= 0.3; x + z <= 1.2; y <= z + 0.2; weight 1 + x*z',
      'loops',
      20,
    );
    expect(relaxed.cuts).toHaveLength(1);
    const [{ variable, copy }] = relaxed.cuts as [(typeof relaxed.cuts)[0]];
    const [original, ofCopy] = [variable, copy].map((v) => normalized(cellsOf(found.forest.belief(v), relaxed.edges[0]!)));
    expectClose(original!, ofCopy!, { rtol: 1e-6, atol: 1e-12 });
    const [{ original: theta, copy: other }] = potentials as [Potentials];
    expectClose(original!, normalized(theta.map((v, k) => v * other[k]!)), { rtol: 1e-6, atol: 1e-12 });
  });

  test('rings of 3 to 8 whole variables: exact by the trace of a product, and the estimate is Bethe’s by plain belief propagation', () => {
    for (let n = 3; n <= 8; n++) {
      const { text, matrix } = ring(n);
      const values = [0, 1, 2, 3];
      let product = values.map((a) => values.map((b) => Number(a === b)));
      for (let i = 0; i < n; i++)
        product = product.map((row) => values.map((b) => row.reduce((sum, v, a) => sum + v * matrix(i)(a, b), 0)));
      const trace = product.reduce((sum, row, a) => sum + row[a]!, 0);
      expectClose(exactly(readProblem(text), 4)!.z, trace, { rtol: 1e-12 });

      // Messages both ways around until they stand; Bethe's log Z = Σ log edge sums + Σ log vertex sums of normalized messages.
      const unit = (m: number[]) => m.map((v) => v / m.reduce((a, b) => a + b, 0));
      let [right, left] = [0, 1].map(() => Array.from({ length: n }, () => unit([1, 1, 1, 1]))) as [number[][], number[][]];
      for (let turn = 0; turn < 500; turn++) {
        right = right.map((_, v) => {
          const e = (v + n - 1) % n;
          return unit(values.map((b) => values.reduce((sum, a) => sum + matrix(e)(a, b) * right[e]![a]!, 0)));
        });
        left = left.map((_, v) => unit(values.map((a) => values.reduce((sum, b) => sum + matrix(v)(a, b) * left[(v + 1) % n]![b]!, 0))));
      }
      let bethe = 0;
      for (let v = 0; v < n; v++) {
        const next = (v + 1) % n;
        const edge = values.reduce(
          (sum, a) => sum + values.reduce((inner, b) => inner + right[v]![a]! * matrix(v)(a, b) * left[next]![b]!, 0),
          0,
        );
        bethe += Math.log(edge) - Math.log(values.reduce((sum, a) => sum + right[v]![a]! * left[v]![a]!, 0));
      }
      for (const which of ['loops', 'all'] as const) expectClose(settle(text, which, 1).found.logZ, bethe, { rtol: 1e-8 });
      expect(Math.abs(bethe - Math.log(trace))).toBeLessThan(0.3);
    }
  });

  test('rings of 3 to 8 real variables: compensation comes far nearer than the relaxation, and longer rings lose less', () => {
    const gaps = [3, 4, 5, 6, 7, 8].map((n) => {
      const x = names(n);
      const text = [`${x.join()} in [0, 1]`, ...x.map((p, k) => `|${p} - ${x[(k + 1) % n]}| <= 0.4; weight 1 + ${p}`)].join('; ');
      const { relaxed, found } = settle(text, 'loops', 10, 0, 12);
      const truth = Math.log(exactly(readProblem(text), 5, 1e-6)!.z);
      return { bare: Math.abs(compensate(relaxed, uniform(relaxed), 0).logZ - truth), gap: Math.abs(found.logZ - truth) };
    });
    for (const { bare, gap } of gaps) expect(gap).toBeLessThan(0.7 * bare);
    for (const [k, { gap }] of gaps.slice(1).entries()) expect(gap).toBeLessThan(gaps[k]!.gap);
    expect(gaps[0]!.gap).toBeLessThan(0.15);
    expect(gaps.at(-1)!.gap).toBeLessThan(0.01);
  });

  test('damping moves the fixed point by nothing, and potentials survive packing', () => {
    const text = 'x, y, z in [0, 1]; |x - y| <= 0.4; |y - z| <= 0.4; x + z <= 1.1';
    const [free, damped] = [settle(text, 'all', 6), settle(text, 'all', 6, 0.5)];
    expectClose(damped.found.logZ, free.found.logZ, { rtol: 1e-9 });
    const again = unpacked(packed(free.potentials), free.relaxed);
    expect(again).toHaveLength(3);
    again.forEach((each, k) => {
      expectClose(each.original, free.potentials[k]!.original, { rtol: 1e-6 });
      expectClose(each.copy, free.potentials[k]!.copy, { rtol: 1e-6 });
    });
  });

  test('pictures: pair densities integrate to 1, and stand on the marginals', () => {
    const text = 'x in [0, 2]; y in [-1, 1]; k in {1..3}; x + y <= 2; |x - k/2| <= 1; weight 1 + x*k';
    const { problem, relaxed, found } = settle(text, 'all', 8);
    const { pairs, variables } = pictureOf(text, problem.variables.length, relaxed, found, exactly(problem, 20));
    expect(pairs.map(({ cut, columns, rows }) => [cut, columns, rows])).toEqual([
      [true, 120, 120],
      [true, 120, 3],
    ]);
    expectClose(pairs[0]!.density.reduce((sum, v) => sum + v, 0) * (2 / 120) ** 2, 1, { rtol: 0.01 });
    expectClose(pairs[1]!.density.reduce((sum, v) => sum + v, 0) * (2 / 120), 1, { rtol: 0.01 });
    for (const { approximate, exact, values } of variables) {
      expect(approximate.length).toBe(values ? 3 : edgesOf({ name: '', low: 0, high: 1, values: null }, 20).length - 1);
      expectClose(approximate, exact!, { rtol: 0.1, atol: 0.01 });
    }
  });

  test('Monte Carlo agrees within its own standard error', () => {
    const problem = readProblem('x, y, z in [0, 2]; k in {0..2}; x + y <= 2; |y - z| <= 1; z >= k/2; weight 1 + k');
    const { z, error, draws } = monteCarlo(problem, numbers(3), 0);
    expect(draws).toBe(200);
    expect(error).toBeLessThan(0.3);
    expect(Math.abs(z / openForest(problem).z - 1)).toBeLessThan(3 * error);
  });

  test('what no point satisfies is named: of the constraints, those that clash', () => {
    const clash = 'x, y, z, w in [0, 1]; x + 0.6 <= y; y + 0.6 <= z; z + w >= 0.5';
    const relaxed = relax(readProblem(clash), 'loops', 4);
    expect(() => compensate(relaxed, uniform(relaxed), 0)).toThrow(
      'No point satisfies "x + 0.6 <= y", "y + 0.6 <= z" together. Loosen one of them',
    );
  });
});
