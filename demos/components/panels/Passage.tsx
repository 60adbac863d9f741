import { SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { Cloud } from '../../../src/evaluate/artifact.ts';
import { type Surface, useCanvas } from './canvas.ts';
import { cloudReach, quadrants } from './clouds.ts';
import { classColor } from './colors.ts';
import panel from './panels.module.css';
import styles from './passage.module.css';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

type Way = 'there' | 'back';

/** What each layer makes of data on the way to noise, or of noise on the way to data; colours are the quadrants of the data. */
export function Passage({ artifact }: PanelProps<'passage'>) {
  const [way, setWay] = useState<Way>('there');
  const { names } = artifact;
  const clouds = artifact[way];
  const colours = useMemo(() => quadrants((way === 'there' ? clouds[0] : clouds.at(-1))!), [clouds, way]);
  const last = clouds.length - 1;
  const title = (i: number) => {
    if (i === (way === 'there' ? 0 : last)) return way === 'there' ? 'data' : `${names[0]}: data`;
    if (i === (way === 'there' ? last : 0)) return way === 'there' ? `${names[last - 1]}: noise` : 'noise';
    return names[way === 'there' ? i - 1 : last - i]!;
  };
  return (
    <div className={panel.panel}>
      <div className={panel.row}>
        <SegmentedControl
          size="xs"
          value={way}
          onChange={(value) => setWay(value as Way)}
          aria-label="Direction"
          data={[
            { value: 'there', label: 'Data → noise' },
            { value: 'back', label: 'Noise → data' },
          ]}
        />
      </div>
      <ol className={styles.steps}>
        {clouds.map((cloud, i) => (
          // Layers have no other name than their place.
          <li key={i}>
            <Step cloud={cloud} colours={colours} title={title(i)} />
          </li>
        ))}
      </ol>
      <p className={panel.text}>
        {way === 'there'
          ? 'Each point keeps the colour of the quadrant that it starts from: where colours come to lie on each other, a layer has dropped what told them apart.'
          : 'Each point has the colour of the quadrant that it ends in: where colours part, a layer has drawn what was dropped.'}
      </p>
    </div>
  );
}

function Step({ cloud, colours, title }: { readonly cloud: Cloud; readonly colours: Uint8Array; readonly title: string }) {
  const { columns, values } = cloud;
  const reach = useMemo(() => cloudReach(cloud), [cloud]);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height, scheme, ink }: Surface) => {
      const unit = width / (2 * reach);
      context.strokeStyle = ink;
      context.globalAlpha = 0.25;
      context.beginPath();
      context.moveTo(0, height / 2);
      context.lineTo(width, height / 2);
      context.moveTo(width / 2, 0);
      context.lineTo(width / 2, height);
      context.stroke();
      context.globalAlpha = 0.75;
      for (let i = 0; i < colours.length; i++) {
        context.fillStyle = classColor(colours[i]!, scheme);
        const x = width / 2 + unit * values[i * columns]!;
        // A single number has no second one to be drawn by: its points are spread over a band.
        const y = columns === 1 ? height * (0.3 + (0.4 * i) / colours.length) : height / 2 - unit * values[i * columns + 1]!;
        context.fillRect(x - 0.9, y - 0.9, 1.8, 1.8);
      }
    },
    [reach, colours, values, columns],
  );
  const canvas = useCanvas(draw);
  return (
    <figure className={styles.step}>
      <figcaption>{title}</figcaption>
      <canvas
        ref={canvas}
        className={styles.cloud}
        role="img"
        aria-label={`${title}: ${colours.length} points of ${columns} ${columns === 1 ? 'number' : 'numbers'}${columns > 2 ? ', of which the first two are drawn' : ''}, from −${fixed(reach, 1)} to ${fixed(reach, 1)}.`}
      />
      <span className={styles.reach}>
        ±{fixed(reach, 1)}
        {columns === 2 ? '' : columns === 1 ? ' · 1 number' : ` · 2 of ${columns} numbers`}
      </span>
    </figure>
  );
}
