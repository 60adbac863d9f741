import { Slider } from '@mantine/core';
import { useState } from 'react';
import { integer } from '../../app/format.ts';
import { BridgeStack, total } from './BridgeStack.tsx';
import css from './closer.module.css';
import styles from './panels.module.css';
import { RatioCurve } from './RatioCurve.tsx';
import type { PanelProps } from './types.ts';
import { fixed, ratiosInWords } from './words.ts';

type Props = PanelProps<'ratios'>;

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
      <BridgeStack truth={truth} estimate={estimate} ceilings={ceilings} chosen={chosen} onChoose={setChosen} />
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
