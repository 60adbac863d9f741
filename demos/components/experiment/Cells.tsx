import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, useMemo } from 'react';
import { acceptedData, catalogue } from '../../app/catalogue.ts';
import { useCurves, useRunsById } from '../../app/experiment/hooks.ts';
import { queue } from '../../app/experiment/index.ts';
import { dataNameIn } from '../../app/experiment/own.ts';
import { byConfiguration, showValue } from '../../app/experiment/plan.ts';
import { type Cell, type Experiment, isOpen } from '../../app/experiment/record.ts';
import { integer, short } from '../../app/format.ts';
import { differences, type Labelled } from '../../app/overlays.ts';
import { useOwn } from '../../app/own.ts';
import { methodName, planOfSpec } from '../../app/runs.ts';
import { toSearch } from '../../app/search.ts';
import { type Curve, lastStep, lastValue } from '../../app/series.ts';
import { useStore } from '../../app/store.ts';
import { Spark } from '../charts/Spark.tsx';
import css from './experiment.module.css';

type Place = { readonly cell: Cell; readonly index: number };
type Actions = { readonly onSkip: (cell: number) => void; readonly onRetry: (cell: number) => void };

/** Labels of configurations: what differs between them, seeds aside. */
export function labelsOf(firsts: readonly Cell[], nameOf: (data: string) => string): string[] {
  const runs = firsts.map(({ spec }): Labelled => {
    // Steps follow from the budget, and are told with each run.
    const { steps: _, ...settings } = spec.settings;
    const shown = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, showValue(value)]));
    return {
      spec: { ...spec, data: nameOf(spec.data), seed: 0, settings: shown },
      methodName: methodName(spec.method),
      changed: planOfSpec(spec)?.changed ?? {},
    };
  });
  return differences(runs).map((label, i) => label || runs[i]!.methodName);
}

/** Every run of an experiment: a row for each configuration, in it its seeds. `live`: somebody trains it now. */
export function Cells({ experiment, live, onSkip, onRetry }: { experiment: Experiment; live: boolean } & Actions) {
  const curves = useCurves(experiment.cells);
  const kept = useRunsById();
  const own = useOwn(true);
  const { doing, experiment: trained } = useStore(queue);
  // Not with each tick of training: the experiment changes when a run begins or ends.
  const groups = useMemo(
    () =>
      byConfiguration<Place>(
        experiment.cells.map((cell, index) => ({ cell, index })),
        ({ cell }) => cell.spec,
      ),
    [experiment],
  );
  const labels = useMemo(
    () =>
      labelsOf(
        groups.map(([first]) => first!.cell),
        (data) => dataNameIn(experiment, data),
      ),
    [groups, experiment, own],
  );
  return (
    <ul
      className={css.groups}
      aria-label="Runs by configuration"
      style={{ '--across': Math.min(5, Math.max(...groups.map(({ length }) => length))) } as CSSProperties}
    >
      {groups.map((group, i) => (
        <li key={group[0]!.index} className={css.group}>
          <h2 className={css.groupName}>{labels[i]}</h2>
          <ul className={css.cells} aria-label={labels[i]}>
            {group.map(({ cell, index }) => {
              const now = trained?.id === experiment.id ? doing.find((each) => each.cell === index) : undefined;
              const curve = now && !now.measuring ? now.session.get().curve : cell.run ? curves.get(cell.run) : undefined;
              return (
                <Box
                  key={index}
                  cell={cell}
                  curve={curve ?? null}
                  live={live}
                  measuring={now?.measuring ?? false}
                  scoring={now?.session.get().evaluating ?? false}
                  gone={cell.state === 'done' && kept !== null && !kept.has(cell.run ?? '')}
                  onSkip={() => onSkip(index)}
                  onRetry={() => onRetry(index)}
                />
              );
            })}
          </ul>
        </li>
      ))}
    </ul>
  );
}

const says = { waiting: 'waiting', running: 'training', done: 'done', failed: 'failed', skipped: 'skipped' } as const;

type BoxProps = {
  readonly cell: Cell;
  readonly curve: Curve | null;
  readonly live: boolean;
  readonly measuring: boolean;
  readonly scoring: boolean;
  /** Its run was deleted since. */
  readonly gone: boolean;
  readonly onSkip: () => void;
  readonly onRetry: () => void;
};

function Box({ cell, curve, live, measuring, scoring, gone, onSkip, onRetry }: BoxProps) {
  const { spec, state, run, reason } = cell;
  const step = curve ? lastStep(curve) : 0;
  const title = `seed ${spec.seed}`;
  const interrupted = state === 'running' && !live;
  const word = measuring ? 'measuring' : scoring ? 'scoring' : interrupted || (state === 'waiting' && step > 0) ? 'paused' : says[state];
  return (
    <li className={css.cell} data-state={interrupted ? 'waiting' : state}>
      <div className={css.cellHead}>
        <b>{title}</b>
        <span className={css.state}>{word}</span>
      </div>
      <div className={css.spark}>{curve && curve.length > 1 && <Spark curve={curve} length={curve.length} metric="loss" />}</div>
      <div className={`${css.cellFacts} numbers`}>
        <span>
          {state === 'done' ? integer(step || Number(spec.settings.steps)) : `${integer(step)} of ${integer(Number(spec.settings.steps))}`}{' '}
          steps
        </span>
        {curve && step > 0 && <span>loss {short(lastValue(curve, 'loss'))}</span>}
      </div>
      {reason && (
        <Text size="xs" c="var(--mantine-color-error)" className={css.reason!}>
          {reason}
        </Text>
      )}
      {gone && (
        <Text size="xs" c="dimmed">
          Its run was deleted.
        </Text>
      )}
      <div className={css.cellActions}>
        {isOpen(cell) && (
          <Button size="compact-xs" variant="default" onClick={onSkip} aria-label={`Skip ${title}`}>
            Skip
          </Button>
        )}
        {(state === 'failed' || state === 'skipped' || gone) && (
          <Button size="compact-xs" variant="default" onClick={onRetry} aria-label={`Train ${title} after all`}>
            {state === 'failed' ? 'Try again' : 'Train'}
          </Button>
        )}
        {run && curve && (state !== 'running' || interrupted) && !gone && <OpenRun cell={cell} run={run} />}
      </div>
    </li>
  );
}

/** The way to the run's own page, where its pictures and scores are. */
function OpenRun({ cell: { spec }, run }: { cell: Cell; run: string }) {
  const plan = planOfSpec(spec);
  const method = catalogue.methods[spec.method];
  if (!plan || !method) return null;
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      renderRoot={(props) => (
        <Link
          {...props}
          to="/method/$id"
          params={{ id: spec.method }}
          search={{ ...toSearch(spec, plan.specs, acceptedData(method)[0]!), run }}
          aria-label={`Open the run of seed ${spec.seed}`}
        />
      )}
    >
      Open
    </Button>
  );
}
