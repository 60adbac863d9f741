import type { Still } from '../train/session.ts';
import type { Artifact } from './artifact.ts';
import { contextOf } from './grids.ts';

/** The bridges of a density ratio as they stand, and how many rows the run has seen. */
export async function ratios(session: Still): Promise<Extract<Artifact, { kind: 'ratios' }>> {
  const { method, run, step, settings } = session;
  const found = await method.ratios!(run, contextOf(session, 'ratios'));
  return { kind: 'ratios', batch: settings.batchSize, seen: step * settings.batchSize, ...found };
}
