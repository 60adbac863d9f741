import type { KeyboardEvent, PointerEvent } from 'react';
import { type Drawn, type Extent, placeOn, shareOf, valueAt } from '../../app/compare-lines.ts';
import { integer, short } from '../../app/format.ts';
import { type Store, useStore } from '../../app/store.ts';
import css from './compare.module.css';

type Props = {
  /** A place on the x axis, shared by all charts; null: none. */
  readonly cross: Store<number | null>;
  readonly lines: readonly Drawn[];
  readonly x: Extent;
  readonly y: Extent;
  readonly xName: string;
  readonly name: string;
};

const sayX = (value: number) => (value >= 100 ? integer(value) : short(value));

/** Lies over the plot: a line at the place that is shared by all charts, and a dot on each curve there. Pointer and arrow keys move it. */
export function Crosshair({ cross, lines, x, y, xName, name }: Props) {
  const at = useStore(cross);
  const within = at !== null && at >= x.low && at <= x.high;
  const move = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    cross.set(placeOn(x, Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const share = within ? shareOf(x, at) : 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: share - 0.01,
      ArrowDown: share - 0.01,
      ArrowRight: share + 0.01,
      ArrowUp: share + 0.01,
      PageDown: share - 0.1,
      PageUp: share + 0.1,
      Home: 0,
      End: 1,
    };
    const next = moves[event.key];
    if (next === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    cross.set(next === undefined ? null : placeOn(x, Math.min(1, Math.max(0, next))));
  };
  const values = within ? lines.map((line) => valueAt(line, at)) : [];
  const said = lines.map(({ item }, i) => `${item.letter} ${short(values[i] ?? Number.NaN)}`).join(', ');
  return (
    <div
      className={css.cross}
      role="slider"
      tabIndex={0}
      aria-label={`Crosshair on ${name}`}
      aria-valuemin={x.low}
      aria-valuemax={x.high}
      aria-valuenow={within ? at : x.high}
      aria-valuetext={within ? `${xName} ${sayX(at)}: ${said}` : 'not set'}
      onPointerMove={move}
      onPointerDown={move}
      onPointerLeave={({ pointerType }) => pointerType === 'mouse' && cross.set(null)}
      onKeyDown={onKeyDown}
    >
      {within && <i className={css.hair} style={{ left: `${100 * shareOf(x, at)}%` }} />}
      {within &&
        lines.map(({ item }, i) => {
          const value = values[i]!;
          if (!Number.isFinite(value) || (y.log && value <= 0)) return null;
          const style = { left: `${100 * shareOf(x, at)}%`, top: `${100 * (1 - shareOf(y, value))}%`, background: item.color };
          return <i key={item.key} className={css.dot} style={style} />;
        })}
    </div>
  );
}

/** The values at the crosshair, or where there is none the last ones. Always there, so that nothing moves. */
export function Readout({ cross, lines, xName, unit }: Pick<Props, 'cross' | 'lines' | 'xName'> & { unit: string | null }) {
  const at = useStore(cross);
  return (
    <p className={`${css.readout} numbers`}>
      <span>{at === null ? 'at the end' : `${xName} ${sayX(at)}`}</span>
      {lines.map((line) => {
        const { item, band } = line;
        const value = at === null ? (line.y.at(-1) ?? Number.NaN) : valueAt(line, at);
        const [low, high] = band
          ? [band.low, band.high].map((y) => (at === null ? (y.at(-1) ?? Number.NaN) : valueAt({ x: band.x, y }, at)))
          : [];
        return (
          <span key={item.key}>
            <i style={{ background: item.color }} />
            {item.letter} <b>{short(value)}</b>
            {low !== undefined && Number.isFinite(low) && (
              <small>
                {' '}
                {short(low)} to {short(high!)}
              </small>
            )}
          </span>
        );
      })}
      {unit && <span>{unit}</span>}
    </p>
  );
}
