import { useMemo, useState } from 'react';
import { percent } from '../../app/format.ts';
import { Chooser } from './Chooser.tsx';
import closer from './closer.module.css';
import css from './objects.module.css';
import { type Answer, answerOf, cornersOf, cssColour, inWords, sure, verdictOf } from './objects.ts';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';
import type { PanelProps } from './types.ts';
import { fixed } from './words.ts';

type Objects = PanelProps<'objects'>['artifact'];

/** What slots see: the surer, the thicker; dashed where a slot is not sure that there is anything. */
function Outlines({ objects, side }: { readonly objects: Answer['seen']; readonly side: number }) {
  return (
    <svg viewBox={`0 0 ${side} ${side}`} aria-hidden="true">
      {objects.map((object, slot) => {
        if (object.presence < 0.05) return null;
        const line = {
          className: css.outline,
          stroke: cssColour(object),
          strokeWidth: 0.5 + 2 * object.presence,
          ...(object.presence > sure ? {} : { strokeDasharray: '3 3' }),
        };
        const corners = cornersOf(object);
        return corners ? (
          <polygon key={slot} points={corners.join(' ')} {...line} />
        ) : (
          <circle key={slot} cx={object.x} cy={object.y} r={object.radius} {...line} />
        );
      })}
    </svg>
  );
}

function Seen({
  grid,
  scene,
  answer,
  className = '',
}: {
  grid: Objects['originals'];
  scene: number;
  answer: Answer;
  className?: string | undefined;
}) {
  return (
    <span className={`${css.picture} ${className}`}>
      <Thumb grid={grid} index={scene} className={css.dimmed} />
      <Outlines objects={answer.seen} side={grid.shape[0]} />
    </span>
  );
}

/** Held-out scenes above what the slots name in them; the chosen one in large, and every slot of it in words. */
export function Objects({ artifact }: PanelProps<'objects'>) {
  const { originals, slots, attention } = artifact;
  const [wanted, setWanted] = useState(0);
  const scene = Math.min(wanted, originals.n - 1);
  const answers = useMemo(() => Array.from({ length: originals.n }, (_, i) => answerOf(artifact, i)), [artifact, originals]);
  const looked = useMemo(() => {
    const [h, w] = attention.side;
    return { n: originals.n * slots, shape: [h, w, 1] as const, pixels: attention.shares };
  }, [attention, originals, slots]);
  const answer = answers[scene]!;
  return (
    <div className={styles.panel}>
      <Chooser
        legend="Choose a held-out scene; below each, what the slots see"
        grid={originals}
        chosen={scene}
        onChoose={setWanted}
        labelOf={(i) => `Scene ${i + 1}: ${verdictOf(answers[i]!)}`}
        className={css.small}
        below={(i) => <Seen grid={originals} scene={i} answer={answers[i]!} className={css.small} />}
      />
      <div className={css.pair} role="img" aria-label={`Scene ${scene + 1}, and outlines of ${slots} slots on it.`}>
        <figure className={closer.item}>
          <span className={css.picture}>
            <Thumb grid={originals} index={scene} />
          </span>
          <figcaption>scene</figcaption>
        </figure>
        <figure className={closer.item}>
          <Seen grid={originals} scene={scene} answer={answer} />
          <figcaption>what the slots see</figcaption>
        </figure>
      </div>
      <p className={styles.text}>{verdictOf(answer)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={closer.scroll} tabIndex={0} aria-label={`What each slot says of scene ${scene + 1}`}>
        <table className={`${closer.table} ${css.table}`}>
          <thead>
            <tr>
              <th scope="col">slot</th>
              <th scope="col">looks at</th>
              <th scope="col">there is one</th>
              <th scope="col" className={css.words}>
                it says
              </th>
              <th scope="col">centre, px</th>
              <th scope="col">radius, px</th>
              <th scope="col" className={css.words}>
                which is
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.seen.map((object, slot) => (
              <tr key={slot} className={object.presence > sure ? undefined : css.silent}>
                <th scope="row">{slot + 1}</th>
                <td>
                  <Thumb grid={looked} index={scene * slots + slot} className={css.looked} />
                </td>
                <td>{percent(object.presence)}</td>
                <td className={css.words}>
                  <span className={css.swatch} style={{ background: cssColour(object) }} />
                  {inWords(object)}
                </td>
                <td>
                  {fixed(object.x, 1)}, {fixed(object.y, 1)}
                </td>
                <td>{fixed(object.radius, 1)}</td>
                <td className={css.words}>{object.presence <= sure ? 'no claim' : answer.hits[slot]! < 0 ? 'wrong' : 'right'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
