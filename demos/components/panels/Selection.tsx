import { Button, useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import type { ImageGrid } from '../../../src/worker/protocol.ts';
import { integer } from '../../app/format.ts';
import { classColor } from './colors.ts';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import styles from './panels.module.css';
import { className } from './words.ts';

/** Images that are listed; of more only the first are. */
const most = 60;

type Props = {
  readonly rows: readonly number[];
  readonly images: ImageGrid;
  readonly labels: Uint8Array;
  readonly classes: readonly string[] | undefined;
  readonly describe: (row: number) => string;
  readonly onClear: () => void;
};

/** The images chosen: how many of each class, and what they look like. */
export function Selection({ rows, images, labels, classes, describe, onClear }: Props) {
  const scheme = useComputedColorScheme('light');
  // Pictures of fewer images may have come meanwhile.
  const there = useMemo(() => rows.filter((row) => row < images.n), [rows, images.n]);
  const grid = useMemo(() => {
    const size = images.shape[0] * images.shape[1] * images.shape[2];
    const some = there.slice(0, most);
    const pixels = new Uint8Array(some.length * size);
    for (const [i, row] of some.entries()) pixels.set(images.pixels.subarray(row * size, (row + 1) * size), i * size);
    return { n: some.length, shape: images.shape, pixels };
  }, [there, images]);
  const counts = useMemo(() => {
    const found = new Map<number, number>();
    for (const row of there) found.set(labels[row] ?? 0, (found.get(labels[row] ?? 0) ?? 0) + 1);
    return [...found].sort(([a, x], [b, y]) => y - x || a - b);
  }, [there, labels]);
  return (
    <section className={styles.selection} aria-label="Images chosen">
      <div className={styles.row}>
        <strong aria-live="polite">
          {there.length === 0 ? 'No image is in there.' : `${integer(there.length)} ${there.length === 1 ? 'image' : 'images'} chosen`}
        </strong>
        <Button size="xs" variant="default" onClick={onClear}>
          Clear
        </Button>
      </div>
      {there.length > 0 && (
        <>
          <ul className={styles.counts} aria-label="Classes of the images chosen">
            {counts.map(([label, count]) => (
              <li key={label}>
                <span className={styles.swatch} style={{ borderColor: classColor(label, scheme), background: classColor(label, scheme) }} />
                {className(classes, label)}: <span className={styles.number}>{integer(count)}</span>
              </li>
            ))}
          </ul>
          <ImageGridCanvas
            grids={[grid]}
            target={36}
            gap={3}
            label={`${grid.n} of the ${there.length} images chosen.`}
            describe={(i) => describe(there[i] ?? 0)}
          />
          {there.length > most && (
            <p className={styles.status}>
              The first {most} of {integer(there.length)} are listed.
            </p>
          )}
        </>
      )}
    </section>
  );
}
