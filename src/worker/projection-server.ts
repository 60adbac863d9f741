import { project } from '../evaluate/projection/project.ts';
import type { FromProjector, ToProjector } from './projection.ts';

/** Milliseconds between two frames of a picture under way. */
const frameEvery = 120;

/** The projection worker's end: computes what a message asks for, and posts frames, then the picture or one sentence on why not. */
export function serveProjection(
  { id, projection }: ToProjector,
  post: (message: FromProjector, transfer: ArrayBuffer[]) => void,
  now: () => number = () => performance.now(),
): void {
  let sent = now();
  try {
    const projected = project(projection, (points, done, total) => {
      if (now() - sent < frameEvery || done === total) return;
      sent = now();
      const frame = points();
      post({ type: 'frame', id, points: frame, done, total }, [frame.buffer as ArrayBuffer]);
    });
    post({ type: 'projected', id, projected }, [projected.points.buffer as ArrayBuffer]);
  } catch (error) {
    post({ type: 'refused', id, message: error instanceof Error ? error.message : String(error) }, []);
  }
}
