import type { Dataset } from '../data/dataset.ts';
import type { Method } from '../methods/method.ts';
import { createSession, type Metrics, type Session, type SessionOptions } from './session.ts';

/** A run as an async iterator: one item a step, in order. The session stays usable after it ends; the caller disposes it. */
export type Training = AsyncIterable<{ readonly step: number; readonly metrics: Metrics }> & { readonly session: Session };

/** The loss became NaN or infinite: the run cannot go on from here. */
export class Diverged extends Error {
  override name = 'Diverged';
}

/** Throws `Diverged` if a metric is not finite, naming it and the step. */
export function checkFinite(step: number, metrics: Metrics): void {
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (bad) throw new Diverged(`The ${bad[0]} became ${bad[1]} at step ${step}: try a smaller learning rate`);
}

/** Trains a method on a data set until `settings.steps`. Throws on invalid settings, and `Diverged` when the loss is no number. */
export function train(method: Method, data: Dataset, options: SessionOptions): Training {
  const session = createSession(method, data, options);
  return {
    session,
    async *[Symbol.asyncIterator]() {
      // One step is always under way on the device while the one before it is read.
      let pending: { step: number; metrics: Promise<Metrics> } | null = null;
      const settled = async ({ step, metrics }: { step: number; metrics: Promise<Metrics> }) => {
        const values = await metrics;
        checkFinite(step, values);
        return { step, metrics: values };
      };
      while (session.step < session.settings.steps) {
        const { metrics } = await session.advance();
        const before = pending;
        pending = { step: session.step, metrics };
        if (before) yield await settled(before);
      }
      if (pending) yield await settled(pending);
    },
  };
}
