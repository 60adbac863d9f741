import { type Breathe, holdBreath } from '../ops/breathe.ts';
import { type Features, normalizeRows, rows } from '../ops/linear-algebra.ts';

/**
 * Alignment and uniformity of embeddings on the unit sphere (Wang & Isola 2020, sec. 4.1, arXiv 2005.10242), of rows normalized here:
 *   alignment  = mean ‖xᵢ − yᵢ‖^α over the two views of each image; 0 when the views coincide
 *   uniformity = log mean exp(−t‖xᵢ − xⱼ‖²) over all pairs i < j, the mean of that of `x` and of `y`; 0 when all rows coincide, −4t when
 *                all are antipodal, about −4 (t = 2) when they spread over a sphere of many dimensions
 * α = 2 and t = 2. Both are better the lower. Throws unless there are two rows and as many in both.
 */
export async function alignmentUniformity(
  x: Features,
  y: Features,
  { alpha = 2, t = 2, breathe = holdBreath }: { alpha?: number; t?: number; breathe?: Breathe } = {},
): Promise<{ readonly alignment: number; readonly uniformity: number }> {
  const n = rows(x);
  if (n < 2 || rows(y) !== n) throw new Error(`Alignment and uniformity of ${n} and ${rows(y)} rows: expected at least 2, as many of each`);
  const [a, b] = [normalizeRows(x).values, normalizeRows(y).values];
  const { columns } = x;
  const squared = (p: Float32Array, i: number, q: Float32Array, j: number) => {
    let sum = 0;
    for (let d = 0; d < columns; d++) sum += (p[i * columns + d]! - q[j * columns + d]!) ** 2;
    return sum;
  };
  let apart = 0;
  for (let i = 0; i < n; i++) apart += squared(a, i, b, i) ** (alpha / 2);
  const spread = async (p: Float32Array) => {
    let sum = 0;
    for (let i = 1; i < n; i++) {
      if (i % 64 === 0) await breathe();
      for (let j = 0; j < i; j++) sum += Math.exp(-t * squared(p, i, p, j));
    }
    return Math.log(sum / ((n * (n - 1)) / 2));
  };
  return { alignment: apart / n, uniformity: ((await spread(a)) + (await spread(b))) / 2 };
}
