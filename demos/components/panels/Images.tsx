import { Slider } from '@mantine/core';
import { useMemo, useState } from 'react';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

const viewNames = ['original', 'view 1', 'view 2'];

/** Originals above the views that training sees of them. */
export function Views({ artifact: { originals, first, second } }: PanelProps<'views'>) {
  const grids = useMemo(() => (second ? [originals, first, second] : [originals, first]), [originals, first, second]);
  return (
    <ImageGridCanvas
      grids={grids}
      target={64}
      rowNames={viewNames}
      label={`${originals.n} training images, each above ${second ? 'two random views' : 'the random view'} of it that one step sees.`}
    />
  );
}

const pairNames = ['input', 'output'];

/** Held-out images above what the decoder makes of their codes. */
export function Reconstructions({ artifact: { originals, reconstructions } }: PanelProps<'reconstructions'>) {
  const grids = useMemo(() => [originals, reconstructions], [originals, reconstructions]);
  return (
    <ImageGridCanvas
      grids={grids}
      target={64}
      rowNames={pairNames}
      label={`${originals.n} held-out images, each above its reconstruction.`}
    />
  );
}

/** Draws from the model, with its temperature. */
export function Samples({ artifact: { images, temperature, readings }, refresh, busy }: PanelProps<'samples'>) {
  const grids = useMemo(() => [images], [images]);
  return (
    <div className={styles.panel}>
      <Temperature drawn={temperature} refresh={refresh} />
      <div aria-busy={busy}>
        <ImageGridCanvas
          grids={grids}
          target={56}
          label={`${images.n} images drawn from the model at temperature ${fixed(temperature)}.`}
          {...(readings ? { describe: (i: number) => inWords(readings[i]!) } : {})}
        />
      </div>
      {readings && (
        <p className={styles.text}>
          Of these {images.n}, <span className={styles.number}>{readings.filter(({ digits }) => !digits.includes(-1)).length}</span> have
          one digit in each quarter; <span className={styles.number}>{readings.filter(({ obeys }) => obeys).length}</span> keep the whole
          rule: each digit is one more than the one before it, too.
        </p>
      )}
    </div>
  );
}

/** What the judge read: "1 2 3 4: keeps the rule". */
const inWords = ({ digits, obeys }: { readonly digits: readonly number[]; readonly obeys: boolean }): string =>
  `Reads ${digits.map((digit) => (digit < 0 ? '–' : digit)).join(' ')}: ${obeys ? 'keeps' : 'breaks'} the rule.`;

/** The temperature that samples were drawn at; where they can be drawn anew, a slider for it. */
export function Temperature({ drawn, refresh }: { readonly drawn: number } & Pick<PanelProps<'samples'>, 'refresh'>) {
  const [asked, setAsked] = useState(drawn);
  return (
    <div className={styles.row}>
      <span className={styles.text}>Temperature {fixed(refresh ? asked : drawn)}</span>
      {refresh && (
        <Slider
          className={styles.slider}
          min={0}
          max={1.5}
          step={0.05}
          value={asked}
          onChange={setAsked}
          onChangeEnd={(value) => refresh({ temperature: value })}
          label={fixed}
          thumbLabel="Sampling temperature"
          marks={[{ value: 0 }, { value: 0.7 }, { value: 1 }]}
        />
      )}
    </div>
  );
}

/** Rows from one held-out image to another through latent space. */
export function Interpolation({ artifact: { images, rows, columns } }: PanelProps<'interpolation'>) {
  const grids = useMemo(() => [images], [images]);
  return (
    <ImageGridCanvas
      grids={grids}
      columns={columns}
      target={56}
      gap={2}
      label={`${rows} rows of ${columns} decoded images, each from the code of one held-out image to that of another along a straight line.`}
    />
  );
}
