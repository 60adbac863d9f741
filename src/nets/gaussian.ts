import { cholesky, columnMeans, type Features, invertLower, product, rows, transpose } from '../ops/linear-algebra.ts';
import * as tf from '../tf.ts';

/**
 * A Gaussian of full covariance Σ = L·Lᵀ as the map between x and z ~ N(0, I): x = mean + z·Lᵀ. `factor` is Lᵀ, `inverse` its inverse,
 * [D, D] each; `logDet` is log|det L|, nats.
 */
export type Gaussian = {
  readonly mean: tf.Tensor1D;
  readonly factor: tf.Tensor2D;
  readonly inverse: tf.Tensor2D;
  readonly logDet: tf.Scalar;
};

/** N(0, I). */
export const standardGaussian = (dimensions: number): Gaussian => ({
  mean: tf.zeros([dimensions]),
  factor: tf.eye(dimensions),
  inverse: tf.eye(dimensions),
  logDet: tf.scalar(0),
});

/**
 * Mean and covariance of rows, the covariance shrunk towards its own diagonal: (1 − s)·S + s·diag S. That keeps it positive definite for
 * any rows that vary, and is closer to the truth than S where rows are not many times the columns. Throws where a column is constant.
 */
export async function fitGaussian(x: Features, shrinkage: number): Promise<Gaussian> {
  const [n, D, mean] = [rows(x), x.columns, columnMeans(x)];
  const centred = { values: x.values.map((v, i) => v - mean[i % D]!), columns: D };
  const { values: sums } = await product({ values: transpose(centred.values, D), columns: n }, centred);
  const L = await cholesky(
    Float64Array.from(sums, (v, i) => ((i % (D + 1) === 0 ? 1 : 1 - shrinkage) * v) / (n - 1)),
    D,
  );
  const matrix = (lower: Float64Array) => tf.tensor2d(transpose(Float32Array.from(lower), D), [D, D]);
  let logDet = 0;
  for (let i = 0; i < D; i++) logDet += Math.log(L[i * (D + 1)]!);
  return { mean: tf.tensor1d(mean), factor: matrix(L), inverse: matrix(invertLower(L, D)), logDet: tf.scalar(logDet) };
}

/** z → x, [N, D] each. */
export const fromStandard = ({ mean, factor }: Gaussian, z: tf.Tensor2D): tf.Tensor2D => tf.add(tf.matMul(z, factor), mean);
/** x → z, [N, D] each. */
export const toStandard = ({ mean, inverse }: Gaussian, x: tf.Tensor2D): tf.Tensor2D => tf.matMul(tf.sub(x, mean), inverse);
