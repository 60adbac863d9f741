import { NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import { percent } from '../../app/format.ts';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import { labelColor, tinted } from './labels.ts';
import styles from './panels.module.css';
import css from './segmentation.module.css';
import type { PanelProps } from './types.ts';
import { className } from './words.ts';

const rowNames = ['slice', 'labels', 'found', 'wrong'];
const wrong = '#ff5c5c';

/** Slices of a held-out volume, bottom to top: the true class of each pixel, the one found, and where they differ. */
export function Segmentation({ artifact, classes, refresh, busy }: PanelProps<'segmentation'>) {
  const { images, truth, found, dice, volume, volumes } = artifact;
  const grids = useMemo(() => {
    const errors = truth.map((label, i) => Number(label !== found[i]));
    return [
      tinted(images, new Uint8Array(truth.length)),
      tinted(images, truth),
      tinted(images, found),
      tinted(images, errors, () => wrong),
    ];
  }, [images, truth, found]);
  const share = truth.reduce((n, label, i) => n + Number(label !== found[i]), 0) / truth.length;
  return (
    <div className={styles.panel}>
      <div className={styles.row}>
        {refresh ? (
          <NativeSelect
            size="xs"
            label="Held-out volume"
            value={volume}
            data={Array.from({ length: volumes }, (_, i) => String(i + 1))}
            onChange={({ currentTarget }) => refresh({ volume: Number(currentTarget.value) })}
          />
        ) : (
          <p className={styles.text}>Held-out volume {volume}</p>
        )}
        <ul className={css.keys} aria-label="Classes, and the Dice of each">
          <li>Dice:</li>
          {dice.map((value, i) => (
            <li key={className(classes, i + 1)}>
              <span className={css.key} style={{ background: labelColor(i + 1) }} />
              {className(classes, i + 1)} {Number.isFinite(value) ? percent(value, 1) : 'not there'}
            </li>
          ))}
          <li>
            <span className={css.key} style={{ background: wrong }} />
            wrong pixels {percent(share, 1)}
          </li>
        </ul>
      </div>
      <div aria-busy={busy}>
        <ImageGridCanvas
          grids={grids}
          columns={8}
          target={64}
          rowNames={rowNames}
          label={`${images.n} slices of held-out volume ${volume}, each above its true labels, those that were found, and the pixels where they differ: ${percent(share, 1)} of all.`}
        />
      </div>
    </div>
  );
}
