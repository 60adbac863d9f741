import { use, useLayoutEffect, useMemo } from 'react';
import type { Representations } from '../../../src/evaluate/artifact.ts';
import { type Embedding as Pictures, shownOf } from '../../app/embedding.ts';
import { EmbeddingContext } from '../../app/embedding-context.ts';
import { percent } from '../../app/format.ts';
import { useStore } from '../../app/store.ts';
import { ExportMenu } from '../ExportMenu.tsx';
import { EmbeddingControls } from './EmbeddingControls.tsx';
import { EmbeddingPlot } from './EmbeddingPlot.tsx';
import styles from './panels.module.css';
import { TimeScrubber } from './TimeScrubber.tsx';
import type { PanelProps } from './types.ts';
import { COLLAPSED, className, fixed, imagesInWords, spreadInWords, trustInWords } from './words.ts';

/** Images as points, by their representations: pictures of them by PCA, UMAP or t-SNE, over training time; of a recording what it holds. */
export function Embedding(props: PanelProps<'embedding'>) {
  const pictures = use(EmbeddingContext);
  const { artifact, classes } = props;
  const { points, labels, images, explained, spread, representations } = artifact;
  const axes = useMemo(() => explained.map((share, k) => `PC ${k + 1} (${percent(share)} of variance)`) as [string, string], [explained]);
  return pictures && representations ? (
    <Live {...props} pictures={pictures} representations={representations} axes={axes} />
  ) : (
    <div className={styles.panel}>
      {spread !== null && <Spread spread={spread} />}
      <EmbeddingPlot
        points={points}
        labels={labels}
        images={images}
        all={labels}
        heldOut={images.n}
        classes={classes}
        named={spread === null || spread >= COLLAPSED}
        axes={axes}
        label={`Scatter plot by PCA of ${imagesInWords(labels.length, labels.length)} by their representation`}
      />
    </div>
  );
}

function Spread({ spread }: { readonly spread: number }) {
  const words = spreadInWords(spread);
  return (
    words !== '' && (
      <p className={spread < COLLAPSED ? styles.warning : styles.text}>
        Spread <span className={styles.number}>{fixed(spread)}</span>. {words}
      </p>
    )
  );
}

const names = { pca: 'PCA', umap: 'UMAP', tsne: 't-SNE' } as const;

type LiveProps = PanelProps<'embedding'> & {
  readonly pictures: Pictures;
  readonly representations: Representations;
  readonly axes: readonly [string, string];
};

function Live({ pictures, representations, axes, artifact, classes, refresh, busy }: LiveProps) {
  const { images, spread } = artifact;
  const { heldOut, available, dimensions, columns, kept } = representations;
  const state = useStore(pictures);
  useLayoutEffect(() => pictures.add(representations, artifact.labels), [pictures, representations, artifact]);
  const shown = shownOf(state);
  if (!shown) return null;
  const { moment, points, result } = shown;
  const now = state.at === null;
  const save = async (values: Float32Array, width: number, labels: Uint8Array, what: string) => {
    const { saveVectors } = await import('../../app/export/makers.ts');
    const known = { label: Array.from(labels, (label) => className(classes, label)), row: Array.from(labels, (_, row) => row) };
    await saveVectors(values, width, known, `${what} after step ${moment.step}`);
  };
  return (
    <div className={styles.panel}>
      {now && spread !== null && <Spread spread={spread} />}
      <EmbeddingControls
        pictures={pictures}
        state={state}
        n={artifact.labels.length}
        heldOut={heldOut}
        available={available}
        busy={busy}
        refresh={refresh}
      />
      <EmbeddingPlot
        points={points}
        labels={moment.labels}
        images={images}
        all={artifact.labels}
        heldOut={heldOut}
        classes={classes}
        named={spread === null || spread >= COLLAPSED}
        axes={now && state.method === 'pca' ? axes : null}
        label={`Scatter plot by ${names[state.method]} of ${imagesInWords(moment.labels.length, heldOut)} by their representation after ${moment.step} steps`}
      />
      <TimeScrubber state={state} pictures={pictures} />
      <ExportMenu
        label="Save the points"
        exports={[
          {
            label: 'Representations, two TSV files',
            make: () => save(representations.values, columns, artifact.labels, 'representations'),
          },
          { label: 'This picture, two TSV files', make: () => save(points, 2, moment.labels, names[state.method]) },
        ]}
      />
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
