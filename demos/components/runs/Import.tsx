import { Alert, Button, FileButton, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { searchOf } from '../../app/compare.ts';
import { type Imported, take } from '../../app/library/files.ts';
import type { Library } from '../../app/library/library.ts';
import { useStore } from '../../app/store.ts';
import css from './runs.module.css';

const plural = (n: number) => `${n} ${n === 1 ? 'run' : 'runs'}`;

/** A place to drop run files on, a button that chooses them, and what came of it. */
export function Import({ shelf, children }: { shelf: Library; children: ReactNode }) {
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [results, setResults] = useState<readonly Imported[]>([]);
  const accept = async (files: readonly File[]) => {
    if (files.length === 0) return;
    setBusy(true);
    setResults(await take(shelf, files));
    setBusy(false);
  };
  const added = results.flatMap((result) => ('added' in result ? result.added : []));
  const entries = useStore(shelf.list) ?? [];
  const there = entries.filter(({ id }) => added.includes(id));
  const search = there.length > 1 ? searchOf(there) : null;
  const known = results.reduce((sum, result) => sum + ('known' in result ? result.known : 0), 0);
  const failed = results.flatMap((result) => ('problem' in result ? [result] : []));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the way of the mouse; the button below is the way of the keyboard
    <div
      className={css.page}
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void accept([...event.dataTransfer.files]);
      }}
    >
      <Group gap="sm">
        <FileButton multiple accept=".zip" onChange={(files) => void accept(files)}>
          {(props) => (
            <Button {...props} size="xs" variant="default" loading={busy}>
              Import run files
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          or drop them here: files that this page, or another device’s, exported.
        </Text>
      </Group>
      {(added.length > 0 || known > 0) && (
        <Group gap="sm" role="status">
          <Text size="sm">
            {added.length > 0 && `${plural(added.length)} imported. `}
            {known > 0 &&
              `${plural(known)} of the file ${known === 1 ? 'was' : 'were'} here already and ${known === 1 ? 'is' : 'are'} left as it was.`}
          </Text>
          {search && (
            <Button size="compact-sm" renderRoot={(props) => <Link {...props} to="/compare" search={search} />}>
              Compare them
            </Button>
          )}
        </Group>
      )}
      {failed.length > 0 && (
        <Alert
          color="red"
          variant="outline"
          role="alert"
          title={
            failed.length === 1
              ? 'A file was not imported; nothing of it was kept.'
              : `${failed.length} files were not imported; nothing of them was kept.`
          }
          styles={{ title: { color: 'var(--mantine-color-error)' } }}
          withCloseButton
          closeButtonLabel="Close this notice"
          onClose={() => setResults([])}
        >
          {failed.map(({ file, problem }) => (
            <Text size="sm" key={file} style={{ whiteSpace: 'pre-line' }}>
              <strong>{file}</strong>: {problem}.
            </Text>
          ))}
        </Alert>
      )}
      {children}
    </div>
  );
}
