import type { Answers, Event, Failure, FromWorker, Request, ToWorker } from './protocol.ts';

/** A page's end of the protocol. Nothing of tfjs is imported here: all tensors live in the worker. */
export type Client = {
  /** Resolves with the answer; rejects with `Failed`. A `start` ends the run before it. */
  ask<T extends Request['type']>(request: Extract<Request, { type: T }>): Promise<Answers[T]>;
  /** Hears every event from now on; returns the way to stop. */
  onEvent(listener: (event: Event) => void): () => void;
  /** Hears that the worker died: its run is gone, and so are the pending requests. The next `start` or `prepare` gets a new worker. */
  onCrash(listener: (failure: Failure) => void): () => void;
  /** Ends the worker at once and rejects what is pending. */
  close(): void;
};

/** A request that was refused, or whose worker is gone. */
export class Failed extends Error {
  override name = 'Failed';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What the client needs of a `Worker`. */
export type Port = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onmessageerror' | 'onerror'>;

const crashed = (reason: string): Failure => ({
  message: `The training worker crashed${reason ? `: ${reason}` : ''}`,
  advice: 'Start again. If it happens again, take a smaller batch or another backend, or close other tabs: memory may have run out.',
});
const gone: Failure = { message: 'The run has ended', advice: 'Start it again.' };

const listeners = <T>() => {
  const all = new Set<(value: T) => void>();
  return {
    tell: (value: T) => {
      for (const listener of all) listener(value);
    },
    add: (listener: (value: T) => void) => {
      all.add(listener);
      return () => void all.delete(listener);
    },
  };
};

/** Opens a training worker, on the first `start` or `prepare`. */
export function openClient(create: () => Port = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })): Client {
  const events = listeners<Event>();
  const crashes = listeners<Failure>();
  const pending = new Map<number, { resolve: (answer: never) => void; reject: (error: Failed) => void }>();
  let worker: Port | null = null;
  let backend: string | null = null;
  let stopped = false;
  let nextId = 0;

  const drop = (failure: Failure) => {
    worker?.terminate();
    worker = null;
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(new Failed(failure));
  };

  const open = (): Port => {
    const port = create();
    const crash = (reason: string) => {
      if (worker !== port) return;
      const failure = crashed(reason);
      drop(failure);
      crashes.tell(failure);
    };
    port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker !== port) return;
      if (data.type === 'event') {
        if (data.event.type === 'stopped') stopped = true;
        return events.tell(data.event);
      }
      const asked = pending.get(data.id);
      pending.delete(data.id);
      if (data.ok) asked?.resolve(data.answer as never);
      else asked?.reject(new Failed(data.failure));
    };
    port.onerror = (event) => {
      event.preventDefault?.();
      crash(event.message ?? '');
    };
    port.onmessageerror = () => crash('a message could not be read');
    stopped = false;
    return port;
  };

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const asked: Request = request;
        if (asked.type === 'start' || asked.type === 'prepare') {
          const wanted = asked.type === 'start' ? asked.spec.backend : asked.backend;
          // After a failure the device or the memory may be gone for good, and tfjs prepares one backend in one scope.
          if (worker && (stopped || backend !== wanted)) drop(gone);
          backend = wanted;
          worker ??= open();
        }
        if (!worker) return reject(new Failed(gone));
        const id = nextId++;
        pending.set(id, { resolve, reject });
        worker.postMessage({ id, request } satisfies ToWorker);
      }),
    onEvent: events.add,
    onCrash: crashes.add,
    close: () => drop(gone),
  };
}
