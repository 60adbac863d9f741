import { Button, Group, Text } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { Entry } from '../../app/library/library.ts';
import { megabytes } from '../../app/runs.ts';

/** How much room the runs take, how much there is, and whether the browser may clear it by itself. */
export function Storage({ entries }: { entries: readonly Entry[] }) {
  const [room, setRoom] = useState<{ quota: number; usage: number; kept: boolean } | null>(null);
  const [refused, setRefused] = useState(false);
  const look = useCallback(async () => {
    // Absent where the page is not served securely.
    if (!navigator.storage?.estimate) return;
    const [{ quota = 0, usage = 0 }, kept] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
    setRoom({ quota, usage, kept });
  }, []);
  useEffect(() => void look(), [look]);
  const persist = async () => {
    setRefused(!(await navigator.storage.persist()));
    await look();
  };
  const bytes = entries.reduce((sum, run) => sum + run.bytes, 0);
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed">
        {entries.length} {entries.length === 1 ? 'run takes' : 'runs take'} {megabytes(bytes)}
        {room && room.quota > 0
          ? `; with pictures, data and the pages themselves, the site uses ${megabytes(room.usage)} of ${megabytes(room.quota)}`
          : ''}
        .{room && !room.kept && ' When the disk runs short, the browser may clear them.'}
        {refused && ' It did not agree to keep them for good: export what must not be lost.'}
      </Text>
      {room && !room.kept && !refused && (
        <Button size="compact-sm" variant="default" onClick={() => void persist()}>
          Ask it to keep them
        </Button>
      )}
    </Group>
  );
}
