import { useId } from 'react';
import type { Artifact } from '../../../src/worker/protocol.ts';
import { useWidth } from './canvas.ts';
import css from './closer.module.css';
import { ticks } from './geometry.ts';
import styles from './panels.module.css';
import { fixed } from './words.ts';

type Curve = NonNullable<Extract<Artifact, { kind: 'ratios' }>['curve']>;
const [HEIGHT, LEFT, BELOW, TOP, HILLS] = [240, 44, 36, 8, 46];

/** Bridge `chosen` (0: the sum of all) of [bridges × points] numbers. */
export function ofBridge(values: Float32Array, points: number, chosen: number): Float32Array {
  if (chosen > 0) return values.subarray((chosen - 1) * points, chosen * points);
  const sum = new Float32Array(points);
  values.forEach((value, i) => {
    sum[i % points]! += value;
  });
  return sum;
}

/** A log-ratio over x, true and estimated, over the two Gaussians that it compares. */
export function RatioCurve({ curve, chosen }: { readonly curve: Curve; readonly chosen: number }) {
  const { ref, width } = useWidth();
  const clip = useId();
  const { x, means, deviations } = curve;
  const [truth, estimate] = [curve.truth, curve.estimate].map((values) => ofBridge(values, x.length, chosen)) as [
    Float32Array,
    Float32Array,
  ];
  const [first, last] = chosen === 0 ? [0, means.length - 1] : [chosen - 1, chosen];
  const high = Math.max(...truth) + 1;
  // The narrow numerator lets the log-ratio fall without end: what is far below tells nothing more.
  const low = Math.max(Math.min(...truth), -2.5 * high);
  const [from, to] = [x[0]!, x.at(-1)!];
  const px = (value: number) => LEFT + ((width - LEFT - 6) * (value - from)) / (to - from);
  const py = (nats: number) => TOP + ((HEIGHT - HILLS - TOP) * (high - nats)) / (high - low);
  const path = (values: Float32Array) => Array.from(values, (v, i) => `${px(x[i]!).toFixed(1)},${py(v).toFixed(1)}`).join(' ');
  const hill = (k: number) => {
    const heights = Array.from(x, (v) => Math.exp(-0.5 * ((v - means[k]!) / deviations[k]!) ** 2));
    return `${px(from)},${HEIGHT} ${heights.map((h, i) => `${px(x[i]!).toFixed(1)},${(HEIGHT - (HILLS - 6) * h).toFixed(1)}`).join(' ')} ${px(to)},${HEIGHT}`;
  };
  const middle = x.length >> 1;
  return (
    <figure className={css.chart}>
      <figcaption className={styles.text}>
        Log-ratio over x, {chosen === 0 ? 'all bridges' : `bridge ${chosen}`}; beneath, the two densities that it compares, scaled to one
        height.
      </figcaption>
      <div ref={ref} className={styles.fill}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT + BELOW}
            role="img"
            aria-label={`Log-ratio over x from ${fixed(from, 1)} to ${fixed(to, 1)}. In the middle ${fixed(estimate[middle]!, 1)} estimated, ${fixed(truth[middle]!, 1)} true; at the numerator's mean the truth is ${fixed(Math.max(...truth), 1)}.`}
            fill="currentColor"
            fontSize={11}
          >
            <clipPath id={clip}>
              <rect x={LEFT} y={0} width={Math.max(0, width - LEFT)} height={HEIGHT - HILLS} />
            </clipPath>
            {ticks(low, high, 5).map((nats) => (
              <g key={nats}>
                <line x1={LEFT} x2={width} y1={py(nats)} y2={py(nats)} stroke="currentColor" opacity={nats === 0 ? 0.5 : 0.15} />
                <text x={LEFT - 6} y={py(nats)} textAnchor="end" dominantBaseline="middle">
                  {fixed(nats, 0)}
                </text>
              </g>
            ))}
            <polygon points={hill(first)} opacity={0.35} />
            <polygon points={hill(last)} opacity={0.18} />
            <g clipPath={`url(#${clip})`} fill="none">
              <polyline points={path(truth)} stroke="var(--lab-warm)" strokeWidth={5} opacity={0.7} />
              <polyline points={path(estimate)} stroke="var(--lab-accent)" strokeWidth={2} />
            </g>
            {ticks(from, to, 6).map((value) => (
              <text key={value} x={px(value)} y={HEIGHT + 15} textAnchor="middle">
                {fixed(value, 0)}
              </text>
            ))}
            <text x={LEFT} y={HEIGHT + 30}>
              x
            </text>
            <text x={width} y={HEIGHT + 30} textAnchor="end">
              log-ratio, nats
            </text>
          </svg>
        )}
      </div>
    </figure>
  );
}
