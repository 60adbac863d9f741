import type { Dataset, ImageDataset, ReadFile } from '../data/dataset.ts';
import { datasets, loadDataset } from '../data/datasets.ts';
import { artifactsOf, buffersOf, isSlow, makeArtifact } from '../evaluate/artifacts.ts';
import { isScored } from '../evaluate/evaluate.ts';
import { createSession } from '../train/session.ts';
import { type Bench, createBench } from './bench.ts';
import { type Watch, watchDevice } from './device.ts';
import { failureOf, isFatal, isOfDevice } from './failures.ts';
import { lookUp } from './look-up.ts';
import type { Answers, BackendName, BackendReport, Event, FromWorker, Phase, Ready, Request, ToWorker } from './protocol.ts';
import { createRun, type Run } from './run.ts';
import { createScoring, type Scoring } from './scoring.ts';

export type Environment = {
  /** Sends a message to the page; the buffers of `transfer` move there instead of being copied. */
  readonly post: (message: FromWorker, transfer?: ArrayBuffer[]) => void;
  readonly prepare: (wanted: BackendName | 'auto') => Promise<BackendReport>;
  readonly openData: (url: string) => ReadFile;
  /** The reader's own data, kept on this device. Throws `MissingData` when there are none of that id. */
  readonly openOwn: (id: string) => Promise<ImageDataset>;
};

/** Seconds after which a graphics device that was asked for a trial of the bench counts as lost; software ones take a minute or two. */
const benchPatience = 300;

