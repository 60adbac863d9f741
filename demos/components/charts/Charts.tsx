import { Button, Group, Slider, Switch, Text, Title } from '@mantine/core';
import { memo, Suspense, useDeferredValue, useMemo, useRef, useState } from 'react';
import type { Value } from '../../../src/hparams.ts';
import { bandOf, reachOf, withBand } from '../../app/band.ts';
import { short, words } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import { later } from '../../app/later.ts';
import { differences, type Labelled, type Overlay, overlays } from '../../app/overlays.ts';
import { mayPlay, type Player, stepAt, stepsOf } from '../../app/player.ts';
import type { Recorded } from '../../app/recorded.ts';
import type { Session } from '../../app/run.ts';
import { bucketWidth, type Curve, lastValue, rows, toRunCurve, upTo } from '../../app/series.ts';
import { useStore } from '../../app/store.ts';
import { recordedColor, runColors } from '../../app/theme.ts';
import type { Export } from '../ExportMenu.tsx';
import { Tip } from '../Tip.tsx';
import type { Line } from './CurveChart.tsx';
import css from './charts.module.css';
import { Spark } from './Spark.tsx';

const ExportMenu = later(() => import('../ExportMenu.tsx').then((module) => module.ExportMenu));
const Runs = later(() => import('./Runs.tsx').then((module) => module.Runs));
const BandLegend = later(() => import('./BandLegend.tsx').then((module) => module.BandLegend));
const makers = () => import('../../app/export/makers.ts');
const CurveChart = later(() => import('./CurveChart.tsx').then((module) => module.CurveChart));
const RecordedPlayer = later(() => import('./RecordedPlayer.tsx').then((module) => module.RecordedPlayer));

type Props = {
  readonly session: Session;
  readonly methodName: string;
  readonly units: Readonly<Record<string, string>> | undefined;
  readonly changed: Readonly<Record<string, Value>>;
  readonly onKeep: () => void;
  /** The recorded reference runs of this method on these data, where there are any. */
  readonly recorded: Recorded | null;
  readonly player: Player;
};

/** Drawn of each run, however long it is. */
const limit = 480;

/** The loss and each of its terms: a tile each, one of them large, with the kept runs over it. */
export function Charts({ session, methodName, units, changed, onKeep, recorded, player }: Props) {
  const curve = useRun(session, (state) => state.curve);
  // Deferred: React then draws the chart in slices between other tasks instead of in one long one.
  const length = useDeferredValue(useRun(session, (state) => state.rows));
  const spec = useRun(session, (state) => state.spec);
  const training = useRun(session, ({ status, goesOn }) => goesOn || status === 'running');
  const others = useStore(overlays);
  const [wanted, setWanted] = useState('loss');
  const [smoothing, setSmoothing] = useState(0.6);
  const [log, setLog] = useState(false);
  const [banded, setBanded] = useState(true);
  const play = useStore(player);
  const playedTo = play ? stepAt(play.at, stepsOf(play.recorded)) : 0;
  const played = useMemo(() => (play ? upTo(play.recorded.curves[0]!, playedTo) : null), [play?.recorded, playedTo]);
  const mayBePlayed = useRun(session, mayPlay);
  /** What the tiles tell of: the live run, or in its place the recorded one. */
  const first = played ?? curve;
  const firstLength = played?.length ?? length;

  const names = metricNames(
    first,
    others.map((run) => run.curve),
    firstLength,
  );
  const metric = names.includes(wanted) ? wanted : (names[0] ?? 'loss');
  const current: Labelled = { spec, methodName, changed };
  // Another method's loss may be measured otherwise: then the axis names no unit.
  const comparable = others.every((run) => !run.shown || !run.curve.columns.has(metric) || run.spec.method === spec.method);
  const unit = comparable ? units?.[metric] : undefined;
  const labels = differences([current, ...others]);
  const lines: Line[] = [
    played
      ? { id: 'played', label: 'recorded run', color: recordedColor }
      : { id: 'now', label: labels[0] ? `this run: ${labels[0]}` : 'this run', color: runColors[0] },
    ...others
      .map((run, i) => ({ run, label: run.name ?? (labels[i + 1] || `earlier run ${i + 1}`), color: colorOf(run) }))
      .filter(({ run }) => run.shown && run.curve.columns.has(metric))
      .map(({ run, label, color }) => ({ id: run.id, label, color })),
  ];
  const shown = useMemo(
    () => [{ id: played ? 'played' : 'now', curve: first }, ...others.filter((run) => run.shown && run.curve.columns.has(metric))],
    [played, first, others, metric],
  );
  const reference = recorded?.curves.every(({ columns }) => columns.has(metric)) ? recorded : null;
  const bandName = reference ? bandWords(reference, Object.keys(changed).length > 0) : '';
  const steps = reference && banded ? stepsOf(reference) : null;
  // A recording that plays shows its whole course from the start.
  const reach = useMemo(() => (steps === null ? undefined : played ? steps : reachOf(shown, steps)), [steps, played, shown, length]);
  const width = reach === undefined ? null : bucketWidth(reach, limit);
  const band = useMemo(
    () => (reference && width !== null ? bandOf(reference.curves, metric, smoothing, width, log) : null),
    [reference, metric, smoothing, width, log],
  );
  const data = useMemo(() => {
    const lived = rows(shown, metric, smoothing, limit, log, reach);
    return band && reach !== undefined ? withBand(lived, band, reach) : lived;
  }, [shown, length, metric, smoothing, log, band, reach]);
  const empty = length === 0 && lines.length === 1 && !band;

  const stage = useRef<HTMLDivElement>(null);
  const exports = useMemo(
    () => [
      { label: 'Chart as SVG', make: async () => (await makers()).saveChart(stage.current, `${methodName} ${words(metric)}`, 'svg') },
      { label: 'Chart as PNG', make: async () => (await makers()).saveChart(stage.current, `${methodName} ${words(metric)}`, 'png') },
      { label: 'Curve as CSV', make: async () => (await makers()).saveCurve(toRunCurve(session.get().curve), methodName) },
    ],
    [session, methodName, metric],
  );

  return (
    <section className={`card ${css.card}`} aria-labelledby="curves">
      <Controls
        smoothing={smoothing}
        onSmoothing={setSmoothing}
        log={log}
        onLog={setLog}
        onKeep={length > 0 ? onKeep : null}
        exports={length > 0 ? exports : noExports}
      />
      {!empty && names.length > 1 && (firstLength > 0 || others.length > 0) && (
        <fieldset className={css.tiles} aria-label="Metric">
          {names.map((name) => (
            <button key={name} type="button" className={css.tile} aria-pressed={name === metric} onClick={() => setWanted(name)}>
              <span className={css.term}>{words(name)}</span>
              <span className={`${css.value} numbers`}>
                {short(lastValue(first, name))}
                {units?.[name] && <small> {units[name]}</small>}
                {played && <small> recorded</small>}
              </span>
              <Spark curve={first} length={firstLength} metric={name} color={played ? recordedColor : runColors[0]} />
            </button>
          ))}
        </fieldset>
      )}
      {/* Drawn before the first value too: building a chart costs more than filling it, and should not fall into the training. */}
      <div className={css.stage} ref={stage}>
        <Suspense fallback={<div className={css.chart} />}>
          <CurveChart
            data={empty ? nothing : data}
            lines={lines}
            band={band ? bandName : null}
            metric={words(metric)}
            unit={unit}
            log={log}
          />
        </Suspense>
        {empty && (
          <Text className={css.empty!}>
            {training ? (
              <span>The first values are on their way.</span>
            ) : (
              <span>
                Press <strong>Train</strong>: the loss and its terms appear here as they are computed.
              </span>
            )}
          </Text>
        )}
      </div>
      {log && !empty && data.length === 0 && (
        <Text size="sm" c="dimmed">
          A log axis shows positive values only, and this metric has none.
        </Text>
      )}
      {recorded && mayBePlayed && (
        <Suspense fallback={<div className={css.offer} />}>
          <RecordedPlayer recorded={recorded} player={player} />
        </Suspense>
      )}
      {reference && (
        <Suspense>
          <BandLegend label={bandName} shown={banded} onShow={setBanded} />
        </Suspense>
      )}
      {others.length > 0 && (
        <Suspense>
          <Runs runs={others} labels={labels} colorOf={colorOf} metric={metric} live={length > 0} />
        </Suspense>
      )}
    </section>
  );
}

