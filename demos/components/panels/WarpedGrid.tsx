import { Button, Slider } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { drawAxes, type Surface, useCanvas } from './canvas.ts';
import { between, gridReach } from './frames.ts';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

/** Seconds per layer when played. */
const PACE = 0.7;
const across = { light: '#1864ab', dark: '#74c0fc' };
const along = { light: '#c92a2a', dark: '#ffa8a8' };

/** A square grid of noise, and what each layer makes of it on the way to the data. */
export function WarpedGrid({ artifact: { frames, lines, perLine, extent } }: Pick<PanelProps<'density'>, 'artifact'>) {
  const last = frames.length - 1;
  const [at, setAt] = useState(last);
  const [playing, setPlaying] = useState(false);
  const calm = useReducedMotion();
  const place = Math.max(0, Math.min(at, last));
  const reach = useMemo(() => gridReach(frames, extent), [frames, extent]);
  const points = useMemo(() => between(frames, place), [frames, place]);

  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    let request = requestAnimationFrame(function tick(now) {
      const passed = (now - before) / 1000 / PACE;
      before = now;
      setAt((t) => Math.min(last, t + passed));
      request = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(request);
  }, [playing, last]);
  if (playing && at >= last) setPlaying(false);

  const layer = Math.round(place);
  const axes = layer === 0 ? 'z' : layer === last ? 'x' : 'y';
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height, scheme, ink }: Surface) => {
      const unit = width / (2 * reach);
      context.lineWidth = 1;
      // The first half of the lines runs one way, the second half the other.
      for (const [from, to, color] of [
        [0, lines >> 1, across[scheme]],
        [lines >> 1, lines, along[scheme]],
      ] as const) {
        context.strokeStyle = color;
        context.beginPath();
        for (let line = from; line < to; line++) {
          for (let k = 0; k < perLine; k++) {
            const i = 2 * (line * perLine + k);
            const x = width / 2 + unit * (points[i] ?? 0);
            const y = height / 2 - unit * (points[i + 1] ?? 0);
            if (k === 0) context.moveTo(x, y);
            else context.lineTo(x, y);
          }
        }
        context.stroke();
      }
      drawAxes(context, width, reach, ink, [`${axes}₁`, `${axes}₂`]);
    },
    [points, lines, perLine, reach, axes],
  );
  const canvas = useCanvas(draw);
  if (last < 0) return null;
  const name = layer === 0 ? 'noise' : layer === last ? `layer ${layer} of ${last}: data` : `layer ${layer} of ${last}`;
  return (
    <figure className={styles.figure}>
      <figcaption>From noise to data, layer by layer</figcaption>
      <canvas
        ref={canvas}
        className={`${styles.square} ${styles.framed}`}
        role="img"
        aria-label={`A square grid of noise after ${layer} of ${last} layers, drawn over the square from −${fixed(reach, 1)} to ${fixed(reach, 1)}.`}
      />
      <div className={styles.row}>
        {!calm && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              if (!playing && at >= last) setAt(0);
              setPlaying(!playing);
            }}
          >
            {playing ? 'Pause' : 'Play'}
          </Button>
        )}
        <Slider
          className={styles.slider}
          min={0}
          max={Math.max(1, last)}
          step={1}
          value={layer}
          onChange={(value) => {
            setPlaying(false);
            setAt(value);
          }}
          label={(value) => `layer ${value}`}
          thumbLabel="Layer"
        />
      </div>
      <p className={styles.status}>After {name}</p>
    </figure>
  );
}
