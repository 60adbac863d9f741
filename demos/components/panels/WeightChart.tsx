import { useMemo } from 'react';
import type { Artifact } from '../../../src/worker/protocol.ts';
import { percent } from '../../app/format.ts';
import { useWidth } from './canvas.ts';
import css from './closer.module.css';
import { shares } from './geometry.ts';
import styles from './panels.module.css';

type Samplers = Extract<Artifact, { kind: 'weighted' }>['samplers'];
const [HEIGHT, LEFT, BELOW, TOP] = [170, 44, 34, 8];
/** Log-weights from −reach to reach in bins; what lies beyond counts in the outermost. */
const [REACH, BINS] = [5, 40];
const colors = ['var(--lab-accent)', 'var(--lab-warm)'] as const;

/** How the log-weights of each sampler's draws are spread about log Z. */
export function WeightChart({ samplers }: { readonly samplers: Samplers }) {
  const { ref, width } = useWidth();
  const bins = useMemo(() => samplers.map(({ logWeights }) => shares(logWeights, REACH, BINS)), [samplers]);
  const top = Math.max(0.05, ...bins.flatMap((bin) => [...bin]));
  const x = (value: number) => LEFT + (width - LEFT - 8) * ((value + REACH) / (2 * REACH));
  const y = (share: number) => TOP + (HEIGHT - TOP) * (1 - share / top);
  const outline = (bin: Float32Array) =>
    Array.from(bin, (share, k) => [k, k + 1].map((edge) => `${x((edge / BINS) * 2 * REACH - REACH).toFixed(1)},${y(share).toFixed(1)}`))
      .flat()
      .join(' ');
  const told = samplers.map(
    ({ name }, i) => `${name}: ${percent(bins[i]!.slice(BINS / 2 - 2, BINS / 2 + 2).reduce((a, v) => a + v, 0))} within half a nat`,
  );
  return (
    <figure className={css.chart}>
      <figcaption className={styles.text}>Log-weights of the draws, less log Z: at 0 a draw counts once</figcaption>
      <ul className={css.legend}>
        {samplers.map(({ name }, i) => (
          <li key={name}>
            <span className={css.line} style={{ background: colors[i % 2] }} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
      <div ref={ref} className={styles.fill}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT + BELOW}
            role="img"
            aria-label={`Histogram of log-weights. ${told.join('; ')}.`}
            fill="currentColor"
            fontSize={11}
          >
            {[0, top / 2, top].map((share) => (
              <g key={share}>
                <line x1={LEFT} x2={width - 8} y1={y(share)} y2={y(share)} stroke="currentColor" opacity={share ? 0.15 : 0.5} />
                <text x={LEFT - 6} y={y(share)} textAnchor="end" dominantBaseline="middle">
                  {percent(share)}
                </text>
              </g>
            ))}
            <line x1={x(0)} x2={x(0)} y1={TOP} y2={HEIGHT} stroke="currentColor" opacity={0.3} strokeDasharray="3 3" />
            {bins.map((bin, i) => (
              <polyline
                key={samplers[i]!.name}
                points={outline(bin)}
                fill="none"
                stroke={colors[i % 2]}
                strokeWidth={1.8}
                strokeDasharray={i ? '6 3' : undefined}
              />
            ))}
            {[-4, -2, 0, 2, 4].map((value) => (
              <text key={value} x={x(value)} y={HEIGHT + 15} textAnchor="middle">
                {String(value).replace('-', '−')}
              </text>
            ))}
            <text x={x(REACH)} y={HEIGHT + 30} textAnchor="end">
              log w − log Z, nats
            </text>
          </svg>
        )}
      </div>
    </figure>
  );
}
