import { Text, Title } from '@mantine/core';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { axisName, countOf, type Item, measureOf, metricsOf } from '../../app/compare.ts';
import type { Comparison } from '../../app/compare-address.ts';
import { type Drawn, drawnOf, type Extent, rangeOf, spanOf } from '../../app/compare-lines.ts';
import { saveChart } from '../../app/export/makers.ts';
import { words } from '../../app/format.ts';
import { type Store, store } from '../../app/store.ts';
import { ExportMenu } from '../ExportMenu.tsx';
import { Chart } from './Chart.tsx';
import { Controls } from './Controls.tsx';
import { Crosshair, Readout } from './Crosshair.tsx';
import css from './compare.module.css';
import { Legend } from './Legend.tsx';

type Props = {
  readonly items: readonly Item[];
  readonly view: Comparison;
  /** The view as far as it is drawn: it follows the other one in its own time. */
  readonly drawn: Comparison;
  readonly onChange: (change: Partial<Comparison>) => void;
  readonly onRemove: (item: Item) => void;
};

/** The curves: a chart for each metric, all over one x axis with one crosshair. */
export function Curves({ items, view, drawn, onChange, onRemove }: Props) {
  const [cross] = useState<Store<number | null>>(() => store<number | null>(null));
  const [smooth, setSmooth] = useState(view.smooth);
  useEffect(() => setSmooth(view.smooth), [view.smooth]);
  // A place in steps is none in seconds.
  useEffect(() => cross.set(null), [cross, drawn.x]);
  const smoothing = useDeferredValue(smooth);
  const runs = useMemo(() => items.flatMap((item) => item.runs), [items]);
  const names = useMemo(() => metricsOf(runs), [runs]);
  const key = names.join();
  const metrics = useMemo(() => (key === '' ? [] : key.split(',')), [key]);
  const wanted = drawn.metrics.filter((name) => metrics.includes(name));
  const shown = wanted.length > 0 ? wanted : metrics.slice(0, 1);
  const shownKey = shown.join();
  const unknown = drawn.metrics.filter((name) => !metrics.includes(name));
  const xName = axisName(runs, drawn.x);
  const { off } = view;
  const onToggle = useCallback(
    (item: string) => onChange({ off: off.includes(item) ? off.filter((each) => each !== item) : [...off, item] }),
    [onChange, off],
  );
  const visible = useMemo(() => items.filter((item) => !drawn.off.includes(item.key)), [items, drawn.off]);
  const drawing = useMemo(() => ({ ...drawn, smooth: smoothing }), [drawn, smoothing]);
  const reach = spanOf(items, drawn);
  const groups = items.filter((item) => item.runs.length > 1);
  return (
    <section className={`card ${css.card}`} aria-labelledby="curves">
      <Title order={2} size="h4" id="curves">
        Curves
      </Title>
      <Controls
        view={view}
        metrics={metrics}
        shown={useMemo(() => shownKey.split(','), [shownKey])}
        imagesName={axisName(runs, 'images') === 'points seen' ? 'Points seen' : 'Images seen'}
        onChange={onChange}
        onSmooth={setSmooth}
      />
      {unknown.length > 0 && (
        <Text size="sm" role="status">
          None of these runs has {unknown.map(words).join(', ')}.
        </Text>
      )}
      <Legend items={items} off={off} onToggle={onToggle} onRemove={onRemove} />
      {drawn.grouped && (
        <Text size="xs" c="dimmed">
          {groups.length === 0
            ? 'No two of these runs differ in their seed alone: each is a line of its own.'
            : `Lines with a band: the mean of several seeds (${groups.map((item) => `${item.letter}: ${countOf(item.runs)}`).join(', ')}); the band ${
                drawn.band === 'std' ? 'is one standard deviation to both sides (over n − 1)' : 'reaches from the smallest to the largest'
              }. Both are drawn where all seeds have values.`}
        </Text>
      )}
      {reach === null ? (
        <Text c="dimmed">None of these runs has a point yet.</Text>
      ) : (
        shown.map((metric) => (
          <Metric
            key={metric}
            metric={metric}
            items={visible}
            view={drawing}
            reach={reach}
            xName={xName}
            cross={cross}
            alone={shown.length === 1}
          />
        ))
      )}
    </section>
  );
}

type MetricProps = {
  readonly metric: string;
  readonly items: readonly Item[];
  readonly view: Comparison;
  readonly reach: readonly [number, number];
  readonly xName: string;
  readonly cross: Store<number | null>;
  readonly alone: boolean;
};

function Metric({ metric, items, view, reach, xName, cross, alone }: MetricProps) {
  const [from, to] = reach;
  const lines = useMemo(() => drawnOf(items, metric, view, [from, to]), [items, metric, view, from, to]);
  const { unit, warning } = useMemo(
    () =>
      measureOf(
        metric,
        items.flatMap(({ runs }) => runs),
      ),
    [metric, items],
  );
  const x: Extent = useMemo(() => ({ low: from, high: from < to ? to : from + 1, log: view.logx }), [from, to, view.logx]);
  const name = words(metric);
  const chart = useRef<HTMLDivElement>(null);
  return (
    <div ref={chart} className={css.metric} data-alone={alone || undefined}>
      <div className={css.caption}>
        <Title order={3} size="h6">
          {name}
          {unit && <small> {unit}</small>}
        </Title>
        {warning && <span>{warning}</span>}
        <ExportMenu
          label={`Save ${name}`}
          exports={[
            { label: 'Chart as SVG', make: () => saveChart(chart.current, name, 'svg') },
            { label: 'Chart as PNG', make: () => saveChart(chart.current, name, 'png') },
          ]}
        />
      </div>
      <Stage lines={lines} x={x} log={view.logy} xName={xName} name={name} unit={unit} cross={cross} />
    </div>
  );
}

type StageProps = {
  readonly lines: readonly Drawn[];
  readonly x: Extent;
  readonly log: boolean;
  readonly xName: string;
  readonly name: string;
  readonly unit: string | null;
  readonly cross: Store<number | null>;
};

function Stage({ lines, x, log, xName, name, unit, cross }: StageProps) {
  const range = useMemo(() => rangeOf(lines, log), [lines, log]);
  if (lines.length === 0) return <Text c="dimmed">No line that is switched on has this metric.</Text>;
  if (!range) return <Text c="dimmed">A log axis shows positive values only, and here are none.</Text>;
  const pad = log ? 0 : (range[1] - range[0]) * 0.04;
  const y: Extent = { low: range[0] - pad, high: range[1] + pad, log };
  return (
    <>
      <Readout cross={cross} lines={lines} xName={xName} unit={unit} />
      <div className={css.stage}>
        <Chart lines={lines} x={x} y={y} xName={xName} measure={unit ? `${name} (${unit})` : name} />
        <Crosshair cross={cross} lines={lines} x={x} y={y} xName={xName} name={name} />
      </div>
    </>
  );
}
