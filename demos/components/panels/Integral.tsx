import { Code, NativeSelect } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { type Surface, useCanvas } from './canvas.ts';
import { heatPixels, rampGradient } from './colors.ts';
import { ticks } from './geometry.ts';
import styles from './panels.module.css';
import { offscreen } from './pixels.ts';
import type { PanelProps } from './types.ts';
import { fixed, integralInWords } from './words.ts';

type Props = Pick<PanelProps<'integral'>, 'artifact'>;
type Variable = Props['artifact']['variables'][number];
type Pair = Props['artifact']['pairs'][number];

/** The graph of factors, the region and density of one pair, and every marginal beside the exact one. */
export function Integral({ artifact }: Props) {
  const { text, logZ, logZExact, variables, pairs } = artifact;
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, pairs.length - 1);
  const pair = pairs[at];
  return (
    <div className={styles.panel}>
      <p className={styles.text}>{integralInWords(logZ, logZExact, pairs.filter(({ cut }) => cut).length)}</p>
      {pair && (
        <>
          <NativeSelect
            size="xs"
            w="min(100%, 24rem)"
            label="Pair of variables"
            value={at}
            data={pairs.map((each, k) => ({ value: String(k), label: nameOf(variables, each) }))}
            onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
          />
          <div className={styles.pair}>
            <Graph variables={variables} pairs={pairs} chosen={at} onChoose={setChosen} />
            <Region variables={variables} pair={pair} />
          </div>
        </>
      )}
      <figure className={styles.marginals}>
        <figcaption>
          Marginals: bars approximate, line exact
          {variables.some(({ exact }) => !exact) && ' (not known: more than two variables would have to be fixed)'}
        </figcaption>
        <div>
          {variables.map((variable) => (
            <Marginal key={variable.name} variable={variable} />
          ))}
        </div>
      </figure>
      <details>
        <summary>The problem in its language</summary>
        <Code block className={styles.language!}>
          {text.split(';').map((statement) => `${statement.trim()};\n`)}
        </Code>
      </details>
    </div>
  );
}

const nameOf = (variables: readonly Variable[], { first, second, cut }: Pair): string =>
  `${variables[first]!.name} and ${variables[second]!.name}${cut ? '′ (cut)' : ''}`;

const SIDE = 300;
const RING = 112;

/** Variables around a circle; the edge of a cut factor is dashed. A click chooses a pair, as the list above does. */
function Graph({
  variables,
  pairs,
  chosen,
  onChoose,
}: Omit<Props['artifact'], 'kind' | 'text' | 'logZ' | 'logZExact'> & { chosen: number; onChoose: (k: number) => void }) {
  const place = (v: number) => {
    const angle = (2 * Math.PI * v) / variables.length - Math.PI / 2;
    return { x: SIDE / 2 + RING * Math.cos(angle), y: SIDE / 2 + RING * Math.sin(angle) };
  };
  return (
    <figure className={styles.figure}>
      <figcaption>Factors; dashed: cut by a copy</figcaption>
      <svg
        viewBox={`0 0 ${SIDE} ${SIDE}`}
        className={styles.graph}
        role="img"
        aria-label={`Graph of ${variables.length} variables and ${pairs.length} pair factors: ${pairs.map((pair) => nameOf(variables, pair)).join(', ')}.`}
      >
        {pairs.map(({ first, second, cut }, k) => {
          const [from, to] = [place(first), place(second)];
          const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the list above is the keyboard's way to the same
            <g key={`${first} ${second}`} onClick={() => onChoose(k)} className={styles.edge}>
              <line {...ends} stroke="transparent" strokeWidth={18} />
              <line
                {...ends}
                stroke={k === chosen ? 'var(--lab-accent)' : 'currentColor'}
                strokeWidth={k === chosen ? 4 : 1.5}
                strokeDasharray={cut ? '7 6' : undefined}
              />
            </g>
          );
        })}
        {variables.map(({ name, values }, v) => {
          const { x, y } = place(v);
          return (
            <g key={name}>
              {values ? (
                <rect x={x - 18} y={y - 18} width={36} height={36} className={styles.node} />
              ) : (
                <circle cx={x} cy={y} r={19} className={styles.node} />
              )}
              <text x={x} y={y} textAnchor="middle" dominantBaseline="central" fontSize={name.length > 3 ? 10 : 14} fill="currentColor">
                {name.slice(0, 7)}
              </text>
            </g>
          );
        })}
      </svg>
      <p className={styles.status}>Circles: real variables. Squares: whole or Boolean ones.</p>
    </figure>
  );
}

const LEFT = 48;
const BELOW = 36;

