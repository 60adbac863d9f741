import type { Artifact } from '../../../src/worker/protocol.ts';
import { useWidth } from './canvas.ts';
import css from './closer.module.css';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

type Net = Extract<Artifact, { kind: 'gradients' }>['nets'][number];
const [ROW, LEFT, BELOW, TOP] = [22, 118, 34, 6];
const [LEAST, MOST] = [0.01, 100];

/** Bias and deviation of gradient estimators, on nets whose exact gradient is known. */
export function Gradients({ artifact: { nets, draws } }: PanelProps<'gradients'>) {
  return (
    <div className={styles.panel}>
      <ul className={css.legend}>
        <li>
          <Mark kind="bias" /> bias: how far the mean is off
        </li>
        <li>
          <Mark kind="none" /> no bias found in {draws.toLocaleString('en')} draws
        </li>
        <li>
          <Mark kind="deviation" /> standard deviation of one draw
        </li>
      </ul>
      {nets.map((net) => (
        <Chart key={net.name} net={net} />
      ))}
      <p className={styles.text}>
        In units of the exact gradient’s length, found by enumerating every state of nets of 5 to 15 units with random weights. A bias
        misleads every step; a deviation averages out over a batch and over steps.
      </p>
    </div>
  );
}

const shape = {
  bias: <circle r={5} fill="var(--lab-accent)" />,
  none: <circle r={4} fill="none" stroke="var(--lab-accent)" strokeWidth={1.5} strokeDasharray="2 2" />,
  deviation: <rect x={-4} y={-4} width={8} height={8} transform="rotate(45)" fill="none" stroke="var(--lab-warm)" strokeWidth={2} />,
};

const Mark = ({ kind }: { kind: keyof typeof shape }) => (
  <svg width={14} height={14} viewBox="-7 -7 14 14" aria-hidden="true">
    {shape[kind]}
  </svg>
);

/** Below twice its standard error a bias may be none. */
const isFound = ({ bias, noise }: Net['errors'][number]) => bias > 2 * noise + 1e-3;

function Chart({ net: { name, errors } }: { net: Net }) {
  const { ref, width } = useWidth();
  const height = TOP + ROW * errors.length;
  const x = (value: number) =>
    LEFT + ((width - LEFT - 12) * Math.log10(Math.min(MOST, Math.max(LEAST, value)) / LEAST)) / Math.log10(MOST / LEAST);
  const y = (row: number) => TOP + ROW * (row + 0.5);
  const told = errors.map((error) => {
    const bias = isFound(error) ? `bias ${fixed(error.bias, 2)}` : 'no bias found';
    return `${error.name}: ${bias}, deviation ${fixed(error.deviation, 2)}`;
  });
  return (
    <figure className={css.chart}>
      <figcaption className={styles.text}>{name.replace(/^./, (first) => first.toUpperCase())}</figcaption>
      <div ref={ref} className={styles.fill}>
        {width > 0 && (
          <svg
            width={width}
            height={height + BELOW}
            role="img"
            aria-label={`${name}, in units of the exact gradient: ${told.join('; ')}.`}
            fill="currentColor"
            fontSize={11}
          >
            {[0.01, 0.1, 1, 10, 100].map((value) => (
              <g key={value}>
                <line x1={x(value)} x2={x(value)} y1={TOP} y2={height} stroke="currentColor" opacity={value === 1 ? 0.5 : 0.15} />
                <text x={x(value)} y={height + 14} textAnchor="middle">
                  {value}
                </text>
              </g>
            ))}
            {errors.map((error, row) => (
              <g key={error.name}>
                <text x={LEFT - 10} y={y(row)} textAnchor="end" dominantBaseline="middle">
                  {error.name}
                </text>
                <g transform={`translate(${x(error.deviation)} ${y(row)})`}>{shape.deviation}</g>
                <g transform={`translate(${x(error.bias)} ${y(row)})`}>{isFound(error) ? shape.bias : shape.none}</g>
                <title>{told[row]}</title>
              </g>
            ))}
            <text x={width - 12} y={height + 29} textAnchor="end">
              error / length of the exact gradient
            </text>
          </svg>
        )}
      </div>
    </figure>
  );
}
