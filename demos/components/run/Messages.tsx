import { Alert, Button, CloseButton, Group, Stack, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useRun } from '../../app/hooks.ts';
import type { Session } from '../../app/run.ts';
import { Undo } from '../icons.tsx';
import { Problem } from '../Notice.tsx';
import { Collapse } from './Collapse.tsx';

const Held = lazy(async () => ({ default: (await import('./Held.tsx')).Held }));

type Props = {
  readonly session: Session;
  /** What was wrong with the address. */
  readonly problems: readonly string[];
  readonly onProblemsRead: () => void;
  readonly onUndo: () => void;
  /** Offered when a chosen backend fails. */
  readonly onAutomatic: (() => void) | null;
};

/** Everything that the run has to say besides numbers. */
export function Messages({ session, problems, onProblemsRead, onUndo, onAutomatic }: Props) {
  const failure = useRun(session, (state) => state.failure);
  const complaint = useRun(session, (state) => state.complaint);
  const checkpoint = useRun(session, (state) => state.checkpoint);
  const before = useRun(session, (state) => state.before);
  return (
    <Stack gap="xs">
      <Collapse session={session} />
      {problems.length > 0 && (
        <Alert
          color="yellow"
          variant="outline"
          role="status"
          styles={{ title: { color: 'var(--lab-warm)' } }}
          title="The address asked for something that is not possible"
          withCloseButton
          closeButtonLabel="Close this notice"
          onClose={onProblemsRead}
        >
          {problems.map((problem) => (
            <Text size="sm" key={problem}>
              {problem}.
            </Text>
          ))}
        </Alert>
      )}
      {failure && (
        <Problem failure={failure}>
          <Button size="xs" onClick={() => void session.retry()}>
            {checkpoint ? `Try again from step ${checkpoint.step}` : 'Try again'}
          </Button>
          {onAutomatic && (
            <Button size="xs" variant="default" onClick={onAutomatic}>
              Choose the backend automatically
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => void session.reset()}>
            Reset
          </Button>
        </Problem>
      )}
      {complaint?.held && (
        <Suspense>
          <Held run={complaint.held} onClose={session.hush} />
        </Suspense>
      )}
      {complaint && !complaint.held && (
        <Problem failure={complaint}>
          <Button size="xs" variant="default" onClick={session.hush}>
            Close
          </Button>
        </Problem>
      )}
      {before && !failure && (
        <Group gap="xs" role="status">
          <Text size="sm" c="dimmed">
            {before.why}: the run started anew. Its curve up to step {before.step} is kept.
          </Text>
          <Button size="compact-sm" variant="default" leftSection={<Undo size={14} />} onClick={onUndo}>
            Undo
          </Button>
          <CloseButton size="sm" aria-label="Close this notice" onClick={session.forgetBefore} />
        </Group>
      )}
    </Stack>
  );
}
