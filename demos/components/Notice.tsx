import { Alert, Button, Group, Loader, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Failure } from '../../src/worker/protocol.ts';

/** Something is under way; with a share where it is known. */
export function Busy({ label, share }: { label: string; share?: number | null }) {
  return (
    <Stack align="center" justify="center" mih={120} gap="xs" role="status" aria-live="polite">
      {share == null ? <Loader size="sm" type="dots" /> : <Progress w={220} value={share * 100} aria-label={label} />}
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </Stack>
  );
}

/** What went wrong, what to try, and the buttons that try it. */
export function Problem({ failure, children }: { failure: Failure; children?: ReactNode }) {
  return (
    <Alert
      color="red"
      variant="outline"
      title={failure.message}
      role="alert"
      styles={{ title: { whiteSpace: 'pre-line', color: 'var(--mantine-color-error)' } }}
    >
      <Stack gap="sm">
        {failure.advice && <Text size="sm">{failure.advice}</Text>}
        {children && <Group gap="xs">{children}</Group>}
      </Stack>
    </Alert>
  );
}

/** A page that could not be shown. */
export function Broken({ error, retry }: { error: unknown; retry: () => void }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Problem failure={{ message: 'This page could not be shown.', advice: message }}>
      <Button size="xs" variant="default" onClick={retry}>
        Try again
      </Button>
      <Button size="xs" variant="default" onClick={() => location.reload()}>
        Reload
      </Button>
    </Problem>
  );
}
