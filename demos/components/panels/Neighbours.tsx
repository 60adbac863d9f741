import { useState } from 'react';
import { percent } from '../../app/format.ts';
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
      <fieldset className={css.choices}>
        <legend className={styles.text}>Choose a held-out image</legend>
        {Array.from({ length: queries.n }, (_, i) => (
          <button
            key={i}
            type="button"
            className={css.choice}
            aria-pressed={i === chosen}
            aria-label={`Held-out image ${i}${named ? `, ${className(classes, queryLabels[i] ?? 0)}` : ''}`}
            onClick={() => setWanted(i)}
          >
            <Thumb grid={queries} index={i} className={css.small} />
          </button>
        ))}
      </fieldset>
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
