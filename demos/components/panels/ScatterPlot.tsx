import { useComputedColorScheme } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import {
  type PointerEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { pointerAt } from './canvas.ts';
import { enclosed, nearest, neighbour } from './geometry.ts';
import styles from './panels.module.css';
import { usePointed } from './pointed.ts';
import { type Cloud, openScatter, type Scatter } from './scatter.ts';

/** CSS pixels within which a dot is pointed at, and beyond which a pressed pointer drags. */
const reach = 24;
const slack = 4;
const keys: Readonly<Record<string, number>> = { '+': 1.5, '=': 1.5, '-': 1 / 1.5 };

export type Plot = {
  readonly zoom: (factor: number) => void;
  readonly reset: () => void;
  /** The dots in sight, without hidden classes. */
  readonly inView: () => number[];
};

type Props = Omit<Cloud, 'scheme' | 'calm'> & {
  readonly label: string;
  /** What is shown beside a dot that is pointed at. */
  readonly tip: (index: number) => ReactNode;
  /** The same in words. */
  readonly describe: (index: number) => string;
  /** A drag draws a lasso instead of moving the view; with Shift it always does. */
  readonly lasso: boolean;
  readonly onLasso: (rows: number[]) => void;
  readonly plot: Ref<Plot>;
};

type Drag = { kind: 'pan' | 'lasso'; x: number; y: number; moved: boolean; loop: number[] };

/** Dots to point at, enlarge, move about in and lasso: by mouse, fingers and keys. */
export function ScatterPlot({ label, tip, describe, lasso, onLasso, plot, points, labels, hidden, classes, named, axes, picked }: Props) {
  const scheme = useComputedColorScheme('light');
  const calm = useReducedMotion();
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const scatter = useRef<Scatter | null>(null);
  const [enlarged, setEnlarged] = useState(false);
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const drag = useRef<Drag | null>(null);

  const { chosen, setChosen, handlers } = usePointed({
    at: useCallback((x, y) => scatter.current && nearest(scatter.current.places(), x, y, reach, scatter.current.isVisible), []),
    move: useCallback((from, key, { clientWidth, clientHeight }) => {
      const now = scatter.current;
      if (!now) return null;
      if (from !== null && now.isVisible(from)) return neighbour(now.places(), from, key, now.isVisible);
      return key.startsWith('Arrow') ? nearest(now.places(), clientWidth / 2, clientHeight / 2, Infinity, now.isVisible) : null;
    }, []),
  });

  // The cloud is shown before the first paint, and whenever something of it changes.
  useLayoutEffect(() => {
    scatter.current ??= below.current && above.current && openScatter(below.current, above.current);
    scatter.current?.show({ points, labels, hidden, classes, named, axes, picked, scheme, calm });
  }, [points, labels, hidden, classes, named, axes, picked, scheme, calm]);
  useEffect(
    () => () => {
      scatter.current?.close();
      scatter.current = null;
    },
    [],
  );

  /** Whatever changes the view lets go of the dot, which moves away. */
  const change = useCallback(
    (act: (now: Scatter) => void) => {
      if (!scatter.current) return;
      setChosen(null);
      act(scatter.current);
      setEnlarged(scatter.current.scale > 1);
    },
    [setChosen],
  );
  useEffect(() => {
    const element = below.current;
    // React's own listener cannot keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && document.activeElement !== element) return;
      event.preventDefault();
      const box = element!.getBoundingClientRect();
      change((now) =>
        now.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX - box.left, event.clientY - box.top),
      );
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [change]);
  useImperativeHandle(
    plot,
    () => ({
      zoom: (factor) => change((now) => now.zoom(factor)),
      reset: () => change((now) => now.reset()),
      inView: () => {
        const now = scatter.current;
        if (!now) return [];
        const [width, height] = now.size();
        return enclosed(now.places(), [0, 0, width, 0, width, height, 0, height], now.isVisible);
      },
    }),
    [change],
  );

  const onPointerDown = (event: PointerEvent) => {
    const at = pointerAt(event);
    pointers.current.set(event.pointerId, at);
    const kind = lasso || event.shiftKey ? 'lasso' : 'pan';
    drag.current = pointers.current.size === 1 ? { kind, ...at, moved: false, loop: [at.x, at.y] } : null;
    if (kind === 'lasso' || enlarged || event.pointerType === 'mouse') event.currentTarget.setPointerCapture(event.pointerId);
    handlers.onPointerDown(event);
  };
  const onPointerMove = (event: PointerEvent) => {
    const at = pointerAt(event);
    const before = pointers.current.get(event.pointerId);
    if (!before) return handlers.onPointerMove(event);
    pointers.current.set(event.pointerId, at);
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (p: { x: number; y: number }) => Math.hypot(p.x - other.x, p.y - other.y);
      return change((now) => now.zoom(apart(at) / Math.max(1, apart(before)), (at.x + other.x) / 2, (at.y + other.y) / 2));
    }
    const now = drag.current;
    if (!now) return;
    now.moved ||= Math.hypot(at.x - now.x, at.y - now.y) > slack;
    if (!now.moved) return;
    if (now.kind === 'pan') return change((shown) => shown.pan(at.x - before.x, at.y - before.y));
    now.loop.push(at.x, at.y);
    setChosen(null);
    scatter.current?.lasso(now.loop);
  };
  const onPointerUp = (event: PointerEvent) => {
    pointers.current.delete(event.pointerId);
    const ended = drag.current;
    drag.current = null;
    const now = scatter.current;
    if (ended?.kind !== 'lasso' || !ended.moved || !now) return;
    now.lasso([]);
    if (event.type === 'pointerup') onLasso(enclosed(now.places(), ended.loop, now.isVisible));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const factor = keys[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (factor === undefined && event.key !== '0')) return handlers.onKeyDown(event);
    event.preventDefault();
    change((now) => (factor === undefined ? now.reset() : now.zoom(factor)));
  };

  const all = chosen === null ? undefined : scatter.current?.places();
  const spot = all && chosen !== null && 2 * chosen < all.length ? { x: all[2 * chosen]!, y: all[2 * chosen + 1]! } : null;
  const [width, height] = scatter.current?.size() ?? [0, 0];
  const beside = spot && {
    ...(spot.x > width / 2 ? { right: width - spot.x + 14 } : { left: spot.x + 14 }),
    ...(spot.y > height / 2 ? { bottom: height - spot.y } : { top: spot.y }),
  };
  return (
    <div>
      <div className={styles.overlay}>
        <canvas
          ref={below}
          className={styles.plot}
          style={{ touchAction: lasso || enlarged ? 'none' : 'pan-y', cursor: enlarged && !lasso ? 'grab' : undefined }}
          role="img"
          tabIndex={0}
          aria-label={label}
          {...handlers}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerUp}
          onPointerLeave={({ pointerType }) => {
            // A finger leaves when it is lifted: what it tapped on stays.
            if (pointerType !== 'touch') setChosen(null);
          }}
          onKeyDown={onKeyDown}
        />
        <canvas ref={above} className={styles.plot} />
        {chosen !== null && spot && beside && (
          <>
            <div className={styles.ring} style={{ left: spot.x, top: spot.y }} />
            <div className={styles.tip} style={beside}>
              {tip(chosen)}
            </div>
          </>
        )}
      </div>
      <p className={styles.status} aria-live="polite">
        {chosen === null ? 'Point at dots, or use the arrow keys and + − 0.' : describe(chosen)}
      </p>
    </div>
  );
}
