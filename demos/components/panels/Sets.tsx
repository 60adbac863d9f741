import { Temperature } from './Images.tsx';
import styles from './panels.module.css';
import { SetPlots } from './SetPlots.tsx';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

/** Sets of points drawn from the model, and held-out ones to compare them with. */
export function Sets({ artifact: { size, extent, temperature, data, samples }, refresh, busy }: PanelProps<'sets'>) {
  const n = samples.length / (2 * size);
  return (
    <div className={styles.panel}>
      <Temperature drawn={temperature} refresh={refresh} />
      <div className={styles.pair} aria-busy={busy}>
        <figure className={styles.figure}>
          <figcaption>Drawn from the model</figcaption>
          <SetPlots
            {...{ size, extent }}
            points={samples}
            label={`${n} sets of ${size} points drawn from the model at temperature ${fixed(temperature)}.`}
          />
        </figure>
        <figure className={styles.figure}>
          <figcaption>Held out</figcaption>
          <SetPlots {...{ size, extent }} points={data} label={`${n} held-out sets of ${size} points.`} />
        </figure>
      </div>
    </div>
  );
}
