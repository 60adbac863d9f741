import { Switch, useComputedColorScheme } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useWidth } from './canvas.ts';
import { ticks } from './geometry.ts';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { ACTIVE_NATS, fixed, latentsInWords } from './words.ts';

const HEIGHT = 180;
const LEFT = 34;
const BELOW = 34;

/** Mean KL of each latent dimension as bars. */
export function Latents({ artifact: { kl } }: PanelProps<'latents'>) {
  const asleep = useComputedColorScheme('light') === 'dark' ? '#ffa94d' : '#b35900';
  const { ref, width } = useWidth();
  const [sorted, setSorted] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const { active, total, text } = latentsInWords(kl);
  const order = useMemo(() => {
    const all = Array.from(kl, (_, i) => i);
    return sorted ? all.sort((a, b) => (kl[b] ?? 0) - (kl[a] ?? 0)) : all;
  }, [kl, sorted]);
  const top = Math.max(0.1, ...kl) * 1.05;
  const pitch = Math.min(48, Math.max(1, width - LEFT) / Math.max(1, total));
  const y = (value: number) => HEIGHT * (1 - Math.max(0, value) / top);
  const every = Math.ceil(20 / pitch);
  return (
    <div className={styles.panel}>
      <p className={active < total ? styles.warning : styles.text}>
        <span className={styles.number}>
          {active} of {total}
        </span>{' '}
        latent dimensions active (KL above {ACTIVE_NATS} nats). {text}
      </p>
      <Switch size="sm" label="Sort by KL" checked={sorted} onChange={(event) => setSorted(event.currentTarget.checked)} />
      <div ref={ref} className={styles.fill}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT + BELOW}
            role="img"
            aria-label={`Mean KL of each of ${total} latent dimensions in nats: ${order.map((i) => `dimension ${i} ${fixed(kl[i] ?? 0)}`).join(', ')}.`}
            onPointerLeave={() => setChosen(null)}
            fill="currentColor"
            fontSize={11}
          >
            {ticks(0, top, 4).map((value) => (
              <g key={value}>
                <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} stroke="currentColor" opacity={0.15} />
                <text x={LEFT - 6} y={y(value)} textAnchor="end" dominantBaseline="middle">
                  {value}
                </text>
              </g>
            ))}
            {order.map((dimension, place) => {
              const value = kl[dimension] ?? 0;
              const x = LEFT + place * pitch;
              return (
                <g key={dimension} onPointerEnter={() => setChosen(dimension)}>
                  <rect x={x} y={0} width={pitch} height={HEIGHT + BELOW} fill="transparent" />
                  <rect
                    x={x + Math.min(3, pitch * 0.1)}
                    y={Math.min(y(value), HEIGHT - 2)}
                    width={Math.max(1, pitch - 2 * Math.min(3, pitch * 0.1))}
                    height={Math.max(2, HEIGHT - y(value))}
                    fill={value > ACTIVE_NATS ? 'var(--mantine-primary-color-filled)' : asleep}
                    opacity={chosen === null || chosen === dimension ? 1 : 0.5}
                  />
                  {place % every === 0 && (
                    <text x={x + pitch / 2} y={HEIGHT + 14} textAnchor="middle">
                      {dimension}
                    </text>
                  )}
                </g>
              );
            })}
            <text x={LEFT} y={HEIGHT + 30}>
              latent dimension
            </text>
            <text x={width} y={HEIGHT + 30} textAnchor="end">
              mean KL, nats
            </text>
          </svg>
        )}
        <p className={styles.status}>
          {chosen === null ? 'Point at a bar to read it.' : `Dimension ${chosen}: ${fixed(kl[chosen] ?? 0, 3)} nats`}
        </p>
      </div>
    </div>
  );
}
