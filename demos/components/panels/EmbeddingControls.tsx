import { Button, NativeSelect, Progress, SegmentedControl } from '@mantine/core';
import type { ProjectionMethod } from '../../../src/worker/projection.ts';
import type { ArtifactOptions } from '../../../src/worker/protocol.ts';
import { type EmbeddingState, type Embedding as Pictures, shownOf } from '../../app/embedding.ts';
import { integer } from '../../app/format.ts';
import styles from './panels.module.css';
import { imagesInWords } from './words.ts';

/** What each method can be told: its one number, and how it is called. */
const amounts = {
  pca: null,
  umap: { name: 'neighbours', values: [5, 15, 30, 60] },
  tsne: { name: 'perplexity', values: [5, 15, 30, 50] },
} as const;
const counts = [1000, 2000, 5000, 10_000];

type Props = {
  readonly pictures: Pictures;
  readonly state: EmbeddingState;
  /** Images shown, how many of them are held out, and how many there are. */
  readonly n: number;
  readonly heldOut: number;
  readonly available: number;
  readonly busy: boolean;
  readonly refresh: ((options?: ArtifactOptions) => void) | null;
};

/** How the picture is made and of how many images; how far it is, and the way to stop it. */
export function EmbeddingControls({ pictures, state, n, heldOut, available, busy, refresh }: Props) {
  const { method, progress, stopped, failure } = state;
  const reached = shownOf(state)?.result?.reached;
  const underWay = progress ?? (stopped ? reached : undefined);
  const amount = amounts[method];
  // The data may hold fewer, or a number in between.
  const offered = [...new Set([...counts.filter((count) => count < available), available, n])].sort((a, b) => a - b);
  return (
    <>
      <div className={styles.row}>
        <SegmentedControl
          size="xs"
          aria-label="Picture by"
          value={method}
          onChange={(value) => pictures.chooseMethod(value as ProjectionMethod)}
          data={[
            { value: 'pca', label: 'PCA' },
            { value: 'umap', label: 'UMAP' },
            { value: 'tsne', label: 't-SNE' },
          ]}
        />
        {amount && (
          <NativeSelect
            size="xs"
            aria-label={amount.name === 'neighbours' ? 'Neighbours of UMAP' : 'Perplexity of t-SNE'}
            value={String(state.amounts[method])}
            onChange={({ currentTarget }) => pictures.chooseAmount(Number(currentTarget.value))}
            data={amount.values.map((value) => ({
              value: String(value),
              label: amount.name === 'neighbours' ? `${value} neighbours` : `perplexity ${value}`,
            }))}
          />
        )}
        <NativeSelect
          size="xs"
          aria-label="Number of images"
          disabled={busy || !refresh}
          value={String(n)}
          onChange={({ currentTarget }) => refresh?.({ count: Number(currentTarget.value) })}
          data={offered.map((count) => ({ value: String(count), label: `${integer(count)} images` }))}
        />
        {(progress || stopped) && (
          <Button size="xs" variant="default" onClick={stopped ? pictures.goOn : pictures.stop}>
            {stopped ? 'Go on' : 'Stop'}
          </Button>
        )}
      </div>
      <div className={styles.progress}>
        {failure ? (
          <p className={styles.text} role="alert">
            {failure}
          </p>
        ) : (
          <p className={styles.status}>
            {progress
              ? progress.done === 0
                ? `Step ${progress.step}: finding neighbours…`
                : `Step ${progress.step}: ${progress.done} of ${progress.total} rounds`
              : stopped
                ? reached
                  ? `Stopped after ${reached.done} of ${reached.total} rounds.`
                  : 'Stopped before its first round.'
                : `${imagesInWords(n, heldOut)}${n < available ? '' : ': all there are'}`}
          </p>
        )}
        <Progress
          size={3}
          value={underWay ? (100 * underWay.done) / underWay.total : 0}
          aria-label="The picture under way"
          aria-hidden={!underWay}
        />
      </div>
    </>
  );
}
