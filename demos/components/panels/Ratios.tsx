import { Slider } from '@mantine/core';
import { useState } from 'react';
import { integer } from '../../app/format.ts';
import { useWidth } from './canvas.ts';
import css from './closer.module.css';
import { ticks } from './geometry.ts';
import styles from './panels.module.css';
import { RatioCurve } from './RatioCurve.tsx';
import type { PanelProps } from './types.ts';
import { fixed, ratiosInWords } from './words.ts';

type Props = PanelProps<'ratios'>;
const [HEIGHT, LEFT, BELOW, TOP] = [220, 40, 36, 8];
const total = (nats: ArrayLike<number>) => Array.from(nats).reduce((sum, v) => sum + v, 0);
/** 0, then the sums of the first one, two, … */
const sums = (nats: Float32Array): number[] => Array.from({ length: nats.length + 1 }, (_, k) => total(nats.subarray(0, k)));

/** What the bridges of a telescope add up to, against the truth and the ceilings; in one dimension also each log-ratio over x. */
export function Ratios({ artifact }: Pick<Props, 'artifact'>) {
  const { truth, estimate, batch, seen, curve } = artifact;
  /** 0: all bridges together. */
  const [asked, setChosen] = useState(0);
  const chosen = Math.min(asked, truth.length);
  const ceilings = [
    { nats: Math.log(batch), dash: '2 4', text: `log ${integer(batch)}, the rows of a batch: no estimate of InfoNCE can pass it` },
    ...(seen > 0
      ? [{ nats: Math.log(seen), dash: '8 4', text: `log ${integer(seen)}, all rows seen: no lower bound without assumptions can pass it` }]
      : []),
  ];
  return (
    <div className={styles.panel}>
      <p className={styles.text}>{ratiosInWords(total(estimate), total(truth))}</p>
      <Stack truth={truth} estimate={estimate} ceilings={ceilings} chosen={chosen} onChoose={setChosen} />
      <ul className={css.legend}>
        <li>
          <span className={css.line} style={{ background: 'var(--lab-accent)', height: 10 }} aria-hidden="true" />
          estimated
        </li>
        <li>
          <span className={css.line} style={{ background: 'var(--lab-warm)' }} aria-hidden="true" />
          truth, {fixed(total(truth), 1)} nats in all
        </li>
        {ceilings.map(({ nats, dash, text }) => (
          <li key={dash}>
            <svg width={26} height={6} aria-hidden="true">
              <line x1={0} x2={18} y1={3} y2={3} stroke="currentColor" strokeWidth={1.5} strokeDasharray={dash} />
            </svg>
            {fixed(nats, 1)} = {text}
          </li>
        ))}
      </ul>
      {truth.length > 1 && (
        <div>
          <p className={styles.text} aria-live="polite">
            {chosen === 0
              ? 'All bridges together'
              : `Bridge ${chosen} of ${truth.length}: ${fixed(estimate[chosen - 1]!)} of ${fixed(truth[chosen - 1]!)} nats`}
          </p>
          <Slider
            className={styles.slider}
            min={0}
            max={truth.length}
            value={chosen}
            onChange={setChosen}
            label={null}
            thumbLabel="Bridge shown, 0 for all together"
          />
        </div>
      )}
      {curve && <RatioCurve curve={curve} chosen={chosen} />}
    </div>
  );
}

type StackProps = {
  readonly truth: Float32Array;
  readonly estimate: Float32Array;
  readonly ceilings: readonly { readonly nats: number; readonly dash: string }[];
  readonly chosen: number;
  readonly onChoose: (bridge: number) => void;
};

function Stack({ truth, estimate, ceilings, chosen, onChoose }: StackProps) {
  const { ref, width } = useWidth();
  const [found, right] = [sums(estimate), sums(truth)];
  const high = 1.06 * Math.max(...found, ...right, ...ceilings.map(({ nats }) => nats));
  const low = Math.min(0, ...found);
  const y = (nats: number) => TOP + (HEIGHT - TOP) * ((high - nats) / (high - low));
  const pitch = Math.min(120, Math.max(1, width - LEFT) / truth.length);
  const gap = Math.min(4, 0.1 * pitch);
  const every = Math.ceil(20 / Math.max(1, pitch));
  const told = Array.from(truth, (nats, k) => `bridge ${k + 1} ${fixed(estimate[k]!)} of ${fixed(nats)}`).join(', ');
  return (
    <div ref={ref} className={styles.fill}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT + BELOW}
          role="img"
          aria-label={`Nats that each bridge adds, estimated of true: ${told}; together ${fixed(found.at(-1)!)} of ${fixed(right.at(-1)!)}.`}
          fill="currentColor"
          fontSize={11}
        >
          {ticks(low, high, 5).map((nats) => (
            <g key={nats}>
              <line x1={LEFT} x2={width} y1={y(nats)} y2={y(nats)} stroke="currentColor" opacity={0.15} />
              <text x={LEFT - 6} y={y(nats)} textAnchor="end" dominantBaseline="middle">
                {fixed(nats, 0)}
              </text>
            </g>
          ))}
          {Array.from(truth, (_, k) => {
            const [x, from, to] = [LEFT + k * pitch + gap, found[k]!, found[k + 1]!];
            return (
              <g key={k} onPointerDown={() => onChoose(k + 1 === chosen ? 0 : k + 1)} opacity={chosen === 0 || chosen === k + 1 ? 1 : 0.4}>
                <rect x={x - gap} y={0} width={pitch} height={HEIGHT + BELOW} fill="transparent" />
                <rect
                  x={x}
                  y={y(Math.max(from, to))}
                  width={pitch - 2 * gap}
                  height={Math.max(1, Math.abs(y(from) - y(to)))}
                  fill="var(--lab-accent)"
                />
                <line
                  x1={x - gap}
                  x2={x + pitch - gap}
                  y1={y(right[k + 1]!)}
                  y2={y(right[k + 1]!)}
                  stroke="var(--lab-warm)"
                  strokeWidth={3}
                />
                {k % every === 0 && (
                  <text x={x - gap + pitch / 2} y={HEIGHT + 14} textAnchor="middle">
                    {k + 1}
                  </text>
                )}
              </g>
            );
          })}
          {ceilings.map(({ nats, dash }) => (
            <line
              key={dash}
              x1={LEFT}
              x2={width}
              y1={y(nats)}
              y2={y(nats)}
              stroke="currentColor"
              strokeWidth={1.5}
              strokeDasharray={dash}
            />
          ))}
          <text x={LEFT} y={HEIGHT + 30}>
            bridge, from the data to the noise
          </text>
          <text x={width} y={HEIGHT + 30} textAnchor="end">
            nats so far
          </text>
        </svg>
      )}
    </div>
  );
}
