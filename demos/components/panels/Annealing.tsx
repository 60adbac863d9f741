import { useState } from 'react';
import { BridgeStack, total } from './BridgeStack.tsx';
import { ImageGridCanvas } from './ImageGridCanvas.tsx';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

/** Walks from noise to samples through the bridges, and what each bridge adds on held-out images. */
export function Annealing({ artifact: { stages, frames, nats } }: PanelProps<'annealing'>) {
  /** 0: none. */
  const [chosen, setChosen] = useState(0);
  const names = frames.map((_, i) => (i === 0 ? 'noise' : `${Math.round((100 * i) / (frames.length - 1))} %`));
  const walks = frames[0]?.n ?? 0;
  return (
    <div className={styles.panel}>
      <ImageGridCanvas
        grids={frames}
        target={56}
        gap={2}
        rowNames={names}
        label={`${walks} walks of ${stages} stages from noise to samples of the model, each seen ${frames.length} times on its way.`}
      />
      <p className={styles.text} aria-live="polite">
        {chosen === 0
          ? `The bridges add ${fixed(total(nats), 1)} nats to the log-density of a held-out image.`
          : `Bridge ${chosen} of ${nats.length} adds ${fixed(nats[chosen - 1] ?? 0)} nats.`}
      </p>
      <BridgeStack truth={null} estimate={nats} ceilings={[]} chosen={chosen} onChoose={setChosen} />
    </div>
  );
}
