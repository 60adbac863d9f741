import { useState } from 'react';
import { percent } from '../../app/format.ts';
import css from './closer.module.css';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { className, fixed } from './words.ts';

/** First views by second views of held-out images as a table of scores; of a chosen first view, all second ones by their score. */
export function Relations({ artifact, classes }: PanelProps<'relations'>) {
  const { first, second, labels, scores, of, means, right } = artifact;
  const { n } = first;
  const [wanted, setWanted] = useState(0);
  const chosen = Math.min(wanted, n - 1);
  const named = (classes?.length ?? 0) > 1;
  const nameOf = (i: number) => `${i + 1}${named ? `, ${className(classes, labels[i] ?? 0)}` : ''}`;
  const score = (i: number, j: number) => scores[i * n + j] ?? Number.NaN;
  const all = Array.from({ length: n }, (_, i) => i);
  const ranked = [...all].sort((a, b) => score(chosen, b) - score(chosen, a));
  return (
    <div className={styles.panel}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.scroll} tabIndex={0} aria-label="Scores in percent: first views in rows, second views in columns">
        <table className={`${css.table} ${css.scores}`}>
          <thead>
            <tr>
              <td />
              {all.map((j) => (
                <th scope="col" key={j}>
                  <span className="unseen">Second view of image {nameOf(j)}</span>
                  <Thumb grid={second} index={j} className={css.tile} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map((i) => (
              <tr key={i}>
                <th scope="row">
                  <button
                    type="button"
                    className={css.choice}
                    aria-pressed={i === chosen}
                    aria-label={`First view of image ${nameOf(i)}`}
                    onClick={() => setWanted(i)}
                  >
                    <Thumb grid={first} index={i} className={css.tile} />
                  </button>
                </th>
                {all.map((j) => (
                  <td
                    key={j}
                    className={i === j ? css.matched : undefined}
                    style={{ background: `color-mix(in srgb, var(--lab-accent) ${Math.round(45 * score(i, j)) || 0}%, transparent)` }}
                  >
                    {Math.round(100 * score(i, j))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div className={css.near} aria-live="polite">
        <figure className={css.item}>
          <Thumb grid={first} index={chosen} className={css.chosen} />
          <figcaption>{named ? <strong>{className(classes, labels[chosen] ?? 0)}</strong> : 'chosen'}</figcaption>
        </figure>
        <div className={css.ranked}>
          {ranked.map((j) => (
            <figure key={j} className={css.item}>
              <Thumb grid={second} index={j} className={j === chosen ? css.chosen : css.thumb} />
              <figcaption>{fixed(score(chosen, j))}</figcaption>
            </figure>
          ))}
        </div>
      </div>
      <p className={styles.text}>
        Choose a row: its view, and all second views by their score; its own partner is framed. Over all pairs of {of} held-out images, mean
        score of two views of one image <span className={styles.number}>{fixed(means.own)}</span>
        {Number.isFinite(means.alike) && named && (
          <>
            , of two images of one class <span className={styles.number}>{fixed(means.alike)}</span>
          </>
        )}
        {Number.isFinite(means.other) && (
          <>
            , of two {named ? 'classes' : 'images'} <span className={styles.number}>{fixed(means.other)}</span>
          </>
        )}
        . Above ½ are <span className={styles.number}>{percent(right.own)}</span> of the pairs of one image, below it{' '}
        <span className={styles.number}>{percent(right.other)}</span> of the others.
      </p>
    </div>
  );
}
