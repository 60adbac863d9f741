import { determinant, inverse, Matrix } from 'ml-matrix';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Chasm, correlated, gaussianLogDensity, peaked, waymarkAlphas, waymarks } from '../../src/data/waymarks.ts';
import { rng } from '../../src/ops/random.ts';
import { expectClose } from '../close.ts';
import { loadBackends, valuesOn } from '../ops/backends.ts';

beforeAll(loadBackends);

const chasms: [string, Chasm, number][] = [
  ['peaked', peaked(20), 20],
  ['correlated pairs', correlated(7, 5), 7],
];
const paths = [
  ['linear', 1],
  ['linear', 8],
  ['dimensions', 1],
  ['dimensions', 4],
  ['dimensions', 10],
] as const;

describe.each(chasms)('%s', (_, chasm, nats) => {
  it.each(paths)('the bridges of %s waymarks, %i of them, add up to the whole', (mixing, bridges) => {
    const expected = waymarkAlphas(mixing, bridges, chasm.dimensions).map(chasm.expected);
    const parts = expected.slice(1).map((next, k) => expected[k]! - next);
    expect(parts).toHaveLength(bridges);
    // From p₀, p_k is nearer than p_{k+1}: no bridge takes anything back.
    for (const part of parts) expect(part).toBeGreaterThanOrEqual(-1e-9);
    expectClose(
      parts.reduce((a, v) => a + v, 0),
      nats,
      { rtol: 1e-9 },
    );
  });

  it.each(paths)('%s waymarks, %i bridges: mean and covariance of each are the closed form’s', async (mixing, bridges) => {
    const [rows, d] = [40_000, chasm.dimensions];
    const alphas = waymarkAlphas(mixing, bridges, d);
    const [values, data, noise] = await valuesOn('wasm', () => {
      const drawn = chasm.draw(rows, rng(5));
      return [waymarks(alphas, drawn), drawn.data, drawn.noise];
    });
    expect(values!.slice(0, rows * d)).toEqual(data);
    expect(values!.slice(-rows * d)).toEqual(noise);
    alphas.forEach((alpha, k) => {
      const { mean, covariance } = moments(values!.slice(k * rows * d, (k + 1) * rows * d), rows, d);
      const gaussian = chasm.gaussian?.(alpha);
      // Five standard errors of 40,000 rows.
      if (gaussian) {
        expectClose(mean, gaussian.mean, { atol: 0.025 });
        expectClose(covariance.to1DArray(), gaussian.deviation ** 2, { rtol: 0.04 });
      } else expectClose(covariance.to1DArray(), covarianceOf(7, 5, alpha).to1DArray(), { atol: 0.04 });
    });
  });
});

describe('closed forms', () => {
  it('the mean log-density of a waymark is that of determinants and inverses', () => {
    const [nats, pairs] = [6, 3];
    const chasm = correlated(nats, pairs);
    const p0 = covarianceOf(nats, pairs, Array(6).fill(0));
    for (const alpha of [Array(6).fill(0.4), [0, 0.3, 1, 0.2, 0.9, 0.5], Array(6).fill(1)]) {
      const covariance = covarianceOf(nats, pairs, alpha);
      const quadratic = inverse(covariance).mmul(p0).trace();
      expectClose(chasm.expected(alpha), -0.5 * (6 * Math.log(2 * Math.PI) + Math.log(determinant(covariance)) + quadratic), {
        rtol: 1e-9,
      });
    }
  });

  it('the mutual information of correlated pairs is ½ log(|Σu||Σv| / |Σ|)', () => {
    expectClose(-0.5 * Math.log(determinant(covarianceOf(6, 3, Array(6).fill(0)))), 6, { rtol: 1e-9 });
    // The paper's: ρ = 0.8 in 80 dimensions is 20.4 nats.
    expectClose(Math.sqrt(1 - Math.exp((-2 * 20.433) / 40)), 0.8, { rtol: 1e-4 });
  });

  it('the KL of the two on a line is their integral', () => {
    for (const nats of [1, 20]) {
      const { gaussian } = peaked(nats);
      const [p, q] = [gaussian!([0]), gaussian!([1])];
      let sum = 0;
      for (let x = -4; x < 4; x += 1e-3) {
        const log = gaussianLogDensity(x, p);
        sum += 1e-3 * Math.exp(log) * (log - gaussianLogDensity(x, q));
      }
      expectClose(sum, nats, { rtol: 1e-5 });
    }
    expect(() => peaked(0.1)).toThrow(/nats is 0.1/);
  });

  it('dimensions are exchanged pair by pair, all of them in the end', () => {
    expect(waymarkAlphas('dimensions', 2, 4)).toEqual([
      [0, 0, 0, 0],
      [1, 0, 1, 0],
      [1, 1, 1, 1],
    ]);
    expect(waymarkAlphas('linear', 4, 1)).toEqual([[0], [0.25], [0.5], [0.75], [1]]);
  });
});

/** Of p_α of `correlated`: 1 on the diagonal, between u and v what the mixing leaves of ρ. */
function covarianceOf(nats: number, pairs: number, alpha: readonly number[]): Matrix {
  const rho = Math.sqrt(1 - Math.exp((-2 * nats) / pairs));
  const covariance = Matrix.eye(2 * pairs);
  for (let i = 0; i < pairs; i++) {
    const left = rho * Math.sqrt(1 - alpha[i]! ** 2) * Math.sqrt(1 - alpha[i + pairs]! ** 2);
    covariance.set(i, i + pairs, left);
    covariance.set(i + pairs, i, left);
  }
  return covariance;
}

function moments(values: number[], rows: number, d: number) {
  const mean = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * d + j]!;
    return sum / rows;
  });
  const covariance = Matrix.zeros(d, d);
  for (let a = 0; a < d; a++)
    for (let b = 0; b < d; b++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += (values[i * d + a]! - mean[a]!) * (values[i * d + b]! - mean[b]!);
      covariance.set(a, b, sum / rows);
    }
  return { mean, covariance };
}
