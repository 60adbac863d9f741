import { Alert, Text } from '@mantine/core';
import { type CollapseKind, collapseIn, collapseWords } from '../../../src/evaluate/collapsed.ts';
import { integer } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import type { Session } from '../../app/run.ts';
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

/** Says that a run collapses, while it does so. The words stay the same while it lasts, so that a screen reader says them once. */
export function Collapse({ session }: { readonly session: Session }) {
  // As text: the same verdict must be the same value.
  const verdict = useRun(session, ({ curve }) => {
    const found = collapseOfCurve(curve);
    return found && `${found.kind} ${found.since}`;
  });
  const [kind, since] = (verdict ?? '').split(' ');
  if (!kind) return null;
  const { title, text } = collapseWords[kind as CollapseKind];
  return (
    <Alert color="red" variant="outline" role="alert" title={title} styles={{ title: { color: 'var(--mantine-color-error)' } }}>
      <Text size="sm">
        Since step {integer(Number(since))}. {text}
      </Text>
    </Alert>
  );
}
