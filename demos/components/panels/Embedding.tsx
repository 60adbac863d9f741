import { Button, SegmentedControl } from '@mantine/core';
import { use, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type Embedding as Pictures, shownOf } from '../../app/embedding.ts';
import { EmbeddingContext } from '../../app/embedding-context.ts';
import { useStore } from '../../app/store.ts';
import { EmbeddingControls } from './EmbeddingControls.tsx';
import { Legend, labelsOf } from './Legend.tsx';
import styles from './panels.module.css';
import { type Plot, ScatterPlot } from './ScatterPlot.tsx';
import { Selection } from './Selection.tsx';
import { Thumb } from './Thumb.tsx';
import { TimeScrubber } from './TimeScrubber.tsx';
import type { PanelProps } from './types.ts';
import { COLLAPSED, className, fixed, imagesInWords, percent, rowInWords, spreadInWords, trustInWords } from './words.ts';

/** Images as points, by their representations: pictures of them by PCA, UMAP or t-SNE, over training time. */
export function Embedding(props: PanelProps<'embedding'>) {
  const pictures = use(EmbeddingContext);
  return pictures && <View pictures={pictures} {...props} />;
}

const names = { pca: 'PCA', umap: 'UMAP', tsne: 't-SNE' } as const;

function View({ pictures, artifact, classes, refresh, busy }: PanelProps<'embedding'> & { pictures: Pictures }) {
  const { images, heldOut, spread, dimensions, columns, explained } = artifact;
  const state = useStore(pictures);
  useLayoutEffect(() => pictures.add(artifact), [pictures, artifact]);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [picked, setPicked] = useState<readonly number[] | null>(null);
  const [lasso, setLasso] = useState(false);
  const plot = useRef<Plot>(null);
  const shown = shownOf(state);
  const labels = shown?.moment.labels;
  const kinds = useMemo(() => labelsOf(labels ?? new Uint8Array()), [labels]);
  const bright = useMemo(() => (picked ? new Set(picked) : null), [picked]);
  const first = state.method === 'pca' && state.at === null;
  const axes = useMemo(
    () => (first ? ([0, 1].map((k) => `PC ${k + 1} (${percent(explained[k] ?? 0)} of variance)`) as [string, string]) : null),
    [first, explained],
  );
  const tip = useCallback(
    (row: number) => (
      <>
        <Thumb grid={images} index={row} className={styles.tipImage} />
        <span>
          <strong>{className(classes, artifact.labels[row] ?? 0)}</strong>
          <br />
          {rowInWords(row, heldOut)}
        </span>
      </>
    ),
    [images, classes, artifact, heldOut],
  );
  const describe = useCallback(
    (row: number) => `${className(classes, artifact.labels[row] ?? 0)}, ${rowInWords(row, heldOut)}`,
    [classes, artifact, heldOut],
  );
  if (!shown || !labels) return null;
  const { moment, points, result } = shown;
  const collapsed = spread < COLLAPSED;
  const words = state.at === null ? spreadInWords(spread) : '';
  const kept = explained.reduce((sum, share) => sum + share, 0);
  return (
    <div className={styles.panel}>
      {words !== '' && (
        <p className={collapsed ? styles.warning : styles.text}>
          Spread <span className={styles.number}>{fixed(spread)}</span>. {words}
        </p>
      )}
      <EmbeddingControls pictures={pictures} state={state} images={artifact} busy={busy} refresh={refresh} />
      <Legend labels={kinds} classes={classes} hidden={hidden} onChange={setHidden} />
      <ScatterPlot
        plot={plot}
        points={points}
        labels={labels}
        hidden={hidden}
        classes={classes}
        named={!collapsed}
        axes={axes}
        picked={bright}
        lasso={lasso}
        onLasso={setPicked}
        tip={tip}
        describe={describe}
        label={`Scatter plot by ${names[state.method]} of ${imagesInWords(labels.length, heldOut)} by their representation after ${moment.step} steps, in ${kinds.length} classes. Arrow keys go from point to point.`}
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
        <Selection
          rows={picked}
          images={images}
          labels={artifact.labels}
          classes={classes}
          describe={describe}
          onClear={() => setPicked(null)}
        />
      )}
      <TimeScrubber state={state} pictures={pictures} />
      <p className={styles.text}>
        {result?.trust ? (
          <>
            Trustworthiness <span className={styles.number}>{fixed(result.trust.value, 3)}</span>: {trustInWords(result.trust.k)} Over{' '}
            {imagesInWords(result.trust.rows, heldOut)}, k = {result.trust.k}
            {columns < dimensions &&
              `, in the ${columns} leading principal components of ${dimensions} (${percent(kept, 1)} of the variance)`}
            .
          </>
        ) : (
          'Trustworthiness: follows with the finished picture.'
        )}
      </p>
    </div>
  );
}
