import type { KeptRun, RunCurve } from '../train/record.ts';
import { type Agreement, compareCurves, judge, together, type Verdict } from '../train/verify.ts';
import { type Client, Failed } from './client.ts';
import type { BackendName, Event, Ready } from './protocol.ts';

export type VerifyOptions = {
  /** The address of the prepared data. */
  readonly dataUrl: string;
  /** This lab's version, for the verdict's words. */
  readonly lab: string;
  /** Where to replay it; the backend that it ran on if absent, or where that one is not there, the best that is. */
  readonly backend?: BackendName | 'auto';
  /** At most so many steps, from the first on. */
  readonly steps?: number;
  /** Ends it early; the verdict is of what was compared until then. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly step: number; readonly steps: number; readonly agreement: Agreement }) => void;
};

const nothing: Agreement = { steps: 0, first: null, early: null, largest: null };

/**
 * Trains a kept run again, from its spec, its seed and the changes of its settings, each at its own step, and compares every row
 * with the kept curve; ends at the first difference that decides. Takes the client's worker for itself: give it one of its own,
 * and close it afterwards. Throws `Failed` where the run cannot be replayed here (unknown method, data that are not on this
 * device, a loss that is no number).
 */
export async function verifyRun(client: Client, kept: KeptRun, options: VerifyOptions): Promise<Verdict> {
  const { record, curve } = kept;
  const { dataUrl, lab, backend = record.backend.name, steps = Number.POSITIVE_INFINITY, signal, onProgress } = options;
  const last = Math.min(steps, curve.steps.at(-1) ?? 0);
  const start = (on: BackendName | 'auto'): Promise<Ready> => client.ask({ type: 'start', spec: { ...record.spec, backend: on }, dataUrl });
  const ready = await start(backend).catch((error: unknown) =>
    backend === 'auto' || options.backend ? Promise.reject(error) : start('auto'),
  );

  let agreement = nothing;
  const decided = () => judge(kept, agreement, ready.backend, lab).outcome === 'different' || signal?.aborted === true;
  const pause = () => void client.ask({ type: 'pause' }).catch(() => {});
  let rest = (_: number) => {};
  let fail = (_: Failed) => {};
  const listen = (event: Event) => {
    if (event.type === 'metrics') {
      agreement = together(agreement, compareCurves(kept.curve, rowsOf(event)));
      onProgress?.({ step: event.step.at(-1) ?? 0, steps: last, agreement });
      if (decided()) pause();
    } else if (event.type === 'phase' && event.phase !== 'running') rest(event.step);
    else if (event.type === 'stopped') fail(new Failed(event.failure));
  };
  const trainUntil = async (until: number) => {
    const rested = new Promise<number>((resolve, reject) => {
      [rest, fail] = [resolve, reject];
    });
    await Promise.all([client.ask({ type: 'train', until }), rested]);
  };
  const stops = [client.onEvent(listen), client.onCrash((failure) => fail(new Failed(failure)))];
  signal?.addEventListener('abort', pause);
  try {
    for (const { step, settings } of [...record.changes.filter((change) => change.step < last), { step: last, settings: {} }]) {
      if (decided()) break;
      if (step > 0) await trainUntil(step);
      if (!decided() && Object.keys(settings).length > 0) await client.ask({ type: 'set', settings });
    }
  } finally {
    signal?.removeEventListener('abort', pause);
    for (const stop of stops) stop();
  }
  return judge(kept, agreement, ready.backend, lab);
}

const rowsOf = ({ step, seconds, metrics }: Extract<Event, { type: 'metrics' }>): RunCurve => ({
  steps: Int32Array.from(step),
  seconds: Float32Array.from(seconds),
  columns: Object.fromEntries(Object.entries(metrics).map(([name, values]) => [name, Float32Array.from(values)])),
});