/** Where the constraints of a pair hold, and the density there; blank where they fail. */
function Region({ variables, pair }: { variables: readonly Variable[]; pair: Pair }) {
  const { first, second, columns, rows, density, cut } = pair;
  const [x, y] = [variables[first]!, variables[second]!];
  const high = useMemo(() => density.reduce((a, b) => Math.max(a, b), 0), [density]);
  const picture = useMemo(() => {
    const pixels = heatPixels(density, columns, 0, high, rows);
    // Where nothing can be, the page shows through.
    density.forEach((value, k) => {
      if (value === 0) pixels[4 * ((rows - 1 - Math.floor(k / columns)) * columns + (k % columns)) + 3] = 0;
    });
    return offscreen(new ImageData(pixels, columns, rows));
  }, [density, columns, rows, high]);
  const names = [x.name, `${y.name}${cut ? '′' : ''}`] as const;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height, ink }: Surface) => {
      const [wide, tall] = [width - LEFT - 8, height - BELOW - 8];
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, LEFT, 8, wide, tall);
      context.strokeStyle = ink;
      context.globalAlpha = 0.4;
      context.strokeRect(LEFT + 0.5, 8.5, wide - 1, tall - 1);
      context.globalAlpha = 1;
      context.fillStyle = ink;
      context.textAlign = 'center';
      context.textBaseline = 'top';
      for (const { at, label } of marksOf(x)) context.fillText(label, LEFT + at * wide, 8 + tall + 4);
      context.fillText(names[0], LEFT + wide / 2, 8 + tall + 19);
      context.textAlign = 'right';
      context.textBaseline = 'middle';
      for (const { at, label } of marksOf(y)) context.fillText(label, LEFT - 5, 8 + (1 - at) * tall);
      context.save();
      context.translate(9, 8 + tall / 2);
      context.rotate(-Math.PI / 2);
      context.textAlign = 'center';
      context.fillText(names[1], 0, 0);
      context.restore();
    },
    [picture, x, y, names[0], names[1]],
  );
  const canvas = useCanvas(draw);
  return (
    <figure className={styles.figure}>
      <figcaption>
        Region and density of {names[0]} and {names[1]}
      </figcaption>
      <canvas
        ref={canvas}
        className={styles.square}
        role="img"
        aria-label={`Density of ${names[0]} from ${x.low} to ${x.high} and ${names[1]} from ${y.low} to ${y.high} where ${pair.says.join(' and ')}; its highest value is ${fixed(high)}.`}
      />
      <div className={styles.bar} style={{ background: rampGradient }} />
      <div className={styles.barEnds}>
        <span>0; blank: impossible</span>
        <span>{fixed(high)}</span>
      </div>
      <p className={styles.status}>{pair.says.join('; ')}</p>
    </figure>
  );
}

/** Where an axis is marked, from 0 to 1: at every value of a discrete variable, if they are few, else at round numbers. */
function marksOf({ low, high, values }: Variable): { at: number; label: string }[] {
  if (!values) return ticks(low, high, 4).map((v) => ({ at: (v - low) / (high - low), label: String(Number(v.toPrecision(6))) }));
  const every = Math.ceil(values.length / 6);
  return values.flatMap((v, k) => (k % every === 0 ? { at: (k + 0.5) / values.length, label: String(v) } : []));
}

const WIDE = 150;
const TALL = 70;

/** A variable's probability in each cell: bars of the forest, and the exact one as a line. */
function Marginal({ variable }: { variable: Variable }) {
  const { name, approximate, exact } = variable;
  const top = Math.max(...approximate, ...(exact ?? []));
  const width = WIDE / approximate.length;
  const y = (p: number) => TALL * (1 - p / (1.08 * top));
  const apart = exact && approximate.reduce((sum, p, k) => sum + Math.abs(p - exact[k]!) / 2, 0);
  const path = exact && Array.from(exact, (p, k) => `${k ? 'L' : 'M'}${k * width} ${y(p)}H${(k + 1) * width}`).join('');
  return (
    <svg
      viewBox={`-4 -16 ${WIDE + 8} ${TALL + 32}`}
      role="img"
      aria-label={`Marginal of ${name}${apart === null ? '' : `; its total variation from the exact one is ${fixed(apart, 4)}`}.`}
      fill="currentColor"
      fontSize={11}
    >
      <text x={0} y={-5} fontWeight={600}>
        {name}
      </text>
      {apart !== null && (
        <text x={WIDE} y={-5} textAnchor="end">
          off by {(100 * apart).toFixed(1)} %
        </text>
      )}
      {Array.from(approximate, (p, k) => (
        <rect
          key={k}
          x={k * width + 0.5}
          y={y(p)}
          width={Math.max(0.5, width - 1)}
          height={TALL - y(p)}
          fill="var(--lab-accent)"
          opacity={0.45}
        />
      ))}
      {path && <path d={path} fill="none" stroke="currentColor" strokeWidth={1.6} />}
      <line x1={0} x2={WIDE} y1={TALL} y2={TALL} stroke="currentColor" opacity={0.4} />
      {marksOf(variable).map(({ at, label }) => (
        <text key={label} x={at * WIDE} y={TALL + 13} textAnchor={at < 0.05 ? 'start' : at > 0.95 ? 'end' : 'middle'}>
          {label}
        </text>
      ))}
    </svg>
  );
}
