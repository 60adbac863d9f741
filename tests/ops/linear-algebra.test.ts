import { beforeAll, describe, expect, it } from 'vitest';
import { columnMeans, type Features, normalizeRows, pca, project, transpose, whiten } from '../../src/ops/linear-algebra.ts';
import { rng } from '../../src/ops/random.ts';
import * as tf from '../../src/tf.ts';
import { expectClose } from '../close.ts';
import { useWasm } from '../evaluate/wasm.ts';
import golden from '../golden/evaluation.json';

beforeAll(useWasm);

/** Correlated columns whose variances fall as 1/(1 + j)², off centre. */
const correlated = (n: number, columns: number): Features => {
  const stream = rng(3);
  const values = new Float32Array(n * columns);
  for (let i = 0; i < n; i++) {
    let carry = 0;
    for (let j = 0; j < columns; j++) {
      carry = 0.5 * carry + stream.normal();
      values[i * columns + j] = 3 + carry * (1 / (1 + j) + 0.02);
    }
  }
  return { values, columns };
};

/** Covariance in float64, by the definition. */
const covariance = ({ values, columns }: Features): Float64Array => {
  const n = values.length / columns;
  const mean = columnMeans({ values, columns });
  const out = new Float64Array(columns * columns);
  for (let a = 0; a < columns; a++)
    for (let b = 0; b < columns; b++)
      for (let i = 0; i < n; i++)
        out[a * columns + b]! += ((values[i * columns + a]! - mean[a]!) * (values[i * columns + b]! - mean[b]!)) / (n - 1);
  return out;
};

describe('pca', () => {
  const { X, explained_variance, explained_variance_ratio } = golden.pca;
  const x = { values: Float32Array.from(X.flat()), columns: 6 };

  it('gives scikit-learn’s variances and ratios', async () => {
    const { variances, total } = await pca(x, 3);
    expectClose(variances, explained_variance, { rtol: 1e-5 });
    expectClose(
      variances.map((v) => v / total),
      explained_variance_ratio,
      { rtol: 1e-5 },
    );
  });

  it('gives orthonormal eigenvectors of the covariance, each with its largest entry positive', async () => {
    const C = covariance(x);
    const { axes, variances } = await pca(x, 6);
    for (let k = 0; k < 6; k++) {
      const axis = axes.subarray(k * 6, k * 6 + 6);
      const times = Array.from({ length: 6 }, (_, i) => axis.reduce((sum, v, j) => sum + C[i * 6 + j]! * v, 0));
      expectClose(
        times,
        axis.map((v) => v * variances[k]!),
        { atol: 1e-5 },
      );
      for (let l = 0; l < 6; l++)
        expectClose(
          axis.reduce((sum, v, j) => sum + v * axes[l * 6 + j]!, 0),
          k === l ? 1 : 0,
          { atol: 1e-5 },
        );
      expect(Math.max(...axis)).toBe(Math.max(...axis.map(Math.abs)));
    }
  });

  it('agrees above 512 columns (orthogonal iteration) with the eigenvectors of the same data', async () => {
    const narrow = correlated(300, 40);
    // The same 40 columns, each repeated 15 times and divided by √15: the same variances in 600 columns.
    const wide = { values: new Float32Array(300 * 600), columns: 600 };
    for (let i = 0; i < wide.values.length; i++)
      wide.values[i] = narrow.values[Math.floor(i / 600) * 40 + ((i % 600) % 40)]! / Math.sqrt(15);
    const [a, b] = [await pca(narrow, 8), await pca(wide, 8)];
    expectClose(b.variances, a.variances, { rtol: 1e-4 });
    expectClose(b.total, a.total, { rtol: 1e-4 });
    expectClose(
      Array.from({ length: 8 * 40 }, (_, i) => b.axes[Math.floor(i / 40) * 600 + (i % 40)]! * Math.sqrt(15)),
      a.axes,
      { atol: 5e-3 },
    );
  });

  it('refuses more components than rows or columns, a single row, and values that fill no whole rows', async () => {
    await expect(pca(x, 7)).rejects.toThrow('from 1 to 6');
    await expect(pca({ values: new Float32Array(6), columns: 6 }, 1)).rejects.toThrow('at least 2');
    await expect(pca({ values: new Float32Array(7), columns: 6 }, 1)).rejects.toThrow('multiple of their 6 columns');
  });
});

describe('whiten', () => {
  it('leaves zero mean and unit covariance', async () => {
    const y = await whiten(correlated(500, 12), 5, 1e-9);
    expectClose(columnMeans(y), new Float32Array(5), { atol: 1e-5 });
    expectClose(
      covariance(y),
      Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
      { atol: 1e-4 },
    );
  });

  it('shrinks a direction of variance v by √(v/(v + epsilon))', async () => {
    const x = correlated(400, 6);
    const fit = await pca(x, 6);
    const C = covariance(await whiten(x, 6, 0.5));
    expectClose(
      Array.from({ length: 6 }, (_, k) => C[k * 7]!),
      fit.variances.map((v) => v / (v + 0.5)),
      { rtol: 1e-3 },
    );
  });
});

it('project keeps distances when every axis is kept', async () => {
  const x = correlated(50, 7);
  const y = await project(x, await pca(x, 7));
  const distance = (f: Features) => Math.hypot(...f.values.subarray(0, 7).map((v, j) => v - f.values[21 + j]!));
  expectClose(distance(y), distance(x), { rtol: 1e-5 });
});

it('normalizeRows gives unit rows and leaves zeros', () => {
  expectClose(normalizeRows({ values: Float32Array.of(3, 4, 0, 0), columns: 2 }).values, [0.6, 0.8, 0, 0]);
});

it('transpose swaps rows and columns over its blocks', () => {
  const values = Float32Array.from({ length: 70 * 45 }, (_, i) => i);
  const out = transpose(values, 45);
  expect([out[1], out[70], out[44 * 70 + 69]]).toEqual([45, 1, 69 * 45 + 44]);
});

it('leaves no tensors behind', async () => {
  const before = tf.memory().numTensors;
  await whiten(correlated(40, 8), 3);
  await pca(correlated(40, 600), 3);
  expect(tf.memory().numTensors).toBe(before);
});
