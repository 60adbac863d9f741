/** The page's end of the projection worker, which computes pictures of representations. No tfjs is in it, nor here. */
import type { Projected, Projection, ProjectionMethod, Reached, Trust } from '../evaluate/projection/project.ts';
import type { Port } from './client.ts';

export type { Projected, Projection, ProjectionMethod, Reached, Trust };

export type ToProjector = { readonly id: number; readonly projection: Projection };
export type FromProjector =
  /** The picture as far as it is, a few times a second. */
  | { readonly type: 'frame'; readonly id: number; readonly points: Float32Array; readonly done: number; readonly total: number }
  | { readonly type: 'projected'; readonly id: number; readonly projected: Projected }
  | { readonly type: 'refused'; readonly id: number; readonly message: string };

/** A picture under way: points so far, and how many of the steps are done. */
export type Frame = { readonly points: Float32Array; readonly done: number; readonly total: number };

/** The projection was given up by the page itself: no news to anyone. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

export type Projector = {
  /** Computes a picture; the one before it, if it still computes, is cancelled. Rejects with `Cancelled`, or with what went wrong. */
  project(projection: Projection, onFrame?: (frame: Frame) => void): Promise<Projected>;
  /** Ends what is being computed, at once. */
  cancel(): void;
  /** Ends the worker, and what it computes. */
  close(): void;
};

const open = (): Port => new Worker(new URL('./projection-worker.ts', import.meta.url), { type: 'module', name: 'projection' });

/** Opens a projection worker when it is first asked for something, and a new one after a cancellation or a crash. */
export function openProjector(create: () => Port = open): Projector {
  let worker: Port | null = null;
  let pending: { readonly id: number; readonly reject: (error: Error) => void } | null = null;
  let nextId = 0;

  const drop = (error: Error) => {
    worker?.terminate();
    worker = null;
    const dropped = pending;
    pending = null;
    dropped?.reject(error);
  };
  // A worker in the middle of its loops hears nothing: ending it is the only way to stop it, and a new one comes in a tenth of a second.
  const cancel = () => {
    if (pending) drop(new Cancelled('The projection was cancelled'));
  };

  return {
    project: (projection, onFrame) =>
      new Promise((resolve, reject) => {
        cancel();
        const port = worker ?? create();
        worker = port;
        const id = nextId++;
        pending = { id, reject };
        port.onmessage = ({ data }: MessageEvent<FromProjector>) => {
          if (pending?.id !== id || data.id !== id) return;
          if (data.type === 'frame') return onFrame?.(data);
          pending = null;
          if (data.type === 'projected') resolve(data.projected);
          else reject(new Error(data.message));
        };
        const crash = (reason: string) => {
          if (worker === port) drop(new Error(`The projection worker crashed: ${reason}. Take fewer images: memory may have run out`));
        };
        port.onerror = (event) => {
          event.preventDefault?.();
          crash(event.message || 'no reason given');
        };
        port.onmessageerror = () => crash('a message could not be read');
        port.postMessage({ id, projection } satisfies ToProjector);
      }),
    cancel,
    close: () => drop(new Cancelled('The projection worker was closed')),
  };
}
