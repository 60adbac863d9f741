import { useCallback, useMemo } from 'react';
import type { Artifact } from '../../../src/worker/protocol.ts';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { fixed, memorizationInWords } from './words.ts';

type Nearest = Extract<Artifact, { kind: 'memorization' }>['samples'];
const rowNames = ['image', 'nearest'];

/** Samples and held-out images, each above its nearest training image. */
export function Memorization({ artifact: { of, samples, heldOut } }: PanelProps<'memorization'>) {
  return (
    <div className={styles.panel}>
      <p className={styles.text}>
        Median distance to the nearest training image: samples <span className={styles.number}>{fixed(samples.median)}</span>, held-out
        images <span className={styles.number}>{fixed(heldOut.median)}</span>. {memorizationInWords(samples.median, heldOut.median)}
      </p>
      <Pairs what="samples" one="sample" of={of} {...samples} />
      <Pairs what="held-out images" one="held-out image" of={of} {...heldOut} />
    </div>
  );
}

function Pairs({
  what,
  one,
  of,
  images,
  training,
  distances,
}: Nearest & { readonly what: string; readonly one: string; readonly of: number }) {
  const grids = useMemo(() => [images, training], [images, training]);
  const describe = useCallback(
    (i: number) => `This ${one} is ${fixed(distances[i] ?? Number.NaN)} from its nearest training image.`,
    [one, distances],
  );
  return (
    <figure className={styles.figure}>
      <figcaption>
        The {images.n} nearest of {of} {what}
      </figcaption>
      <ImageGridCanvas
        grids={grids}
        target={44}
        rowNames={rowNames}
        describe={describe}
        label={`${images.n} ${what}, each above its nearest training image, at distances from ${fixed(distances[0] ?? Number.NaN)} to ${fixed(distances.at(-1) ?? Number.NaN)}.`}
      />
    </figure>
  );
}
