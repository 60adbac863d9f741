import type { RunCurve, ScoresAt } from '../../../src/train/record.ts';
import { save } from './save.ts';

/** What pages offer to take along. Each loads its code when it is asked for. */

export async function saveCurve(curve: RunCurve, name: string): Promise<void> {
  const { curveCsv } = await import('./tables.ts');
  save(curveCsv(curve), `${name} curve.csv`, 'text/csv');
}

export async function saveScores(scores: readonly ScoresAt[], name: string): Promise<void> {
  if (scores.length === 0) throw new Error('This run has no scores yet: they are taken at its end, or by "Evaluate now" on its page');
  const { scoresCsv } = await import('./tables.ts');
  save(scoresCsv(scores), `${name} scores.csv`, 'text/csv');
}

export async function saveChart(within: Element | null, name: string, as: 'svg' | 'png'): Promise<void> {
  const { chartSvg, toPng } = await import('./chart.ts');
  if (!within) throw new Error('There is no chart here yet: train a few steps first');
  const svg = chartSvg(within, name);
  if (as === 'svg') save(svg, `${name}.svg`, 'image/svg+xml');
  else save(await toPng(svg), `${name}.png`);
}

/** The pair of files that embedding projectors read: the vectors, and what is known of each. */
export async function saveVectors(
  values: Float32Array,
  columns: number,
  metadata: Readonly<Record<string, readonly (string | number)[]>>,
  name: string,
): Promise<void> {
  const { metadataTsv, vectorsTsv } = await import('./tables.ts');
  save(vectorsTsv(values, columns), `${name} vectors.tsv`, 'text/tab-separated-values');
  save(metadataTsv(metadata), `${name} metadata.tsv`, 'text/tab-separated-values');
}
