import { useCallback, useState } from 'react';
import { edgesOf, type Weights } from '../../../src/ops/dag.ts';
import { pointerAt, type Surface, useCanvas } from './canvas.ts';
import { weightColor } from './colors.ts';
import css from './graph.module.css';
import styles from './panels.module.css';
import { fixed } from './words.ts';

type Map = { readonly name: string; readonly w: Weights };

/** Colours are full at this weight: the true ones reach it. */
const most = 2;

/** Weight matrices side by side: row i, column j is the edge i → j. */
export function WeightMaps({ d, maps }: { readonly d: number; readonly maps: readonly Map[] }) {
  const [cell, setCell] = useState<number | null>(null);
  return (
    <div>
      <div className={css.maps}>
        {maps.map(({ name, w }) => (
          <WeightMap key={name} d={d} name={name} w={w} cell={cell} onCell={setCell} />
        ))}
      </div>
      <div className={css.scale} aria-hidden="true">
        −{most}
        <i />+{most}
      </div>
      <p className={styles.status}>
        {cell === null
          ? 'Weights: row i, column j is the edge i → j. Point at a cell to read it.'
          : `${Math.floor(cell / d)} → ${cell % d}: ${maps.map(({ name, w }) => `${name} ${w[cell] ? fixed(w[cell]) : 'none'}`).join(', ')}`}
      </p>
    </div>
  );
}

type Props = Map & { readonly d: number; readonly cell: number | null; readonly onCell: (cell: number | null) => void };

function WeightMap({ d, name, w, cell, onCell }: Props) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, scheme, ink }: Surface) => {
      const side = width / d;
      for (const [at, value] of w.entries()) {
        if (!value) continue;
        context.fillStyle = weightColor(value / most, scheme);
        context.fillRect((at % d) * side, Math.floor(at / d) * side, Math.max(side - 0.5, 1), Math.max(side - 0.5, 1));
      }
      if (cell === null) return;
      context.strokeStyle = ink;
      context.lineWidth = 1.5;
      context.strokeRect((cell % d) * side, Math.floor(cell / d) * side, side, side);
    },
    [d, w, cell],
  );
  const canvas = useCanvas(draw);
  const edges = edgesOf(w).length;
  return (
    <figure className={css.map}>
      <figcaption>{name}</figcaption>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Weights, ${name}: ${edges} edges`}
        onPointerMove={(event) => {
          const { x, y } = pointerAt(event);
          const side = event.currentTarget.clientWidth / d;
          const [row, column] = [Math.floor(y / side), Math.floor(x / side)];
          onCell(row >= 0 && row < d && column >= 0 && column < d ? row * d + column : null);
        }}
        onPointerLeave={() => onCell(null)}
      />
    </figure>
  );
}
