import { SegmentedControl, useComputedColorScheme } from '@mantine/core';
import { useMemo, useState } from 'react';
import { percent } from '../../app/format.ts';
import { Chooser } from './Chooser.tsx';
import css from './closer.module.css';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import styles from './panels.module.css';
import { colouredGrid, roundGrid, sharesOf, type View } from './parts.ts';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

const ways = [
  { value: 'painted', label: 'What it paints' },
  { value: 'mask', label: 'Mask' },
  { value: 'attention', label: 'Attention' },
] as const satisfies { value: View; label: string }[];

/** Two digits, and no minus before 0. */
const hundredths = (value: number) => fixed(Math.round(100 * value) / 100 || 0);

/** Held-out scenes to choose from; the chosen one beside its true objects and the slots found; and every slot after every round. */
export function Parts({ artifact: { originals, truth, parts, rounds } }: PanelProps<'parts'>) {
  const scheme = useComputedColorScheme('light');
  const [wanted, setWanted] = useState(0);
  const [view, setView] = useState<View>('painted');
  const scene = Math.min(wanted, originals.n - 1);
  const [h, w] = originals.shape;
  const last = rounds.at(-1)!;
  // Of a recording the last round alone is kept, whichever it was.
  const only = rounds.length === 1;
  const known = useMemo(() => colouredGrid(truth, [h, w], scheme, true), [truth, h, w, scheme]);
  const found = useMemo(
    () => colouredGrid(last.found.subarray(scene * h * w, (scene + 1) * h * w), [h, w], scheme, false),
    [last, scene, h, w, scheme],
  );
  const grids = useMemo(() => rounds.map((round) => roundGrid(round, scene, parts, view)), [rounds, scene, parts, view]);
  const shares = useMemo(() => sharesOf(last, scene, parts, h * w), [last, scene, parts, h, w]);
  const scores = rounds.map(({ ari }) => hundredths(ari[scene] ?? Number.NaN));
  const means = rounds.map(({ ari }) => hundredths(ari.reduce((sum, v) => sum + v, 0) / ari.length));
  return (
    <div className={styles.panel}>
      <Chooser
        legend="Choose a held-out scene"
        grid={originals}
        chosen={scene}
        onChoose={setWanted}
        labelOf={(i) => `Scene ${i + 1}`}
        className={css.scene}
      />
      <div className={css.three}>
        {[
          { name: 'scene', grid: originals, index: scene },
          { name: 'true objects', grid: known, index: scene },
          { name: 'slots found', grid: found, index: 0 },
        ].map(({ name, grid, index }) => (
          <figure key={name} className={css.item}>
            <Thumb grid={grid} index={index} className={css.thumb} />
            <figcaption>{name}</figcaption>
          </figure>
        ))}
      </div>
      <SegmentedControl
        size="xs"
        value={view}
        onChange={(value) => setView(value as View)}
        aria-label="What is shown of each slot"
        data={[...ways]}
      />
      <ImageGridCanvas
        grids={grids}
        columns={parts + 1}
        target={64}
        gap={3}
        rowNames={only ? ['at the end'] : rounds.map((_, t) => `round ${t + 1}`)}
        label={`All slots together, then each of ${parts} slots, ${only ? 'at the end' : `after each of ${rounds.length} rounds`}.`}
        describe={(i) =>
          i === 0 ? 'What all slots paint together.' : `Slot ${i}: ${percent(shares[i - 1] ?? 0)} of the pixels at the end.`
        }
      />
      <p className={styles.text}>
        The first column is what all slots paint together. Foreground ARI of this scene {only ? 'at the end' : 'after each round'}:{' '}
        {scores.join(', ')}; mean of these {originals.n} scenes: {means.join(', ')}.
      </p>
    </div>
  );
}
