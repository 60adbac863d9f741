import { Button } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import type { Edit } from '../../../src/evaluate/artifact.ts';
import { Chooser } from './Chooser.tsx';
import close from './closer.module.css';
import styles from './panels.module.css';
import { Thumb } from './Thumb.tsx';
import css from './things.module.css';
import { type Found, foundIn, moved, swapped } from './things.ts';
import type { PanelProps } from './types.ts';

/** Scenes to choose from; what is found in the chosen one, how its symbols look, and a copy whose things can be moved, swapped and removed. */
export function Things({ artifact, refresh }: PanelProps<'things'>) {
  const { originals, objects, painted, edited } = artifact;
  const [wanted, setWanted] = useState(0);
  const scene = Math.min(wanted, originals.n - 1);
  const found = useMemo(() => foundIn(artifact, scene), [artifact, scene]);
  // The edit outlives new pictures while the run goes on, but not another scene.
  const [edit, setEdit] = useState<Edit | null>(edited?.edit ?? null);
  const mine = edit?.scene === scene ? edit.things : null;
  const side = originals.shape[0];
  const change = (things: Edit['things'] | null) => {
    const next = things && { scene, things };
    setEdit(next);
    refresh?.(next ? { edit: next } : {});
  };
  const shown = edited && mine && edited.edit.scene === scene ? { grid: edited.image, index: 0 } : { grid: painted, index: scene };
  const right = found.length === objects[scene];
  return (
    <div className={styles.panel}>
      <Chooser
        legend="Choose a held-out scene"
        grid={originals}
        chosen={scene}
        onChoose={setWanted}
        labelOf={(i) => `Scene ${i + 1}`}
        className={close.scene}
      />
      <div className={css.stages}>
        <figure className={close.item}>
          <div className={css.stage}>
            <Thumb grid={originals} index={scene} className={close.thumb} />
            <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={`The scene with ${found.length} boxes.`}>
              {found.map((thing) => (
                <Box key={thing.from} {...thing} />
              ))}
            </svg>
          </div>
          <figcaption>
            {found.length} found{right ? '' : `, ${objects[scene]} are there`}
          </figcaption>
        </figure>
        {refresh ? (
          <Stage key={scene} side={side} found={found} things={mine ?? found} picture={shown} change={change} edited={mine !== null} />
        ) : (
          <figure className={close.item}>
            <Thumb grid={painted} index={scene} className={close.thumb} />
            <figcaption>drawn from the symbols</figcaption>
          </figure>
        )}
      </div>
    </div>
  );
}

const Box = ({ x, y, side }: Pick<Found, 'x' | 'y' | 'side'>) => (
  <rect className={css.box} x={x - side / 2} y={y - side / 2} width={side} height={side} />
);

type Point = { readonly x: number; readonly y: number };
type StageProps = {
  readonly side: number;
  readonly found: readonly Found[];
  readonly things: Edit['things'];
  readonly picture: { readonly grid: PanelProps<'things'>['artifact']['painted']; readonly index: number };
  readonly change: (things: Edit['things'] | null) => void;
  readonly edited: boolean;
};

/** The scene as its symbols draw it. Drag a box; keys: arrows move it, Enter chooses it and swaps it with the next one chosen, Delete removes it. */
function Stage({ side, found, things, picture, change, edited }: StageProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  /** What is held, and where it was taken, from its centre and on the picture. */
  const drag = useRef<{ readonly index: number; readonly by: Point; readonly from: Point; moved: boolean } | null>(null);
  const move = (index: number, x: number, y: number) => change(moved(things, index, x, y, side));
  const remove = (index: number) => {
    change(things.filter((_, i) => i !== index));
    setChosen(null);
    setSaid(`Thing ${index + 1} removed.`);
  };
  const choose = (index: number) => {
    if (chosen === null || chosen === index) {
      setChosen(chosen === null ? index : null);
      setSaid(chosen === null ? `Thing ${index + 1} chosen. Choose another one to swap their places.` : '');
      return;
    }
    change(swapped(things, chosen, index));
    setChosen(null);
    setSaid(`Things ${chosen + 1} and ${index + 1} have swapped places.`);
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const { x, y } = things[index]!;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) move(index, x + step[0]!, y + step[1]!);
    else if (event.key === 'Enter' || event.key === ' ') choose(index);
    else if (event.key === 'Delete' || event.key === 'Backspace') remove(index);
    else return;
    event.preventDefault();
  };
  const pointed = (event: PointerEvent<SVGGElement>): Point => {
    const { left, top, width, height } = event.currentTarget.ownerSVGElement!.getBoundingClientRect();
    return { x: ((event.clientX - left) / width) * side, y: ((event.clientY - top) / height) * side };
  };
  const onMove = (event: PointerEvent<SVGGElement>) => {
    const held = drag.current;
    if (!held) return;
    const { x, y } = pointed(event);
    // A click is no move.
    if (!held.moved && Math.hypot(x - held.from.x, y - held.from.y) < 0.6) return;
    held.moved = true;
    move(held.index, x - held.by.x, y - held.by.y);
  };
  return (
    <>
      <figure className={close.item}>
        <div className={css.stage}>
          <Thumb {...picture} className={close.thumb} />
          {/* biome-ignore lint/a11y/useSemanticElements: boxes on a picture are no fieldset */}
          <svg
            viewBox={`0 0 ${side} ${side}`}
            role="group"
            aria-label={`The scene drawn from its symbols, with ${things.length} things to move.`}
          >
            {things.map(({ from, x, y }, index) => (
              // biome-ignore lint/a11y/useSemanticElements: a drawing holds no buttons
              <g
                key={index}
                role="button"
                tabIndex={0}
                aria-pressed={chosen === index}
                aria-label={`Thing ${index + 1}, ${Math.round(x)} across and ${Math.round(y)} down`}
                className={css.thing}
                onKeyDown={(event) => onKey(event, index)}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  const from = pointed(event);
                  drag.current = { index, from, by: { x: from.x - x, y: from.y - y }, moved: false };
                }}
                onPointerMove={onMove}
                onPointerUp={() => {
                  if (drag.current && !drag.current.moved) choose(index);
                  drag.current = null;
                }}
                onPointerCancel={() => {
                  drag.current = null;
                }}
              >
                <Box x={x} y={y} side={found.find((thing) => thing.from === from)?.side ?? side / 4} />
              </g>
            ))}
          </svg>
        </div>
        <figcaption>{edited ? 'rearranged, and drawn anew' : 'drawn from the symbols: drag a box'}</figcaption>
      </figure>
      <div>
        <div className={styles.row}>
          <Button size="xs" variant="default" disabled={chosen === null} onClick={() => chosen !== null && remove(chosen)}>
            Remove
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={!edited}
            onClick={() => {
              change(null);
              setChosen(null);
              setSaid('');
            }}
          >
            As it was
          </Button>
        </div>
        <p className={styles.status} aria-live="polite">
          {said || 'Click two boxes to swap them. Keys: arrows move, Enter chooses, Delete removes.'}
        </p>
      </div>
    </>
  );
}
