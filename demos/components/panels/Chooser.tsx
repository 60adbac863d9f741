import type { ReactNode } from 'react';
import type { ImageGrid } from '../../../src/worker/protocol.ts';
import css from './closer.module.css';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';

type ChooserProps = {
  readonly legend: string;
  readonly grid: ImageGrid;
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  readonly labelOf: (index: number) => string;
  readonly className: string | undefined;
  /** What stands below an image, on the same button. */
  readonly below?: (index: number) => ReactNode;
};

/** Small images of which one is chosen. */
export function Chooser({ legend, grid, chosen, onChoose, labelOf, className, below }: ChooserProps) {
  return (
    <fieldset className={css.choices}>
      <legend className={styles.text}>{legend}</legend>
      {Array.from({ length: grid.n }, (_, i) => (
        <button
          key={i}
          type="button"
          className={css.choice}
          aria-pressed={i === chosen}
          aria-label={labelOf(i)}
          onClick={() => onChoose(i)}
        >
          <Thumb grid={grid} index={i} className={className} />
          {below?.(i)}
        </button>
      ))}
    </fieldset>
  );
}
