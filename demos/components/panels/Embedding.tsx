import { type KeyboardEvent, type PointerEvent, useCallback, useMemo, useRef, useState } from 'react';
import { plane } from '../../../src/evaluate/projection/plane.ts';
import { pointerAt, type Surface, useCanvas } from './canvas.ts';
import { classColor } from './colors.ts';
import { fit, nearest, neighbour, place } from './geometry.ts';
import { Legend, labelsOf } from './Legend.tsx';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { COLLAPSED, className, fixed, percent, spreadInWords } from './words.ts';

const REACH = 24;
const MARGIN = 28;

/** Held-out images as points: the plane of the two directions in which their representations differ most. */
export function Embedding({ artifact, classes }: PanelProps<'embedding'>) {
  const { features, columns, labels, images, spread } = artifact;
  const points = useMemo(() => plane({ values: features, columns }), [features, columns]);
  const explained = [artifact.explained[0] ?? 0, artifact.explained[1] ?? 0] as const;
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [chosen, setChosen] = useState<number | null>(null);
  const screen = useRef<Float32Array>(new Float32Array());
  const kinds = useMemo(() => labelsOf(labels), [labels]);
  const visible = useCallback((i: number) => !hidden.has(labels[i] ?? 0), [hidden, labels]);
  const collapsed = spread < COLLAPSED;

  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height, scheme, ink }: Surface) => {
      const frame = fit(points, width, height, MARGIN);
      const placed = place(points, frame);
      screen.current = placed;
      context.strokeStyle = ink;
      context.globalAlpha = 0.2;
      context.beginPath();
      context.moveTo(0, Math.round(frame.y0) + 0.5);
      context.lineTo(width, Math.round(frame.y0) + 0.5);
      context.moveTo(Math.round(frame.x0) + 0.5, 0);
      context.lineTo(Math.round(frame.x0) + 0.5, height);
      context.stroke();
      const radius = Math.max(1.8, Math.min(3.2, width / 220));
      context.globalAlpha = 0.75;
      for (const label of kinds) {
        if (hidden.has(label)) continue;
        context.fillStyle = classColor(label, scheme);
        context.beginPath();
        for (let i = 0; i < labels.length; i++) {
          if (labels[i] !== label) continue;
          context.moveTo(placed[2 * i]! + radius, placed[2 * i + 1]!);
          context.arc(placed[2 * i]!, placed[2 * i + 1]!, radius, 0, 7);
        }
        context.fill();
      }
      context.globalAlpha = 1;
      if (!collapsed)
        drawNames(
          context,
          placed,
          labels,
          kinds.filter((label) => !hidden.has(label)),
          classes,
          scheme,
        );
      context.fillStyle = ink;
      context.textAlign = 'right';
      context.textBaseline = 'bottom';
      context.fillText(`PC 1 (${percent(explained[0])} of variance)`, width - 4, height - 4);
      context.save();
      context.rotate(-Math.PI / 2);
      context.textBaseline = 'top';
      context.fillText(`PC 2 (${percent(explained[1])} of variance)`, -4, 4);
      context.restore();
    },
    [points, labels, kinds, hidden, classes, explained, collapsed],
  );
  const canvas = useCanvas(draw);

  const drawChosen = useCallback(
    (context: CanvasRenderingContext2D, { width, height, ink }: Surface) => {
      if (chosen === null || chosen * 2 >= points.length) return;
      const frame = fit(points, width, height, MARGIN);
      const [x, y] = place(points.subarray(2 * chosen, 2 * chosen + 2), frame);
      context.strokeStyle = ink;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x!, y!, 7, 0, 7);
      context.stroke();
    },
    [points, chosen],
  );
  const overlay = useCanvas(drawChosen);

  const point = (event: PointerEvent) => {
    const { x, y } = pointerAt(event);
    setChosen(nearest(screen.current, x, y, REACH, visible));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { clientWidth, clientHeight } = event.currentTarget;
    const next =
      chosen === null
        ? event.key.startsWith('Arrow')
          ? nearest(screen.current, clientWidth / 2, clientHeight / 2, Infinity, visible)
          : null
        : neighbour(screen.current, chosen, event.key, visible);
    if (next === null) return;
    event.preventDefault();
    setChosen(next);
  };
  const words = spreadInWords(spread);
  return (
    <div className={styles.panel}>
      {words !== '' && (
        <p className={collapsed ? styles.warning : styles.text}>
          Spread <span className={styles.number}>{fixed(spread)}</span>. {words}
        </p>
      )}
      <Legend labels={kinds} classes={classes} hidden={hidden} onChange={setHidden} />
      <div className={styles.overlay}>
        <canvas
          ref={canvas}
          className={styles.plot}
          role="img"
          tabIndex={0}
          aria-label={`Scatter plot of ${labels.length} held-out images by their representation, in ${kinds.length} classes. The first two principal components hold ${percent(explained[0])} and ${percent(explained[1])} of the variance. Arrow keys go from point to point.`}
          onPointerMove={point}
          onPointerDown={point}
          onKeyDown={onKeyDown}
        />
        <canvas ref={overlay} className={styles.plot} />
      </div>
      <div className={styles.card}>
        <Thumb grid={images} index={chosen} className={styles.thumb} />
        <p className={styles.text} aria-live="polite">
          {chosen === null ? (
            'Point at a dot, or focus the plot and use the arrow keys, to see its image.'
          ) : (
            <>
              <strong>{className(classes, labels[chosen] ?? 0)}</strong>
              <br />
              held-out image {chosen}
            </>
          )}
        </p>
      </div>
    </div>
  );
}

/** Writes each class's name at the median of its points, so that colour does not stand alone. */
function drawNames(
  context: CanvasRenderingContext2D,
  placed: Float32Array,
  labels: Uint8Array,
  shown: readonly number[],
  classes: readonly string[] | undefined,
  scheme: 'light' | 'dark',
) {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  context.save();
  context.font = context.font.replace('12px', 'bold 13px');
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  for (const label of shown) {
    const xs: number[] = [];
    const ys: number[] = [];
    labels.forEach((other, i) => {
      if (other !== label) return;
      xs.push(placed[2 * i]!);
      ys.push(placed[2 * i + 1]!);
    });
    const [x, y] = [middle(xs), middle(ys)];
    context.strokeStyle = scheme === 'dark' ? '#1a1a1a' : '#ffffff';
    context.strokeText(className(classes, label), x, y);
    context.fillStyle = scheme === 'dark' ? '#ffffff' : '#000000';
    context.fillText(className(classes, label), x, y);
  }
  context.restore();
}
