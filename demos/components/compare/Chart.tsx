import { memo } from 'react';
import { CartesianGrid, LineChart, ResponsiveContainer, usePlotArea, XAxis, YAxis } from 'recharts';
import { type Drawn, type Extent, logTicks, shareOf } from '../../app/compare-lines.ts';
import { integer, short } from '../../app/format.ts';
import { ticks } from '../panels/geometry.ts';
import css from './compare.module.css';

type Props = {
  readonly lines: readonly Drawn[];
  readonly x: Extent;
  readonly y: Extent;
  readonly xName: string;
  /** The metric with its unit. */
  readonly measure: string;
};

const label = { fill: 'var(--mantine-color-dimmed)', fontSize: 12 };
type TickProps = { x: number | string; y: number | string; payload: { value: number } };
const xTick = ({ x, y, payload: { value } }: TickProps) => (
  <text {...label} x={x} y={y} dy="0.71em" textAnchor="middle">
    {value >= 1 ? integer(value) : short(value)}
  </text>
);
const yTick = ({ x, y, payload }: TickProps) => (
  <text {...label} x={x} y={y} dy="0.355em" textAnchor="end">
    {short(payload.value)}
  </text>
);
const axis = { stroke: 'var(--lab-line)', interval: 0, type: 'number', allowDataOverflow: true } as const;
const ticksOf = ({ low, high, log }: Extent, count: number) => (log ? logTicks(low, high) : ticks(low, high, count));

/**
 * Axes and grid by Recharts; the lines are paths of our own in it: eight lines of hundreds of points would each be laid out
 * anew by Recharts whenever one of them grows.
 */
export const Chart = memo(function Chart({ lines, x, y, xName, measure }: Props) {
  return (
    <div className={css.plot} role="img" aria-label={`${measure} over ${xName}, ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`}>
      <ResponsiveContainer width="100%" height="100%" debounce={100}>
        <LineChart data={nothing} margin={{ top: 8, right: 28, bottom: 18, left: 12 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--lab-grid)" vertical={false} />
          <XAxis
            {...axis}
            dataKey="x"
            scale={x.log ? 'log' : 'linear'}
            domain={[x.low, x.high]}
            ticks={ticksOf(x, 8)}
            tick={xTick}
            label={{ ...label, value: xName, position: 'insideBottom', offset: -10 }}
          />
          <YAxis
            {...axis}
            width={64}
            scale={y.log ? 'log' : 'linear'}
            domain={[y.low, y.high]}
            ticks={ticksOf(y, 5)}
            tick={yTick}
            label={{ ...label, value: measure, angle: -90, position: 'insideLeft', style: { textAnchor: 'middle' } }}
          />
          <Lines lines={lines} x={x} y={y} />
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
});
const nothing: { x: number }[] = [];

type Plot = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

function Lines({ lines, x, y }: Pick<Props, 'lines' | 'x' | 'y'>) {
  const plot = usePlotArea();
  if (!plot || plot.width <= 0) return null;
  return (
    <g className="compare-lines">
      {lines.map(
        ({ item, band }) =>
          band && <Area key={item.key} at={band.x} low={band.low} high={band.high} color={item.color} x={x} y={y} plot={plot} />,
      )}
      {lines.map(({ item, x: at, y: values, band }) => (
        <Line key={item.key} at={at} values={values} color={item.color} strong={band !== null} x={x} y={y} plot={plot} />
      ))}
      <Ends lines={lines} x={x} y={y} plot={plot} />
    </g>
  );
}

const across = (plot: Plot, x: Extent, value: number) => plot.x + plot.width * shareOf(x, value);
const down = (plot: Plot, y: Extent, value: number) => plot.y + plot.height * (1 - shareOf(y, value));

/** Points as a path; what a log axis cannot show interrupts it. */
function pathOf(plot: Plot, x: Extent, y: Extent, at: readonly number[], values: readonly number[]): string {
  let path = '';
  let pen = 'M';
  for (let i = 0; i < at.length; i++) {
    if (y.log && values[i]! <= 0) {
      pen = 'M';
      continue;
    }
    path += `${pen}${across(plot, x, at[i]!).toFixed(1)} ${down(plot, y, values[i]!).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

type Drawing = { readonly at: readonly number[]; readonly color: string; readonly x: Extent; readonly y: Extent; readonly plot: Plot };

/** Drawn again only when its own points or the axes have changed. */
const Line = memo(function Line({ at, values, color, strong, x, y, plot }: Drawing & { values: readonly number[]; strong: boolean }) {
  if (at.length === 1 && !(y.log && values[0]! <= 0))
    return <circle cx={across(plot, x, at[0]!)} cy={down(plot, y, values[0]!)} r={2.5} fill={color} />;
  return <path d={pathOf(plot, x, y, at, values)} fill="none" stroke={color} strokeWidth={strong ? 2 : 1.5} strokeLinejoin="round" />;
}, sameDrawing);

const Area = memo(function Area({ at, low, high, color, x, y, plot }: Drawing & { low: readonly number[]; high: readonly number[] }) {
  // On a log axis a band that reaches below 0 goes on to the floor.
  const floored = y.log ? low.map((value) => Math.max(value, y.low)) : low;
  if (at.length < 2 || (y.log && high.some((value) => value <= 0))) return null;
  const back = pathOf(plot, x, y, [...at].reverse(), [...floored].reverse()).replace('M', 'L');
  return <path d={`${pathOf(plot, x, y, at, high)}${back}Z`} fill={color} fillOpacity={0.22} stroke="none" />;
}, sameDrawing);

function sameDrawing<P extends Drawing>(a: P, b: P): boolean {
  return Object.keys(a).every((key) => {
    const [old, now] = [a[key as keyof P], b[key as keyof P]];
    return old === now || ((key === 'x' || key === 'y' || key === 'plot') && JSON.stringify(old) === JSON.stringify(now));
  });
}

const lineHeight = 13;

/** The letter of each line at its end, moved apart where they would cover each other: colour does not stand alone. */
function Ends({ lines, x, y, plot }: Pick<Props, 'lines' | 'x' | 'y'> & { plot: Plot }) {
  const ends = lines
    .flatMap(({ item, x: at, y: values }) => {
      let i = at.length - 1;
      while (i >= 0 && y.log && values[i]! <= 0) i--;
      return i < 0 ? [] : [{ item, left: across(plot, x, at[i]!) + 5, top: down(plot, y, values[i]!) + 4 }];
    })
    .sort((a, b) => a.top - b.top);
  const close = (a: { left: number }, b: { left: number }) => Math.abs(a.left - b.left) < 12;
  ends.forEach((end, i) => {
    for (const other of ends.slice(0, i)) if (close(end, other)) end.top = Math.max(end.top, other.top + lineHeight);
  });
  // From the floor up again, so that none falls below it.
  [...ends].reverse().forEach((end, i, upwards) => {
    end.top = Math.min(end.top, plot.y + plot.height);
    for (const other of upwards.slice(0, i)) if (close(end, other)) end.top = Math.min(end.top, other.top - lineHeight);
  });
  return ends.map(({ item, left, top }) => (
    <text key={item.key} x={left} y={top} className={css.end} style={{ fill: item.color }}>
      {item.letter}
    </text>
  ));
}
