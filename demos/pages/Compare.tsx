import { Button, Group, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Suspense, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { OwnInfo } from '../../src/data/own/store.ts';
import { groupsOf, type Item, itemsOf } from '../app/compare.ts';
import { type Comparison, mostLines, mostRuns, readComparison, writeComparison } from '../app/compare-address.ts';
import { type Kept, useKeptRuns } from '../app/compare-runs.ts';
import { saveCurve } from '../app/export/makers.ts';
import { later } from '../app/later.ts';
import { saveRuns } from '../app/library/files.ts';
import { library } from '../app/library/index.ts';
import { useOwn } from '../app/own.ts';
import { dataName, methodName, titleOf } from '../app/runs.ts';
import { toRunCurve } from '../app/series.ts';
import { useTitle } from '../app/useTitle.ts';
import { Curves } from '../components/compare/Curves.tsx';
import css from '../components/compare/compare.module.css';
import { Picker } from '../components/compare/Picker.tsx';
import { Tables } from '../components/compare/Tables.tsx';
import { ExportMenu } from '../components/ExportMenu.tsx';
import { Busy, Problem } from '../components/Notice.tsx';

const Pictures = later(() => import('../components/compare/Pictures.tsx').then((module) => module.Pictures));
const route = getRouteApi('/compare');

/** Up to eight kept runs side by side. The address says which, and how; it can be kept and comes back the same. */
export function Compare() {
  useTitle('Compare');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const view = useMemo(() => readComparison(search), [search]);
  const latest = useRef(view);
  latest.current = view;
  const change = useCallback(
    (next: Partial<Comparison>, replace = true) => {
      latest.current = { ...latest.current, ...next };
      void navigate({ search: writeComparison(latest.current), replace, resetScroll: false });
    },
    [navigate],
  );
  // The names of the reader's own sets.
  const own = useOwn(true);
  const kept = useKeptRuns(view.ids.slice(0, mostRuns));
  return (
    <div className={css.page}>
      <Heading
        kept={kept && 'runs' in kept ? kept : null}
        ids={view.ids}
        grouped={view.grouped}
        onChoose={(ids) => change({ ids, off: [] }, false)}
      />
      {kept === null && <Busy label="Reading the runs of this device…" />}
      {kept !== null && 'failure' in kept && (
        <Problem failure={{ message: 'The runs of this device could not be read.', advice: kept.failure }}>
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Reload
          </Button>
        </Problem>
      )}
      {kept !== null && 'runs' in kept && kept.runs.length > 0 && <Body kept={kept} own={own} view={view} onChange={change} />}
    </div>
  );
}

type HeadingProps = {
  /** Null until they are read, and where they cannot be. */
  readonly kept: Kept | null;
  readonly ids: readonly string[];
  readonly grouped: boolean;
  readonly onChoose: (ids: readonly string[]) => void;
};

/** What is compared, what of the address could not be shown, and the choice of runs. */
function Heading({ kept, ids, grouped, onChoose }: HeadingProps) {
  const [choosing, setChoosing] = useState(false);
  const key = ids.join();
  useEffect(() => setChoosing(false), [key]);
  const runs = kept?.runs ?? [];
  const missing = kept?.missing ?? [];
  const unread = ids.slice(mostRuns);
  const common = (of: (run: (typeof runs)[number]) => string) => {
    const names = [...new Set(runs.map(of))];
    return names.length > 3 ? `${names.length} different` : names.join(', ');
  };
  const lines = groupsOf(runs, grouped).length;
  const open = choosing || (kept !== null && runs.length === 0);
  return (
    <header className={css.head}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2">
            Compare
          </Title>
          <Text>
            {runs.length > 0
              ? `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}: ${common(({ record }) => methodName(record.spec.method))} on ${common(({ record }) => dataName(record.spec.data))}.`
              : 'Up to eight runs side by side: their curves, what differs between them, their scores and their pictures.'}
          </Text>
        </div>
        {runs.length > 0 && (
          <Group gap="xs">
            <Button size="compact-sm" variant="default" aria-expanded={open} onClick={() => setChoosing(!choosing)}>
              Choose runs
            </Button>
            <ExportMenu
              exports={[
                {
                  label: 'Comparison file',
                  make: async () =>
                    saveRuns(
                      await library(),
                      runs.map(({ record }) => record.id),
                    ),
                },
                {
                  label: 'Curves as CSV, a file a run',
                  make: async () => {
                    for (const { record, curve } of runs)
                      await saveCurve(toRunCurve(curve), `${titleOf(record)}, seed ${record.spec.seed}`);
                  },
                },
              ]}
            />
          </Group>
        )}
      </Group>
      {missing.length > 0 && (
        <Text size="sm" role="status">
          Not on this device, or deleted: {missing.join(', ')}. {runs.length > 0 ? 'The others are shown.' : ''}
        </Text>
      )}
      {unread.length > 0 && (
        <Text size="sm" role="status">
          More than {mostRuns} runs are not read; left out: {unread.join(', ')}.
        </Text>
      )}
      {lines > mostLines && (
        <Text size="sm" role="status">
          The address names {lines} {grouped ? 'configurations' : 'runs'}; the first eight are shown.
        </Text>
      )}
      {open && kept && (
        <section className={`card ${css.card}`} aria-label="Choose runs">
          <Picker key={key} all={kept.all} chosen={runs.map(({ record }) => record.id)} onChoose={onChoose} />
        </section>
      )}
    </header>
  );
}

type BodyProps = {
  readonly kept: Kept;
  readonly own: readonly OwnInfo[] | null;
  readonly view: Comparison;
  readonly onChange: (change: Partial<Comparison>) => void;
};

function Body({ kept, own, view, onChange }: BodyProps) {
  // Deferred: controls answer at once, and charts and tables follow in slices between other tasks.
  const runs = useDeferredValue(kept.runs);
  const drawn = useDeferredValue(view);
  const { grouped } = drawn;
  const items = useMemo(() => itemsOf(runs, grouped), [runs, grouped, own]);
  const onRemove = useCallback(
    (item: Item) => {
      const out = item.runs.map(({ record }) => record.id);
      onChange({ ids: view.ids.filter((id) => !out.includes(id)) });
    },
    [onChange, view.ids],
  );
  return (
    <>
      <Curves items={items} view={view} drawn={drawn} onChange={onChange} onRemove={onRemove} />
      <Tables items={items} />
      <Suspense>
        <Pictures items={items} />
      </Suspense>
    </>
  );
}
