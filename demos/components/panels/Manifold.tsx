import { Switch } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { type Surface, useCanvas } from './canvas.ts';
import { classColor } from './colors.ts';
import { moveInGrid } from './geometry.ts';
import { Legend, labelsOf } from './Legend.tsx';
import { manifoldCell, manifoldFrame, manifoldLatent } from './latent-plane.ts';
import styles from './panels.module.css';
import { offscreen, sheetPixels } from './pixels.ts';
import { usePointed } from './pointed.ts';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

/** What the decoder draws over the plane of two latents, and where it puts the held-out images. */
export function Manifold({ artifact, classes }: PanelProps<'manifold'>) {
  const { side, span, images, means, labels } = artifact;
  const [overlay, setOverlay] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const picture = useMemo(() => offscreen(sheetPixels(images, side, true)), [images, side]);
  const kinds = useMemo(() => labelsOf(labels), [labels]);
  const { chosen, handlers } = usePointed({
    at: (x, y, { clientWidth }) => manifoldCell(side, clientWidth, x, y),
    // Rows run upwards here, in a grid that moveInGrid reads downwards.
    move: (from, key) =>
      moveInGrid(from ?? (side >> 1) * (side + 1), { ArrowUp: 'ArrowDown', ArrowDown: 'ArrowUp' }[key] ?? key, side, side * side),
  });

  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height }: Surface) => {
      context.fillStyle = '#000000';
      context.fillRect(0, 0, width, height);
      context.globalAlpha = overlay ? 0.4 : 1;
      context.drawImage(picture, 0, 0, width, height);
      context.globalAlpha = 0.9;
      if (!overlay) return;
      const frame = manifoldFrame(side, span, width);
      for (let i = 0; i < labels.length; i++) {
        const label = labels[i] ?? 0;
        if (hidden.has(label)) continue;
        context.fillStyle = classColor(label, 'dark');
        context.beginPath();
        context.arc(frame.x0 + frame.scale * means[2 * i]!, frame.y0 - frame.scale * means[2 * i + 1]!, 2, 0, 7);
        context.fill();
      }
    },
    [picture, overlay, hidden, labels, means, side, span],
  );
  const canvas = useCanvas(draw);
  const drawChosen = useCallback(
    (context: CanvasRenderingContext2D, { width }: Surface) => {
      if (chosen === null) return;
      const cell = width / side;
      const [x, y] = [(chosen % side) * cell, (side - 1 - Math.floor(chosen / side)) * cell];
      context.lineWidth = 4;
      context.strokeStyle = '#000000';
      context.strokeRect(x, y, cell, cell);
      context.lineWidth = 2;
      context.strokeStyle = '#ffd43b';
      context.strokeRect(x, y, cell, cell);
    },
    [chosen, side],
  );
  const mark = useCanvas(drawChosen);

  const latent = chosen === null ? null : manifoldLatent(side, span, chosen);
  return (
    <div className={styles.panel}>
      <div className={styles.row}>
        <Switch
          size="sm"
          label={`Held-out images (${labels.length}) at their posterior means`}
          checked={overlay}
          onChange={(event) => setOverlay(event.currentTarget.checked)}
        />
      </div>
      {overlay && <Legend scheme="dark" labels={kinds} classes={classes} hidden={hidden} onChange={setHidden} />}
      <div className={styles.manifold}>
        <div>
          <div className={styles.overlay}>
            <canvas
              ref={canvas}
              className={styles.square}
              role="img"
              tabIndex={0}
              aria-label={`${side} by ${side} decoded images over two latents, each from −${fixed(span, 1)} to ${fixed(span, 1)}${overlay ? `, under ${labels.length} held-out images at their posterior means` : ''}. Arrow keys move through it.`}
              {...handlers}
            />
            <canvas ref={mark} className={styles.square} />
          </div>
          <div className={styles.barEnds}>
            <span>z₁ = −{fixed(span, 1)}</span>
            <span>z₂ runs upwards</span>
            <span>z₁ = {fixed(span, 1)}</span>
          </div>
        </div>
        <div>
          <Thumb grid={images} index={chosen} className={styles.big} />
          <p className={styles.status} aria-live="polite">
            {latent ? `Decoded from z = (${fixed(latent[0])}, ${fixed(latent[1])})` : 'Move over the plane, or use the arrow keys.'}
          </p>
        </div>
      </div>
    </div>
  );
}
