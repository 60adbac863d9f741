import { useCallback, useId, useMemo } from 'react';
import type { ImageGrid } from '../../../src/worker/protocol.ts';
import { type Surface, useCanvas, useWidth } from './canvas.ts';
import { cellAt, gridLayout, moveInGrid } from './geometry.ts';
import styles from './panels.module.css';
import { offscreen, sheetPixels } from './pixels.ts';
import { usePointed } from './pointed.ts';

export type ImageGridCanvasProps = {
  /** Grids of the same size; image i of each stands above that of the next. */
  readonly grids: readonly ImageGrid[];
  /** What the picture shows, for those who do not see it. */
  readonly label: string;
  /** Fixed number of columns; as many as fit otherwise. */
  readonly columns?: number;
  /** Wanted width of one image in CSS pixels. */
  readonly target?: number;
  readonly gap?: number;
  /** Names of the grids, left of the first row. */
  readonly rowNames?: readonly string[];
  /** Words about the image that is pointed at or focused; turns both on. */
  readonly describe?: (index: number) => string;
};

/** Any number of small images, scaled by whole device pixels, in as many columns as fit. */
export function ImageGridCanvas({ grids, label, columns, target = 56, gap = 4, rowNames, describe }: ImageGridCanvasProps) {
  const { ref: box, width } = useWidth();
  const status = useId();
  const first = grids[0];
  const count = first?.n ?? 0;
  const [h, w] = first?.shape ?? [1, 1, 1];
  const gutter = rowNames ? 8 + 6.2 * Math.max(...rowNames.map((name) => name.length)) : 0;
  const ratio = typeof window === 'undefined' ? 1 : window.devicePixelRatio || 1;
  const layout = useMemo(
    () =>
      gridLayout(Math.max(1, width - gutter), count, [h, w], {
        stack: grids.length,
        target,
        gap,
        ratio,
        ...(columns === undefined ? {} : { columns }),
      }),
    [width, gutter, count, h, w, grids.length, target, gap, ratio, columns],
  );
  const { chosen, handlers } = usePointed({
    at: (x, y) => cellAt(layout, count, x - gutter, y),
    move: (from, key) => (from === null ? (key.startsWith('Arrow') ? 0 : null) : moveInGrid(from, key, layout.columns, count)),
    lets: true,
  });
  const sheets = useMemo(
    () =>
      grids.map((grid) => {
        const across = Math.max(1, Math.ceil(Math.sqrt(grid.n)));
        return { across, picture: offscreen(sheetPixels(grid, across)) };
      }),
    [grids],
  );

  const draw = useCallback(
    (context: CanvasRenderingContext2D, { ink }: Surface) => {
      context.textBaseline = 'middle';
      for (let i = 0; i < count; i++) {
        const x = gutter + (i % layout.columns) * layout.pitchX;
        const y = Math.floor(i / layout.columns) * layout.pitchY;
        sheets.forEach(({ across, picture }, k) => {
          const top = y + k * layout.pitchStack;
          context.drawImage(picture, (i % across) * w, Math.floor(i / across) * h, w, h, x, top, layout.width, layout.height);
          if (rowNames && i % layout.columns === 0) {
            context.fillStyle = ink;
            context.fillText(rowNames[k] ?? '', 0, top + layout.height / 2);
          }
        });
        if (i === chosen) {
          context.strokeStyle = ink;
          context.lineWidth = 2;
          context.strokeRect(x - 1, y - 1, layout.width + 2, (grids.length - 1) * layout.pitchStack + layout.height + 2);
        }
      }
    },
    [sheets, layout, count, gutter, w, h, rowNames, chosen, grids.length],
  );
  const canvas = useCanvas(draw);

  const interaction = describe && { tabIndex: 0, 'aria-describedby': status, ...handlers };
  return (
    <div ref={box} className={styles.fill}>
      {count > 0 && (
        <canvas
          ref={canvas}
          role="img"
          aria-label={label}
          className={styles.images}
          style={{ width: Math.min(gutter + layout.totalWidth + 2, width || gutter + layout.totalWidth), height: layout.totalHeight + 2 }}
          {...interaction}
        />
      )}
      {describe && (
        <p id={status} className={styles.status} aria-live="polite">
          {chosen === null ? 'Point at an image, or use the arrow keys.' : describe(chosen)}
        </p>
      )}
    </div>
  );
}
