import { Button, Slider } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { type EmbeddingState, type Embedding as Pictures, shownOf } from '../../app/embedding.ts';
import { integer } from '../../app/format.ts';
import styles from './panels.module.css';

/** Milliseconds that each picture stays when played. */
const pace = 700;

/** Looks at a moment by its place, or at the run as it is; whether that was the last. */
function go(pictures: Pictures, to: number): boolean {
  const { moments } = pictures.get();
  const end = to >= moments.length - 1;
  pictures.scrub(end ? null : (moments[to]?.step ?? null));
  return end;
}

/** Goes through the pictures that were made while the run trained; at the right end it follows the run. */
export function TimeScrubber({ state, pictures }: { readonly state: EmbeddingState; readonly pictures: Pictures }) {
  const calm = useReducedMotion();
  const [playing, setPlaying] = useState(false);
  const { moments } = state;
  const last = moments.length - 1;
  const index = shownOf(state)?.index ?? last;

  // Each picture gets a time of its own.
  useEffect(() => {
    if (!playing || index < 0) return;
    const timer = setTimeout(() => {
      if (go(pictures, (shownOf(pictures.get())?.index ?? 0) + 1)) setPlaying(false);
    }, pace);
    return () => clearTimeout(timer);
  }, [playing, index, pictures]);

  if (last < 1)
    return <p className={styles.status}>Pictures made while the run trains are kept: then you can go back through them here.</p>;
  const step = moments[index]!.step;
  return (
    <div>
      <div className={styles.row}>
        {!calm && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              if (!playing && index >= last) go(pictures, 0);
              setPlaying(!playing);
            }}
          >
            {playing ? 'Pause' : 'Play'}
          </Button>
        )}
        <Slider
          className={styles.slider}
          min={0}
          max={last}
          step={1}
          value={index}
          onChange={(value) => {
            setPlaying(false);
            go(pictures, value);
          }}
          label={(value) => `step ${integer(moments[value]?.step ?? 0)}`}
          thumbLabel="Training time"
          thumbProps={{ 'aria-valuetext': `step ${integer(step)}` }}
        />
      </div>
      <p className={styles.status}>
        {index === last ? `The run as it is: step ${integer(step)}.` : `The run as it was after step ${integer(step)}.`} Each picture is
        turned to match the one beside it{state.method !== 'pca' && ', and starts from it'}; its scale means nothing.
      </p>
    </div>
  );
}
