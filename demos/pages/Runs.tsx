import { Button, Group, NativeSelect, Switch, Text, TextInput, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { Failure } from '../../src/worker/protocol.ts';
import { saveRuns } from '../app/library/files.ts';
import type { Entry, Library } from '../app/library/library.ts';
import { useEntries, useLibrary } from '../app/library/useLibrary.ts';
import { useOwn } from '../app/own.ts';
import { failureOf } from '../app/run.ts';
import { dataName, everything, type Filter, methodName, passes, type State, stateNames } from '../app/runs.ts';
import { useStore } from '../app/store.ts';
import { useTitle } from '../app/useTitle.ts';
import { Busy, Problem } from '../components/Notice.tsx';
import { Import } from '../components/runs/Import.tsx';
import { RunTable } from '../components/runs/RunTable.tsx';
import css from '../components/runs/runs.module.css';
import { Deleted, Selected } from '../components/runs/Selected.tsx';
import { Storage } from '../components/runs/Storage.tsx';

/** Every run that this device keeps. */
export function Runs() {
  useTitle('Runs');
  const { shelf, failure } = useLibrary();
  // Runs on the reader's own images are called by their names.
  useOwn();
  return (
    <div className={css.page}>
      <div>
        <Title order={1} size="h2">
          Runs
        </Title>
        <Text>
          Every run is kept here as it goes, with its settings, curves, scores and weights: open one and it goes on where it stood. All of
          it stays on this device.
        </Text>
      </div>
      {failure ? (
        <Problem failure={failure} />
      ) : shelf ? (
        <Import shelf={shelf}>
          <Shelf shelf={shelf} />
        </Import>
      ) : (
        <Busy label="Opening the library…" />
      )}
    </div>
  );
}

const none: ReadonlySet<string> = new Set();

function Shelf({ shelf }: { shelf: Library }) {
  const { entries, open } = useEntries(shelf);
  const unreadable = useStore(shelf.failure);
  const [filter, setFilter] = useState(everything);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(none);
  const [deleted, setDeleted] = useState<readonly string[]>([]);
  const [trouble, setTrouble] = useState<Failure | null>(null);
  const shown = useMemo(() => (entries ?? []).filter((run) => passes(run, filter, open)), [entries, filter, open]);
  // What is hidden by a filter is not acted upon.
  const selected = useMemo(() => shown.filter(({ id }) => chosen.has(id)), [shown, chosen]);

  const attempt = useCallback(async (work: () => Promise<unknown>) => {
    try {
      await work();
      setTrouble(null);
    } catch (error) {
      setTrouble(failureOf(error));
    }
  }, []);
  const remove = (ids: readonly string[]) =>
    attempt(async () => {
      await shelf.remove(ids);
      setDeleted(ids);
      setChosen(none);
    });
  const undo = () =>
    attempt(async () => {
      await shelf.restore(deleted);
      setDeleted([]);
    });
  const exportRuns = (ids: readonly string[]) => attempt(() => saveRuns(shelf, ids));
  const choose = useCallback((ids: readonly string[], on: boolean) => {
    setChosen((now) => new Set(on ? [...now, ...ids] : [...now].filter((id) => !ids.includes(id))));
  }, []);
  const mark = useCallback(
    (id: string, marks: Parameters<Library['mark']>[1]) => void attempt(() => shelf.mark(id, marks)),
    [shelf, attempt],
  );

  if (unreadable) return <Problem failure={{ message: 'The kept runs cannot be read.', advice: unreadable }} />;
  if (!entries) return <Busy label="Reading the list…" />;
  return (
    <>
      {trouble && (
        <Problem failure={trouble}>
          <Button size="xs" variant="default" onClick={() => setTrouble(null)}>
            Close
          </Button>
        </Problem>
      )}
      {deleted.length > 0 && <Deleted count={deleted.length} onUndo={() => void undo()} onClose={() => setDeleted([])} />}
      {entries.length === 0 ? (
        <Text className={`card ${css.empty}`}>
          No run is kept yet. Choose a{' '}
          <Link to="/" className={css.link}>
            method
          </Link>{' '}
          and press <strong>Train</strong>: the run appears here with its first step.
        </Text>
      ) : (
        <>
          <Filters entries={entries} filter={filter} onChange={setFilter} />
          <Selected
            runs={selected}
            open={open}
            onDelete={(ids) => void remove(ids)}
            onExport={(ids) => void exportRuns(ids)}
            onClear={() => setChosen(none)}
          />
          {shown.length === 0 ? (
            <Text className={`card ${css.empty}`}>
              None of the {entries.length} runs fits.{' '}
              <Button size="compact-sm" variant="default" onClick={() => setFilter(everything)}>
                Show all
              </Button>
            </Text>
          ) : (
            <RunTable shelf={shelf} runs={shown} open={open} chosen={chosen} onChoose={choose} onMark={mark} />
          )}
        </>
      )}
      <Storage entries={entries} />
    </>
  );
}

/** The values of one column that occur, each once. */
const distinct = (entries: readonly Entry[], of: (entry: Entry) => string) => [...new Set(entries.map(of))].sort();

function Filters({ entries, filter, onChange }: { entries: readonly Entry[]; filter: Filter; onChange: (filter: Filter) => void }) {
  const choices = (of: (entry: Entry) => string, name: (id: string) => string) => [
    { value: '', label: 'all' },
    ...distinct(entries, of).map((id) => ({ value: id, label: name(id) })),
  ];
  const states = Object.entries(stateNames).map(([value, label]) => ({ value, label }));
  return (
    <Group gap="sm" align="end" role="search" aria-label="Filter the runs">
      <TextInput
        label="Search"
        size="sm"
        w={240}
        placeholder="name, note, setting…"
        value={filter.text}
        onChange={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
      />
      <NativeSelect
        label="Method"
        size="sm"
        data={choices(({ spec }) => spec.method, methodName)}
        value={filter.method}
        onChange={({ currentTarget }) => onChange({ ...filter, method: currentTarget.value })}
      />
      <NativeSelect
        label="Data"
        size="sm"
        data={choices(({ spec }) => spec.data, dataName)}
        value={filter.data}
        onChange={({ currentTarget }) => onChange({ ...filter, data: currentTarget.value })}
      />
      <NativeSelect
        label="State"
        size="sm"
        data={[{ value: '', label: 'all' }, ...states]}
        value={filter.state}
        onChange={({ currentTarget }) => onChange({ ...filter, state: currentTarget.value as State | '' })}
      />
      <Switch
        size="sm"
        mb={8}
        label="Starred only"
        checked={filter.starred}
        onChange={({ currentTarget }) => onChange({ ...filter, starred: currentTarget.checked })}
      />
    </Group>
  );
}
