import { useMemo } from 'react';
import type { ImageGrid } from '../../../src/worker/protocol.ts';
import { type Surface, useCanvas } from './canvas.ts';
import { copyImage, offscreen } from './pixels.ts';

/** One image of a grid, as large as its class makes it; decorative, since the words beside it name it. */
export function Thumb({
  grid,
  index,
  className,
}: {
  readonly grid: ImageGrid;
  readonly index: number | null;
  readonly className?: string | undefined;
}) {
  const draw = useMemo(() => {
    if (index === null || index >= grid.n) return () => {};
    const [h, w] = grid.shape;
    const picture = new ImageData(w, h);
    copyImage(grid, index, picture.data, w);
    const image = offscreen(picture);
    return (context: CanvasRenderingContext2D, { width, height }: Surface) => context.drawImage(image, 0, 0, width, height);
  }, [grid, index]);
  const canvas = useCanvas(draw);
  return <canvas ref={canvas} className={className} />;
}
