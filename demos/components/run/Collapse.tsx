import { Alert, Text } from '@mantine/core';
import { type CollapseKind, collapseWords } from '../../../src/evaluate/collapsed.ts';
import { integer } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import type { Session } from '../../app/run.ts';
import { collapseOfCurve } from './verdict.ts';

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
