import { percent } from '../../app/format.ts';
import css from './closer.module.css';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { className, fixed } from './words.ts';

const EXAMPLES = 4;

/** Clusters by classes as a table of counts, with images of each cluster. */
export function Confusion({ artifact: { clusters, accuracy, nmi, ami, ari }, classes }: PanelProps<'confusion'>) {
  const names = Array.from({ length: clusters[0]?.counts.length ?? 0 }, (_, label) => className(classes, label));
  return (
    <div className={styles.panel}>
      <p className={styles.text}>
        <span className={styles.number}>{percent(accuracy, 1)}</span> in the cluster of their class · NMI{' '}
        <span className={styles.number}>{fixed(nmi, 3)}</span> · AMI <span className={styles.number}>{fixed(ami, 3)}</span> · ARI{' '}
        <span className={styles.number}>{fixed(ari, 3)}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.scroll} tabIndex={0} aria-label="Held-out images by cluster and class">
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">cluster</th>
              {names.map((name) => (
                <th scope="col" key={name} className={css.column}>
                  <span>{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {clusters.map(({ match, counts, images }, cluster) => {
              const size = counts.reduce((sum, n) => sum + n, 0);
              return (
                <tr key={cluster}>
                  <th scope="row">
                    <span className={css.examples}>
                      {Array.from({ length: Math.min(EXAMPLES, images.n) }, (_, i) => (
                        <Thumb key={i} grid={images} index={i} className={css.example} />
                      ))}
                      <span className={css.match}>{match < 0 ? 'no class' : `“${className(classes, match)}”`}</span>
                    </span>
                  </th>
                  {counts.map((count, label) => (
                    <td
                      key={names[label]}
                      className={label === match ? css.matched : undefined}
                      style={{
                        background: `color-mix(in srgb, var(--lab-accent) ${Math.round((45 * count) / Math.max(1, size))}%, transparent)`,
                      }}
                    >
                      {count || ''}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </div>
  );
}
