import { useCallback } from 'react';
import { type Surface, useCanvas } from './canvas.ts';
import styles from './sets.module.css';

type Props = {
  /** Sets of `size` points [x0, y0, x1, …], one after another. */
  readonly points: Float32Array;
  readonly size: number;
  /** Each plot shows [−extent, extent]². */
  readonly extent: number;
  readonly label: string;
};

/** Sets of points, each in a square of its own. */
export function SetPlots({ points, size, extent, label }: Props) {
  return (
    <div className={styles.plots} role="img" aria-label={label}>
      {Array.from({ length: points.length / (2 * size) }, (_, i) => (
        // Sets have no other name than their place.
        <SetPlot key={i} points={points.subarray(2 * size * i, 2 * size * (i + 1))} extent={extent} />
      ))}
    </div>
  );
}

function SetPlot({ points, extent }: { readonly points: Float32Array; readonly extent: number }) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, ink }: Surface) => {
      const unit = width / (2 * extent);
      context.fillStyle = ink;
      for (let i = 0; i < points.length; i += 2) {
        context.beginPath();
        context.arc(width / 2 + unit * points[i]!, width / 2 - unit * points[i + 1]!, 1.6, 0, 2 * Math.PI);
        context.fill();
      }
    },
    [points, extent],
  );
  const canvas = useCanvas(draw);
  return <canvas ref={canvas} className={styles.plot} />;
}
