import { type CollapseKind, collapseIn } from '../../../src/evaluate/collapsed.ts';
import type { Curve } from '../../app/series.ts';

/** Whether a run's projections have collapsed by its curve, and since which step without a break; null while they have not. */
export function collapseOfCurve({ length, steps, columns }: Curve): { readonly kind: CollapseKind; readonly since: number } | null {
  const [spread, rank] = [columns.get('embeddingStd'), columns.get('embeddingRank')];
  let found: { readonly kind: CollapseKind; readonly since: number } | null = null;
  for (let i = length - 1; spread && i >= 0; i--) {
    // They are looked at every few steps only.
    if (Number.isNaN(spread[i]!)) continue;
    const kind = collapseIn(spread[i]!, rank?.[i] ?? Number.NaN);
    if (!kind || (found && kind !== found.kind)) return found;
    found = { kind, since: steps[i]! };
  }
  return found;
}
