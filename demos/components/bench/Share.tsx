import { Button, Group, Text, Textarea } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import type { BenchResult } from '../../app/bench-result.ts';
import css from './bench.module.css';

/** The result as JSON: copied, or shown to be copied by hand where the browser refuses the clipboard. */
export function Share({ result, onForget }: { result: BenchResult; onForget: () => void }) {
  const { copy, copied, error } = useClipboard({ timeout: 2500 });
  const text = JSON.stringify(result, null, 2);
  return (
    <div className={css.share}>
      <Group gap="xs">
        <Button size="sm" variant="default" onClick={() => copy(text)}>
          {copied ? 'Copied' : 'Copy as JSON'}
        </Button>
        <Button size="sm" variant="subtle" color="gray" c="var(--mantine-color-text)" onClick={onForget}>
          Forget all measurements
        </Button>
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {copied ? 'The result is in the clipboard.' : ''}
        {error ? 'The browser refuses the clipboard: select the text below and copy it.' : ''}
      </Text>
      <details className={css.json} open={error !== null || undefined}>
        <summary>Show the JSON</summary>
        <Textarea
          readOnly
          rows={14}
          aria-label="The result as JSON"
          value={text}
          onFocus={({ currentTarget }) => currentTarget.select()}
          classNames={{ input: css.text! }}
        />
      </details>
    </div>
  );
}
