import { ActionIcon, Text, TextInput } from '@mantine/core';
import { memo, useState } from 'react';
import { integer } from '../../app/format.ts';
import { editOverlay, type Overlay, takeOff } from '../../app/overlays.ts';
import { lastStep } from '../../app/series.ts';
import { runColors } from '../../app/theme.ts';
import { Close, Eye, EyeOff } from '../icons.tsx';
import { Tip } from '../Tip.tsx';
import css from './charts.module.css';

type Props = {
  readonly runs: readonly Overlay[];
  /** Of the current run, then of each kept one. */
  readonly labels: readonly string[];
  readonly colorOf: (run: Overlay) => string;
  readonly metric: string;
  readonly live: boolean;
};

/** The legend: what differs between the runs on the chart; kept ones can be renamed, hidden and removed. */
export const Runs = memo(
  function Runs({ runs, labels, colorOf, metric, live }: Props) {
    if (runs.length === 0) return null;
    return (
      <ul className={css.runs} aria-label="Runs on the chart">
        {live && (
          <li>
            <i style={{ background: runColors[0] }} />
            <span className={css.runName}>
              <b>this run</b> {labels[0]}
            </span>
          </li>
        )}
        {runs.map((run, i) => (
          <Kept key={run.id} run={run} label={labels[i + 1] || `earlier run ${i + 1}`} color={colorOf(run)} metric={metric} />
        ))}
      </ul>
    );
  },
  (a, b) => a.runs === b.runs && a.metric === b.metric && a.live === b.live && a.labels.join('\n') === b.labels.join('\n'),
);

function Kept({ run, label, color, metric }: { run: Overlay; label: string; color: string; metric: string }) {
  const [editing, setEditing] = useState(false);
  const name = run.name ?? label;
  const finish = (text: string) => {
    editOverlay(run.id, { name: text.trim() === '' || text === label ? null : text.trim() });
    setEditing(false);
  };
  return (
    <li data-hidden={!run.shown || undefined}>
      <i style={{ background: color }} />
      {editing ? (
        <TextInput
          size="xs"
          aria-label="Name of the run"
          defaultValue={name}
          autoFocus
          onFocus={({ currentTarget }) => currentTarget.select()}
          onBlur={({ currentTarget }) => finish(currentTarget.value)}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Enter') currentTarget.blur();
            if (key === 'Escape') setEditing(false);
          }}
        />
      ) : (
        <Tip label={`Rename (${run.methodName} on ${run.spec.data}, seed ${run.spec.seed})`}>
          <button type="button" className={css.runName} onClick={() => setEditing(true)}>
            {name}
          </button>
        </Tip>
      )}
      <Text component="span" size="xs" c="dimmed">
        {run.curve.columns.has(metric) ? `${integer(lastStep(run.curve))} steps` : 'lacks this metric'}
      </Text>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`${run.shown ? 'Hide' : 'Show'} ${name}`}
        onClick={() => editOverlay(run.id, { shown: !run.shown })}
      >
        {run.shown ? <Eye size={15} /> : <EyeOff size={15} />}
      </ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={() => takeOff(run.id)}>
        <Close size={15} />
      </ActionIcon>
    </li>
  );
}