/** Lets waiting messages in, and others who wait for a turn. A timer would be slowed down in a hidden tab; this is not. */
function turns(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

const isAside = (request: Request): boolean => request.type === 'evaluate' || (request.type === 'artifact' && isSlow(request.kind));

/**
 * The worker's end of the protocol: give it each message of the page. Requests are answered in their order; while a run
 * trains, those that wait are answered between two of its steps. Only an evaluation and a slow picture are answered when they are
 * ready: they work on a copy of the run, a slice at a time between the steps and the other answers.
 */
export function createServer({ post, prepare, openData, openOwn }: Environment): (message: ToWorker) => void {
  const queue: ToWorker[] = [];
  const turn = turns();
  let wake = () => {};
  let phase = 'ready' as Phase;
  let run: Run | null = null;
  let bench: Bench | null = null;
  let scoring: Scoring | null = null;
  /** The step after which `train` was asked to pause. */
  let until = Number.POSITIVE_INFINITY;
  let backend: { readonly wanted: string; readonly report: BackendReport; readonly watch: Watch } | null = null;
  let loaded: { readonly id: string; readonly url: string; readonly data: Dataset } | null = null;

  const emit = (event: Event) => post({ type: 'event', event });
  const enter = (next: Phase) => {
    phase = next;
    emit({ type: 'phase', phase, step: run?.session.step ?? 0 });
  };
  const end = () => {
    const ended = [run, bench];
    run = bench = null;
    scoring?.end();
    phase = 'ready';
    try {
      for (const old of ended) old?.dispose();
    } catch {
      // A lost device has nothing left to free.
    }
  };
  /** The run stops by itself. */
  const stop = (error: unknown) => {
    if (!run) return;
    run.flush();
    const { good } = run;
    end();
    const next = isOfDevice(error) ? (backend?.report.next ?? null) : null;
    emit({ type: 'stopped', failure: failureOf(error), checkpoint: good, next });
  };
  const needRun = (): Run => {
    if (!run) throw new Error('No run is under way: start one first');
    return run;
  };

  const prepared = async (wanted: BackendName | 'auto') => {
    if (backend?.wanted === wanted) return backend;
    emit({ type: 'loading', what: 'backend', done: 0, total: 1 });
    const report = await prepare(wanted);
    backend = { wanted, report, watch: watchDevice() };
    return backend;
  };
  const load = async (id: string, url: string): Promise<Dataset> => {
    if (loaded?.id === id && loaded.url === url) return loaded.data;
    loaded = null;
    const readFile = openData(url);
    const progress = { done: 0, total: 0 };
    const report = () => emit({ type: 'loading', what: datasets[id as keyof typeof datasets].name, ...progress });
    const data = await loadDataset(id, async (name) => {
      progress.total++;
      report();
      const bytes = await readFile(name);
      progress.done++;
      report();
      return bytes;
    });
    loaded = { id, url, data };
    return data;
  };

  const start = async ({ spec, dataUrl, from }: Extract<Request, { type: 'start' }>): Promise<Ready> => {
    end();
    const [method, own] = await lookUp(spec, async (id) =>
      loaded?.id === id && loaded.data.kind === 'images' ? loaded.data : openOwn(id),
    );
    if (own) loaded = { id: own.id, url: dataUrl, data: own };
    const { report, watch } = await prepared(spec.backend);
    const data = await load(spec.data, dataUrl);
    const session = createSession(method, data, { seed: spec.seed, settings: spec.settings, ...(from ? { from } : {}) });
    run = createRun(session, spec, { emit, watch, from });
    scoring = createScoring(run, { emit, guard: watch.guard, turn });
    enter(run.done ? 'done' : session.step > 0 ? 'paused' : 'ready');
    return {
      backend: report,
      parameters: session.parameters,
      steps: session.settings.steps,
      stepsPerEpoch: session.stepsPerEpoch,
      step: session.step,
      artifacts: artifactsOf(session),
      scored: isScored(method, data),
    };
  };

  const measure = ({ work, times }: Extract<Request, { type: 'bench' }>): Promise<Answers['bench']> => {
    if (!backend) throw new Error('No backend is prepared: ask for one first');
    if (run) end();
    bench ??= createBench();
    return backend.watch.guard(bench.measure(work, times), benchPatience);
  };

  const advance = async (): Promise<void> => {
    const current = needRun();
    try {
      if (!current.done) {
        await current.advance();
        scoring?.stepped();
      }
      if (current.done || rests(current)) await current.keep();
    } catch (error) {
      stop(error);
      throw error;
    }
    if (current.done) enter('done');
    else if (phase === 'running' && rests(current)) enter('paused');
  };
  const rests = ({ session }: Run) => phase !== 'running' || session.step >= until;

  const handle = async (request: Request): Promise<Answers[keyof Answers]> => {
    if (request.type === 'start') return start(request);
    if (request.type === 'prepare') return (await prepared(request.backend)).report;
    if (request.type === 'bench') return measure(request);
    const current = needRun();
    const { session } = current;
    const guard = backend!.watch.guard;
    switch (request.type) {
      case 'train':
        until = request.until ?? Number.POSITIVE_INFINITY;
        enter(current.done ? 'done' : session.step >= until ? 'paused' : 'running');
        return null;
      case 'pause':
        await current.keep();
        if (phase === 'running') enter('paused');
        return { step: session.step };
      case 'step':
        phase = 'paused';
        await advance();
        if (!current.done) enter('paused');
        return { step: session.step };
      case 'set':
        session.set(request.settings);
        return { step: session.step };
      case 'artifact':
        return isSlow(request.kind)
          ? scoring!.aside((still, breathe) => makeArtifact(still, request.kind, request.options, breathe))
          : guard(makeArtifact(session, request.kind, request.options));
      case 'evaluate':
        return scoring!.evaluate(request.options);
      case 'watch':
        scoring!.watch(request.every, request.options);
        return null;
      case 'checkpoint':
        return current.checkpoint();
    }
  };

  const answer = async ({ id, request }: ToWorker): Promise<void> => {
    try {
      const value = await handle(request);
      post({ type: 'reply', id, ok: true, answer: value }, request.type === 'artifact' ? buffersOf(value) : []);
    } catch (error) {
      if (isFatal(error)) stop(error);
      post({ type: 'reply', id, ok: false, failure: failureOf(error) });
    }
  };

  void (async () => {
    for (;;) {
      const message = queue.shift();
      if (message) {
        const answered = answer(message);
        if (!isAside(message.request)) await answered;
      } else if (phase === 'running') {
        // A failed step has stopped the run and said so.
        await advance().catch(() => {});
        await turn();
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  })();

  return (message) => {
    queue.push(message);
    wake();
  };
}
