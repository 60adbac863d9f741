import { Button, CloseButton, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { searchOf } from '../../app/compare.ts';
import { mostLines } from '../../app/compare-address.ts';
import type { Entry } from '../../app/library/library.ts';
import { Undo } from '../icons.tsx';
import css from './runs.module.css';

type Props = {
  readonly runs: readonly Entry[];
  readonly open: ReadonlySet<string>;
  readonly onExport: (ids: readonly string[]) => void;
  readonly onDelete: (ids: readonly string[]) => void;
  readonly onClear: () => void;
};

/** What can be done with the chosen runs. */
export function Selected({ runs, open, onExport, onDelete, onClear }: Props) {
  const ids = runs.map(({ id }) => id);
  // A run that a tab has open would be written anew at its next save.
  const idle = ids.filter((id) => !open.has(id));
  const search = searchOf(runs);
  return (
    <div className={css.selected} role="toolbar" aria-label="Chosen runs">
      <Text size="sm" role="status">
        {runs.length === 0
          ? 'Choose runs to compare or delete them.'
          : `${runs.length} chosen${search ? '' : `; a comparison takes ${mostLines}, seeds of one configuration counted once`}`}
      </Text>
      {runs.length > 0 && (
        <Group gap="xs">
          {search && (
            <Button size="compact-sm" renderRoot={(props) => <Link {...props} to="/compare" search={search} />}>
              Compare
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => onExport(ids)}>
            Export
          </Button>
          <Button size="compact-sm" variant="default" disabled={idle.length === 0} onClick={() => onDelete(idle)}>
            Delete{idle.length < ids.length ? ` ${idle.length} that are not open` : ''}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onClear}>
            Clear
          </Button>
        </Group>
      )}
    </div>
  );
}

/** The way back after a deletion. */
export const Deleted = ({ count, onUndo, onClose }: { count: number; onUndo: () => void; onClose: () => void }) => (
  <Group gap="xs" role="status">
    <Text size="sm">
      {count} {count === 1 ? 'run' : 'runs'} deleted.
    </Text>
    <Button size="compact-sm" variant="default" leftSection={<Undo size={14} />} onClick={onUndo}>
      Undo
    </Button>
    <CloseButton size="sm" aria-label="Close this notice" onClick={onClose} />
  </Group>
);
