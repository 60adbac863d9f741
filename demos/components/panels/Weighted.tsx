import { Slider } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { Artifact } from '../../../src/worker/protocol.ts';
import { integer, percent } from '../../app/format.ts';
import { drawAxes, type Surface, useCanvas } from './canvas.ts';
import css from './closer.module.css';
import { heatPixels, rampGradient } from './colors.ts';
import styles from './panels.module.css';
import { offscreen } from './pixels.ts';
import type { PanelProps } from './types.ts';
import { WeightChart } from './WeightChart.tsx';
import { fixed, gapInWords } from './words.ts';

type Sampler = Extract<Artifact, { kind: 'weighted' }>['samplers'][number];
const dot = { light: '#1864ab', dark: '#74c0fc' };
const stray = { light: '#c92a2a', dark: '#ffa8a8' };

/** The target, the draws of each sampler beside it, what their weights say, and how the first comes to its draws. */
export function Weighted({ artifact }: PanelProps<'weighted'>) {
  const { samplers, extent } = artifact;
  return (
    <div className={styles.panel}>
      <p className={styles.text}>{gapInWords(samplers)}</p>
      <div className={styles.pair}>
        <Target artifact={artifact} />
        {samplers.map((sampler) => (
          <Draws key={sampler.name} sampler={sampler} extent={extent} />
        ))}
      </div>
      <div className={styles.pair}>
        <WeightChart samplers={samplers} />
        <Numbers artifact={artifact} />
      </div>
    </div>
  );
}

function Target({ artifact: { side, extent, target, data } }: Pick<PanelProps<'weighted'>, 'artifact'>) {
  const high = useMemo(() => target.reduce((a, b) => Math.max(a, b), 0), [target]);
  const picture = useMemo(() => offscreen(new ImageData(heatPixels(target, side, 0, high), side, side)), [target, side, high]);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height }: Surface) => {
      context.imageSmoothingEnabled = true;
      context.drawImage(picture, 0, 0, width, height);
      drawAxes(context, width, extent, '#ffffff', ['x₁', 'x₂']);
    },
    [picture, extent],
  );
  const canvas = useCanvas(draw);
  return (
    <figure className={styles.figure}>
      <figcaption>Target density</figcaption>
      <canvas
        ref={canvas}
        className={styles.square}
        role="img"
        aria-label={`Heat map of the density ${data} over the square from −${extent} to ${extent}; its highest value is ${fixed(high)}.`}
      />
      <div className={styles.bar} style={{ background: rampGradient }} />
      <div className={styles.barEnds}>
        <span>0</span>
        <span>p(x), per unit of area</span>
        <span>{fixed(high)}</span>
      </div>
    </figure>
  );
}

/** Draws of one sampler; where it tells its stages, a slider goes through them. */
function Draws({ sampler, extent }: { readonly sampler: Sampler; readonly extent: number }) {
  const { name, points, inGap, stages } = sampler;
  const last = Math.max(0, stages.length - 1);
  const [chosen, setAt] = useState<number | null>(null);
  const at = Math.min(chosen ?? last, last);
  const shown = at === last ? points : stages[at]!.points;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, scheme, ink }: Surface) => {
      const unit = width / (2 * extent);
      // Those in the gap come last, on top of the others, and larger: colour does not stand alone.
      for (const lost of [0, 1]) {
        context.fillStyle = (lost ? stray : dot)[scheme];
        context.globalAlpha = lost ? 1 : 0.6;
        const radius = lost ? 2.2 : 1.1;
        context.beginPath();
        for (let i = 0; i < inGap.length; i++) {
          if ((at === last ? inGap[i]! : 0) !== lost) continue;
          const [x, y] = [width / 2 + unit * shown[2 * i]!, width / 2 - unit * shown[2 * i + 1]!];
          context.moveTo(x + radius, y);
          context.arc(x, y, radius, 0, 7);
        }
        context.fill();
      }
      context.globalAlpha = 1;
      drawAxes(context, width, extent, ink, at === last ? ['x₁', 'x₂'] : at === 0 ? ['z₁', 'z₂'] : ['y₁', 'y₂']);
    },
    [shown, inGap, extent, at, last],
  );
  const canvas = useCanvas(draw);
  const where = at === 0 && last > 0 ? 'noise' : at === last ? 'samples' : `after ${stages[at]!.name}`;
  return (
    <figure className={styles.figure}>
      <figcaption>{name}</figcaption>
      <canvas
        ref={canvas}
        className={`${styles.square} ${styles.framed}`}
        role="img"
        aria-label={`${integer(inGap.length)} draws of ${name} (${where}) over the square from −${extent} to ${extent}${at === last ? `; ${inGap.reduce((a, v) => a + v, 0)} of them lie where hardly any data do` : ''}.`}
      />
      {last > 0 && (
        <>
          <Slider
            className={styles.slider}
            style={{ flex: 'none' }}
            min={0}
            max={last}
            step={1}
            value={at}
            onChange={setAt}
            label={(value) => stages[value]?.name}
            thumbLabel={`Layer of ${name}`}
          />
          <p className={styles.status}>
            {at} of {last} layers: {where}
          </p>
        </>
      )}
    </figure>
  );
}

/** What the draws and their weights come to. */
function Numbers({ artifact: { samplers, freeEnergy } }: Pick<PanelProps<'weighted'>, 'artifact'>) {
  const rows: readonly (readonly [string, (sampler: Sampler) => string, string])[] = [
    ['Where hardly any data lie', ({ gap }) => percent(gap, 1), percent(0.01, 1)],
    ['Effective sample size', ({ ess }) => percent(ess, 1), percent(1)],
    ['Reverse KL, nats', ({ reverseKl }) => fixed(reverseKl, 3), fixed(0, 3)],
    ['Right half against left, kT', (sampler) => fixed(sampler.freeEnergy, 2), fixed(freeEnergy, 2)],
  ];
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">Of {integer(samplers[0]?.inGap.length ?? 0)} draws</th>
            {samplers.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">Exact</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, of, exact]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {samplers.map((sampler) => (
                <td key={sampler.name}>{of(sampler)}</td>
              ))}
              <td>{exact}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
