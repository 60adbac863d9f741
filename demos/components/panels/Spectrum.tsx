import { useMemo } from 'react';
import type { Artifact } from '../../../src/worker/protocol.ts';
import { useWidth } from './canvas.ts';
import css from './closer.module.css';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

type Part = Extract<Artifact, { kind: 'spectrum' }>['parts'][number];
const [HEIGHT, LEFT, BELOW, TOP] = [190, 44, 34, 8];
/** Nothing below is told apart: it is rounding. */
const LEAST = 1e-5;
const words = { h: 'representation h', z: 'projection z' } as const;
const colors = { h: 'var(--lab-accent)', z: 'var(--lab-warm)' } as const;

/** How much representation and projection vary by dimension and along principal axes, on a log axis. */
export function Spectrum({ artifact: { parts, images } }: PanelProps<'spectrum'>) {
  const low = useMemo(() => {
    const all = parts.flatMap(({ std, singular }) => [std.at(-1) ?? 1, singular.at(-1) ?? 1]);
    return Math.max(LEAST, 10 ** Math.floor(Math.log10(Math.max(LEAST, Math.min(0.1, ...all)))));
  }, [parts]);
  const high = useMemo(
    () => 10 ** Math.ceil(Math.log10(Math.max(1, ...parts.flatMap(({ std, singular }) => [std[0] ?? 1, singular[0] ?? 1])))),
    [parts],
  );
  return (
    <div className={styles.panel}>
      <ul className={css.legend}>
        {parts.map(({ name, columns, rank, singular }) => (
          <li key={name}>
            <span className={css.line} style={{ background: colors[name] }} aria-hidden="true" />
            {words[name]}: {columns} dimensions, effective rank <span className={styles.number}>{fixed(rank, 1)}</span>
            {singular.length < columns && ` of at most ${singular.length}`}
          </li>
        ))}
      </ul>
      <Chart title="Dimensions" parts={parts} pick={({ std }) => std} low={low} high={high} />
      <Chart title="Principal axes" parts={parts} pick={({ singular }) => singular} low={low} high={high} />
      <p className={styles.text}>√d × standard deviation over {images} held-out images.</p>
    </div>
  );
}

type ChartProps = {
  readonly title: string;
  readonly parts: readonly Part[];
  readonly pick: (part: Part) => Float32Array;
  readonly low: number;
  readonly high: number;
};

function Chart({ title, parts, pick, low, high }: ChartProps) {
  const { ref, width } = useWidth();
  const decades = Math.max(1, Math.round(Math.log10(high / low)));
  const y = (value: number) => TOP + (HEIGHT - TOP) * (Math.log10(high / Math.max(low, value)) / decades);
  const x = (share: number) => LEFT + (width - LEFT - 6) * share;
  const path = (values: Float32Array) =>
    Array.from(values, (value, i) => `${x(i / Math.max(1, values.length - 1)).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const told = parts.map((part) => {
    const values = pick(part);
    return `${words[part.name]} from ${fixed(values[0] ?? 0, 3)} by ${fixed(values[values.length >> 1] ?? 0, 4)} in the middle to ${fixed(values.at(-1) ?? 0, 5)}`;
  });
  return (
    <figure className={css.chart}>
      <figcaption className={styles.text}>{title}</figcaption>
      <div ref={ref} className={styles.fill}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT + BELOW}
            role="img"
            aria-label={`${title}, largest first: ${told.join('; ')}.`}
            fill="currentColor"
            fontSize={11}
          >
            {Array.from({ length: decades + 1 }, (_, k) => high / 10 ** k).map((value) => (
              <g key={value}>
                <line
                  x1={LEFT}
                  x2={width - 6}
                  y1={y(value)}
                  y2={y(value)}
                  stroke="currentColor"
                  opacity={Math.abs(value - 1) < 1e-9 ? 0.5 : 0.15}
                />
                <text x={LEFT - 6} y={y(value)} textAnchor="end" dominantBaseline="middle">
                  {value >= 0.001
                    ? Number(value.toPrecision(1))
                    : `10${String(Math.round(Math.log10(value)))
                        .replace('-', '⁻')
                        .replace(/\d/g, (d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(d)]!)}`}
                </text>
              </g>
            ))}
            {parts.map((part) => (
              <polyline key={part.name} points={path(pick(part))} fill="none" stroke={colors[part.name]} strokeWidth={1.8} />
            ))}
            {[0, 0.25, 0.5, 0.75, 1].map((share) => (
              <text key={share} x={x(share)} y={HEIGHT + 15} textAnchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}>
                {100 * share} %
              </text>
            ))}
            <text x={x(0)} y={HEIGHT + 30}>
              share of all, largest first
            </text>
          </svg>
        )}
      </div>
    </figure>
  );
}
