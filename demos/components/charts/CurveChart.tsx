import { memo } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Curve,
  type CurveProps,
  Line as Path,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { integer, short } from '../../app/format.ts';
import type { Row } from '../../app/series.ts';
import css from './charts.module.css';

export type Line = { readonly id: string; readonly label: string; readonly color: string };
type Props = {
  readonly data: Row[];
  readonly lines: readonly Line[];
  /** What the band behind the lines is, where the rows have one. */
  readonly band: string | null;
  readonly metric: string;
  readonly unit: string | undefined;
  readonly log: boolean;
};

const label = { fill: 'var(--mantine-color-dimmed)', fontSize: 12 };
// Every tick is shown, as plain text: Recharts' own would measure each label in the page, at each redraw.
type TickProps = { x: number | string; y: number | string; payload: { value: number } };
const stepTick = ({ x, y, payload }: TickProps) => (
  <text {...label} x={x} y={y} dy="0.71em" textAnchor="middle">
    {integer(payload.value)}
  </text>
);
const valueTick = ({ x, y, payload }: TickProps) => (
  <text {...label} x={x} y={y} dy="0.355em" textAnchor="end">
    {short(payload.value)}
  </text>
);
const axis = { stroke: 'var(--lab-line)', interval: 0 } as const;

/** Recharts measures a path's length at each redraw, for animations; a path that it cannot reach costs nothing. */
const unmeasured = (props: CurveProps) => <Curve {...props} pathRef={null} />;

/** The band at a step, in words. */
const BandTip = ({ row, band }: { row: Row | undefined; band: string }) =>
  row?.low === undefined ? null : (
    <div>
      <i style={{ background: bandColor }} />
      {band}: <b>{short(row.mean!)}</b> ({short(row.low)} to {short(row.high!)})
    </div>
  );

const bandColor = 'var(--mantine-color-dimmed)';
const bandOf = ({ low, high }: Row) => (low === undefined ? undefined : [low, high]);

/** One metric over the steps, a line a run, over a band where there is one; drawn without animation. */
export const CurveChart = memo(
  function CurveChart({ data, lines, band, metric, unit, log }: Props) {
    const measure = unit ? `${metric} (${unit})` : metric;
    return (
      <div
        className={css.chart}
        role="img"
        aria-label={`${measure} over ${integer(data.at(-1)?.step ?? 0)} steps, ${lines.length} runs${band ? `, over a band: ${band}` : ''}`}
      >
        <ResponsiveContainer width="100%" height="100%" debounce={100}>
          <ComposedChart data={data} margin={{ top: 8, right: 22, bottom: 18, left: 12 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--lab-grid)" vertical={false} />
            <XAxis
              {...axis}
              dataKey="step"
              type="number"
              domain={[0, 'dataMax']}
              allowDecimals={false}
              tick={stepTick}
              label={{ ...label, value: 'step', position: 'insideBottom', offset: -10 }}
            />
            <YAxis
              {...axis}
              width={64}
              scale={log ? 'log' : 'linear'}
              domain={['auto', 'auto']}
              allowDataOverflow={log}
              tick={valueTick}
              label={{ ...label, value: measure, angle: -90, position: 'insideLeft', style: { textAnchor: 'middle' } }}
            />
            <Tooltip
              isAnimationActive={false}
              content={({ active, payload, label: step }) =>
                active && payload.length > 0 ? (
                  <div className={`${css.tip} numbers`}>
                    <div>step {integer(Number(step))}</div>
                    {lines.map((line) => {
                      const value = payload.find(({ dataKey }) => dataKey === line.id)?.value;
                      return (
                        value !== undefined && (
                          <div key={line.id}>
                            <i style={{ background: line.color }} />
                            {line.label}: <b>{short(Number(value))}</b>
                            {unit && ` ${unit}`}
                          </div>
                        )
                      );
                    })}
                    {band && <BandTip row={payload[0]?.payload} band={band} />}
                  </div>
                ) : null
              }
            />
            {band && (
              <Area
                dataKey={bandOf}
                stroke="none"
                fill={bandColor}
                fillOpacity={0.22}
                activeDot={false}
                connectNulls
                isAnimationActive={false}
                type="linear"
              />
            )}
            {band && (
              <Path
                dataKey="mean"
                stroke={bandColor}
                strokeWidth={1}
                dot={false}
                activeDot={false}
                connectNulls
                isAnimationActive={false}
                shape={unmeasured}
                type="linear"
              />
            )}
            {[...lines].reverse().map(({ id, color }) => (
              <Path
                key={id}
                dataKey={id}
                stroke={color}
                strokeWidth={id === 'now' || id === 'played' ? 2 : 1.4}
                dot={data.length <= 2 ? { r: 2.5, strokeWidth: 0, fill: color } : false}
                activeDot={{ r: 4 }}
                connectNulls
                isAnimationActive={false}
                shape={unmeasured}
                type="linear"
              />
            ))}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    );
  },
  (a, b) =>
    a.data === b.data &&
    a.band === b.band &&
    a.metric === b.metric &&
    a.unit === b.unit &&
    a.log === b.log &&
    JSON.stringify(a.lines) === JSON.stringify(b.lines),
);
