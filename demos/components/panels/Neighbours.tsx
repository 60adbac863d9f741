import { useState } from 'react';
import { percent } from '../../app/format.ts';
import { Chooser } from './Chooser.tsx';
import css from './closer.module.css';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { className, fixed } from './words.ts';

/** Held-out images to choose from, and the nearest training images of the chosen one. */
export function Neighbours({ artifact, classes }: PanelProps<'neighbours'>) {
  const { among, queries, queryLabels, each, images, labels, cosines } = artifact;
  const [wanted, setWanted] = useState(0);
  const chosen = Math.min(wanted, queries.n - 1);
  const own = queryLabels[chosen] ?? 0;
  const named = (classes?.length ?? 0) > 1;
  const right = labels.reduce((n, label, i) => n + (label === queryLabels[Math.floor(i / each)] ? 1 : 0), 0) / Math.max(1, labels.length);
  return (
    <div className={styles.panel}>
      <Chooser
        legend="Choose a held-out image"
        grid={queries}
        chosen={chosen}
        onChoose={setWanted}
        labelOf={(i) => `Held-out image ${i}${named ? `, ${className(classes, queryLabels[i] ?? 0)}` : ''}`}
        className={css.small}
      />
      <div className={css.near} aria-live="polite">
        <figure className={css.item}>
          <Thumb grid={queries} index={chosen} className={css.chosen} />
          <figcaption>{named ? <strong>{className(classes, own)}</strong> : 'chosen'}</figcaption>
        </figure>
        <div className={css.eight}>
          {Array.from({ length: each }, (_, k) => {
            const at = chosen * each + k;
            const label = labels[at] ?? 0;
            return (
              <figure key={k} className={css.item}>
                <Thumb grid={images} index={at} className={css.thumb} />
                <figcaption>
                  {named && (label === own ? className(classes, label) : <em>{className(classes, label)}</em>)}
                  <span>{fixed(cosines[at] ?? Number.NaN, 3)}</span>
                </figcaption>
              </figure>
            );
          })}
        </div>
      </div>
      <p className={styles.text}>
        The nearest of {among} training images, with their cosines.
        {named && ` Of all neighbours of these ${queries.n} images ${percent(right)} are of the same class (others in italics).`}
      </p>
    </div>
  );
}
