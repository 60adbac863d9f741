import { SegmentedControl, Switch } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { drawAxes, type Surface, useCanvas } from './canvas.ts';
import { heatPixels, logDensity, rampGradient } from './colors.ts';
import styles from './panels.module.css';
import { offscreen } from './pixels.ts';
import type { PanelProps } from './types.ts';
import { WarpedGrid } from './WarpedGrid.tsx';
import { fixed, nllInWords } from './words.ts';

const DATA = '#ffffff';
const MODEL = '#ff6b6b';
/** The bar shows a gap of up to this many nats. */
const GAP = 1;

/** The model's density with samples on it, the map that makes it, and how far it is from the best possible. */
export function Density({ artifact }: PanelProps<'density'>) {
  const { nll, entropy } = artifact;
  const gap = Math.max(0, Math.min(1, (nll - entropy) / GAP));
  return (
    <div className={styles.panel}>
      <div className={styles.nll}>
        <p className={styles.text}>{nllInWords(nll, entropy)}</p>
        <div
          className={styles.meter}
          role="img"
          aria-label={`${fixed(nll - entropy, 3)} nats above the floor; the bar is full at ${GAP} nat.`}
        >
          <div style={{ width: `${100 * gap}%` }} />
        </div>
        <div className={styles.barEnds}>
          <span>floor {fixed(entropy)}</span>
          <span>{fixed(entropy + GAP)} nats</span>
        </div>
      </div>
      <div className={styles.pair}>
        <HeatMap artifact={artifact} />
        <WarpedGrid artifact={artifact} />
      </div>
    </div>
  );
}

function HeatMap({ artifact }: Pick<PanelProps<'density'>, 'artifact'>) {
  const { side, extent, density, data, samples } = artifact;
  const [scale, setScale] = useState('density');
  const [showData, setShowData] = useState(false);
  const [showSamples, setShowSamples] = useState(false);
  const { values, low, high } = useMemo(
    () => (scale === 'log' ? logDensity(density) : { values: density, low: 0, high: density.reduce((a, b) => Math.max(a, b), 0) }),
    [density, scale],
  );
  const picture = useMemo(() => offscreen(new ImageData(heatPixels(values, side, low, high), side, side)), [values, side, low, high]);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height }: Surface) => {
      // A density is smooth: interpolating its grid is closer to it than blocks are.
      context.imageSmoothingEnabled = true;
      context.drawImage(picture, 0, 0, width, height);
      const unit = width / (2 * extent);
      const dots = (points: Float32Array, color: string) => {
        context.fillStyle = color;
        context.strokeStyle = '#000000';
        context.lineWidth = 1;
        context.beginPath();
        for (let i = 0; i + 1 < points.length; i += 2) {
          const x = width / 2 + unit * points[i]!;
          const y = height / 2 - unit * points[i + 1]!;
          context.moveTo(x + 1.3, y);
          context.arc(x, y, 1.3, 0, 7);
        }
        context.stroke();
        context.fill();
      };
      if (showData) dots(data, DATA);
      if (showSamples) dots(samples, MODEL);
      drawAxes(context, width, extent, '#ffffff', ['x₁', 'x₂']);
    },
    [picture, extent, data, samples, showData, showSamples],
  );
  const canvas = useCanvas(draw);
  const digits = scale === 'log' ? 1 : 2;
  return (
    <figure className={styles.figure}>
      <figcaption>Density of the model</figcaption>
      <canvas
        ref={canvas}
        className={styles.square}
        role="img"
        aria-label={`Heat map of the model's density over the square from −${extent} to ${extent}; its highest value is ${fixed(density.reduce((a, b) => Math.max(a, b), 0))}.`}
      />
      <div className={styles.bar} style={{ background: rampGradient }} />
      <div className={styles.barEnds}>
        <span>{scale === 'log' ? `≤ ${fixed(low, digits)}` : '0'}</span>
        <span>{scale === 'log' ? 'log p(x), nats' : 'p(x), per unit of area'}</span>
        <span>{fixed(high, digits)}</span>
      </div>
      <div className={styles.row}>
        <SegmentedControl
          size="xs"
          value={scale}
          onChange={setScale}
          aria-label="Scale of the density"
          data={[
            { value: 'density', label: 'Density' },
            { value: 'log', label: 'Log density' },
          ]}
        />
        <Switch
          size="sm"
          color="gray"
          label={<Key color={DATA}>Data</Key>}
          checked={showData}
          onChange={(e) => setShowData(e.currentTarget.checked)}
        />
        <Switch
          size="sm"
          color="gray"
          label={<Key color={MODEL}>Model samples</Key>}
          checked={showSamples}
          onChange={(e) => setShowSamples(e.currentTarget.checked)}
        />
      </div>
    </figure>
  );
}

function Key({ color, children }: { readonly color: string; readonly children: string }) {
  return (
    <>
      <span
        className={styles.swatch}
        style={{ display: 'inline-block', background: color, border: '1px solid #000', marginInlineEnd: '0.4em' }}
      />
      {children}
    </>
  );
}
