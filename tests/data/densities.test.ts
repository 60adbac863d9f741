import { describe, expect, it } from 'vitest';
import { densities } from '../../src/data/densities.ts';
import { rng } from '../../src/ops/random.ts';
import { expectClose } from '../close.ts';

/** Cells a side of the unit square. Of 0.05, they resolve noise of 0.1 and line up with the edges of the box densities. */
const fine = 20;
/** −p log p and p, integrated by the midpoint rule over [−5, 5]² and over each of its 100 unit squares. */
function integrate(logDensity: (x: number, y: number) => number): { entropy: number; squares: Float64Array } {
  const squares = new Float64Array(100);
  let entropy = 0;
  for (let i = 0; i < 10 * fine; i++)
    for (let j = 0; j < 10 * fine; j++) {
      const log = logDensity((i + 0.5) / fine - 5, (j + 0.5) / fine - 5);
      if (log < -60) continue;
      const mass = Math.exp(log) / fine ** 2;
      squares[10 * Math.floor(i / fine) + Math.floor(j / fine)]! += mass;
      entropy -= mass * log;
    }
  return { entropy, squares };
}

const mean = (xs: ArrayLike<number>): number => Array.from(xs).reduce((a, b) => a + b, 0) / xs.length;
/** Mean and its standard error. */
const estimate = (xs: number[]) => ({ value: mean(xs), error: Math.sqrt((mean(xs.map((x) => x * x)) - mean(xs) ** 2) / xs.length) });

describe.each(Object.values(densities))('$id', ({ id, logDensity, sample, entropy, extent, energy }) => {
  const count = 40_000;
  const points = sample(count, rng(7));
  const xs = Array.from({ length: count }, (_, i) => points[2 * i]!);
  const ys = Array.from({ length: count }, (_, i) => points[2 * i + 1]!);
  const grid = integrate(logDensity);

  it('integrates to 1, with the stated entropy', () => {
    expectClose(
      grid.squares.reduce((a, b) => a + b),
      1,
      { rtol: 1e-6 },
    );
    expectClose(grid.entropy, entropy.nats, { atol: 1e-4 });
  });

  it('samples come from the density: mean −log p is the entropy, within 3 standard errors', () => {
    const { value, error } = estimate(xs.slice(0, 10_000).map((x, i) => -logDensity(x, ys[i]!)));
    expectClose(value, entropy.nats, { atol: 3 * error + 1e-9 });
  });

  it('samples have the density’s share of each square of a 10 × 10 board', () => {
    const seen = new Float64Array(100);
    xs.forEach((x, i) => {
      seen[10 * Math.floor(x + 5) + Math.floor(ys[i]! + 5)]! += 1;
    });
    const expected = grid.squares.map((mass) => mass * count);
    const large = [...expected.keys()].filter((i) => expected[i]! >= 20);
    const chi = large.reduce((sum, i) => sum + (seen[i]! - expected[i]!) ** 2 / expected[i]!, 0);
    const degrees = large.length - 1;
    // χ² has mean `degrees` and variance 2·degrees.
    expect(chi).toBeLessThan(degrees + 4 * Math.sqrt(2 * degrees));
    expect(degrees).toBeGreaterThan(5);
  });

  it('is centred, but where one side is deeper, and shown whole', () => {
    if (!energy?.freeEnergy) expectClose(mean(xs), 0, { atol: 0.06 });
    expectClose(mean(ys), 0, { atol: 0.06 });
    const outside = xs.filter((x, i) => Math.max(Math.abs(x), Math.abs(ys[i]!)) > extent).length;
    expect(outside / count).toBeLessThan(0.005);
  });

  it.runIf(energy)('knows the free energy between its halves: −log of the ratio of their masses', () => {
    const halves = [0, 0];
    grid.squares.forEach((mass, i) => {
      halves[i < 50 ? 0 : 1]! += mass;
    });
    expectClose(-Math.log(halves[1]! / halves[0]!), energy!.freeEnergy, { atol: 1e-6 });
  });

  it('is decided by the random stream', () => {
    expect(sample(50, rng(3))).toEqual(sample(50, rng(3)));
    expect(sample(50, rng(3))).not.toEqual(sample(50, rng(4)));
    expect(densities[id as keyof typeof densities].id).toBe(id);
  });
});

it('entropies agree with the published ones to 0.01 nats', () => {
  const published = { checkerboard: 3.466, 'eight-gaussians': 2.835, 'four-circles': 2.87, corners: 2.947, 'two-moons': 1.003 } as const;
  for (const [id, nats] of Object.entries(published))
    expectClose(densities[id as keyof typeof published].entropy.nats, nats, { atol: 0.01 });
});

it('closed forms: one point of each density whose value can be written down', () => {
  expectClose(densities.checkerboard.logDensity(1, 1), -Math.log(32), { rtol: 1e-12 });
  expect(densities.checkerboard.logDensity(1, -1)).toBe(Number.NEGATIVE_INFINITY);
  expectClose(densities.corners.logDensity(1.5, -1.5), -Math.log(12), { rtol: 1e-12 });
  expectClose(densities.corners.logDensity(-1.5, 3), -Math.log(24), { rtol: 1e-12 });
  expect(densities.corners.logDensity(3, 3)).toBe(Number.NEGATIVE_INFINITY);
  // Its own Gaussian alone reaches a centre of the eight: 1/(8·2πσ²), σ² = 1/8; the neighbours, 6 σ away, add e^−19 or so.
  const at = (Math.PI / 8) * 3;
  const r = 4 / Math.sqrt(2);
  expectClose(densities['eight-gaussians'].logDensity(r * Math.cos(at), r * Math.sin(at)), -Math.log(2 * Math.PI), { atol: 1e-6 });
  // On a circle far from the crossings: ¼ · 1/(2π·2) · 1/(√(2π)·0.1), σ ≪ the radius.
  const far = 1 + 2 * Math.SQRT1_2;
  expectClose(densities['four-circles'].logDensity(far, far), -Math.log(16 * Math.PI * Math.sqrt(2 * Math.PI) * 0.1), { atol: 2e-3 });
});