const bandWords = ({ recording: { runs } }: Recorded, differs: boolean): string => {
  const seeds = runs.length === 1 ? '1 seed' : `${runs.length} seeds`;
  return differs ? `recorded: defaults, ${seeds}` : `recorded (${seeds}, defaults)`;
};

const noExports: readonly Export[] = [];
const nothing = [{ step: 0 }, { step: 100 }];

type ControlsProps = {
  readonly smoothing: number;
  readonly onSmoothing: (value: number) => void;
  readonly log: boolean;
  readonly onLog: (on: boolean) => void;
  readonly onKeep: (() => void) | null;
  readonly exports: readonly Export[];
};

/** How the curves are drawn; apart from them, as it need not be drawn again with each point. */
const Controls = memo(function Controls({ smoothing, onSmoothing, log, onLog, onKeep, exports }: ControlsProps) {
  return (
    <Group justify="space-between" gap="sm">
      <Title order={2} size="h4" id="curves">
        Curves
      </Title>
      <Group gap="md">
        <div className={css.smoothing}>
          <span>Smoothing</span>
          <Slider
            w={110}
            thumbLabel="Smoothing"
            min={0}
            max={0.98}
            step={0.02}
            value={smoothing}
            onChange={onSmoothing}
            label={(value) => (value === 0 ? 'none' : `EMA ${value.toFixed(2)}`)}
          />
        </div>
        <Switch size="sm" label="Log axis" checked={log} onChange={({ currentTarget }) => onLog(currentTarget.checked)} />
        <Tip label="Keeps this curve on the chart, beside the runs to come">
          <Button size="compact-sm" variant="default" disabled={!onKeep} onClick={onKeep ?? undefined}>
            Keep on chart
          </Button>
        </Tip>
        {exports.length > 0 && (
          <Suspense>
            <ExportMenu exports={exports} />
          </Suspense>
        )}
      </Group>
    </Group>
  );
});

/** A kept run's colour is its for as long as it is there. */
const colorOf = ({ color }: Overlay): string => runColors[1 + (color % (runColors.length - 1))]!;

/** The loss first, the rest as they came; while the run has none, those of the kept runs. */
function metricNames(curve: Curve, others: readonly Curve[], length: number): string[] {
  const names = length > 0 ? [...curve.columns.keys()] : [...new Set(others.flatMap((other) => [...other.columns.keys()]))];
  return [...names.filter((name) => name === 'loss'), ...names.filter((name) => name !== 'loss')];
}
