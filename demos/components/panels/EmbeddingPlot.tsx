import { Button, SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { ImageGrid } from '../../../src/worker/protocol.ts';
import { Legend, labelsOf } from './Legend.tsx';
import styles from './panels.module.css';
import { type Plot, ScatterPlot } from './ScatterPlot.tsx';
import { Selection } from './Selection.tsx';
import { Thumb } from './Thumb.tsx';
import { className, rowInWords } from './words.ts';

type Props = {
  readonly points: Float32Array;
  /** Of the points: as many, or fewer than there are images. */
  readonly labels: Uint8Array;
  readonly images: ImageGrid;
  /** Labels of the images. */
  readonly all: Uint8Array;
  /** Images from here on are training images. */
  readonly heldOut: number;
  readonly classes: readonly string[] | undefined;
  readonly named: boolean;
  readonly axes: readonly [string, string] | null;
  readonly label: string;
};

/** Images as dots, with their classes, a lasso, and what was chosen with it. */
export function EmbeddingPlot({ points, labels, images, all, heldOut, classes, named, axes, label }: Props) {
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [picked, setPicked] = useState<readonly number[] | null>(null);
  const [lasso, setLasso] = useState(false);
  const plot = useRef<Plot>(null);
  const kinds = useMemo(() => labelsOf(labels), [labels]);
  const bright = useMemo(() => (picked ? new Set(picked) : null), [picked]);
  const tip = useCallback(
    (row: number) => (
      <>
        <Thumb grid={images} index={row} className={styles.tipImage} />
        <span>
          <strong>{className(classes, all[row] ?? 0)}</strong>
          <br />
          {rowInWords(row, heldOut)}
        </span>
      </>
    ),
    [images, classes, all, heldOut],
  );
  const describe = useCallback(
    (row: number) => `${className(classes, all[row] ?? 0)}, ${rowInWords(row, heldOut)}`,
    [classes, all, heldOut],
  );
  return (
    <>
      <Legend labels={kinds} classes={classes} hidden={hidden} onChange={setHidden} />
      <ScatterPlot
        plot={plot}
        points={points}
        labels={labels}
        hidden={hidden}
        classes={classes}
        named={named}
        axes={axes}
        picked={bright}
        lasso={lasso}
        onLasso={setPicked}
        tip={tip}
        describe={describe}
        label={`${label}, in ${kinds.length} classes. Arrow keys go from point to point.`}
      />
      <div className={styles.row}>
        <Button.Group>
          <Button size="xs" variant="default" aria-label="Shrink" onClick={() => plot.current?.zoom(1 / 1.5)}>
            −
          </Button>
          <Button size="xs" variant="default" aria-label="Enlarge" onClick={() => plot.current?.zoom(1.5)}>
            +
          </Button>
          <Button size="xs" variant="default" onClick={() => plot.current?.reset()}>
            Show all
          </Button>
        </Button.Group>
        <SegmentedControl
          size="xs"
          aria-label="What dragging does"
          value={lasso ? 'lasso' : 'move'}
          onChange={(value) => setLasso(value === 'lasso')}
          data={[
            { value: 'move', label: 'Move' },
            { value: 'lasso', label: 'Lasso' },
          ]}
        />
        <Button size="xs" variant="default" onClick={() => setPicked(plot.current?.inView() ?? [])}>
          List what is in view
        </Button>
      </div>
      {picked && (
        <Selection rows={picked} images={images} labels={all} classes={classes} describe={describe} onClear={() => setPicked(null)} />
      )}
    </>
  );
}
