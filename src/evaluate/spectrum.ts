import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { columnMeans, type Features, rows } from '../ops/linear-algebra.ts';
import { singularValues } from '../ops/singular-values.ts';

/**
 * RankMe: exp(−Σ p log p) with p = σ/Σσ + 1e-7 over the singular values of the embeddings, not centred: between 1 and their number,
 * how many dimensions are in use (Garrido et al. 2023, eq. 2, arXiv 2210.02885). It is d if all σ are equal, 1 if all rows are parallel.
 */
export async function rankMe(x: Features, breathe: Breathe = holdBreath): Promise<number> {
  return effectiveRank(await singularValues(x, breathe));
}

/** exp of the entropy of values ≥ 0 taken as shares; 1 where all are 0. */
export function effectiveRank(values: Float64Array): number {
  const total = values.reduce((sum, v) => sum + v, 0);
  if (!(total > 0)) return 1;
  return Math.exp(-values.reduce((sum, v) => sum + (v / total + 1e-7) * Math.log(v / total + 1e-7), 0));
}

/** Standard deviation of each column, and of the centred rows along their principal axes, largest first: σ/√n. */
export async function spectrumOf(x: Features, breathe: Breathe = holdBreath): Promise<{ std: Float32Array; singular: Float32Array }> {
  const n = rows(x);
  const { columns } = x;
  const mean = columnMeans(x);
  const centred = x.values.map((v, i) => v - mean[i % columns]!);
  const squares = new Float64Array(columns);
  for (let i = 0; i < centred.length; i++) squares[i % columns]! += centred[i]! ** 2;
  const singular = await singularValues({ values: centred, columns }, breathe);
  return { std: Float32Array.from(squares, (s) => Math.sqrt(s / n)), singular: Float32Array.from(singular, (s) => s / Math.sqrt(n)) };
}
