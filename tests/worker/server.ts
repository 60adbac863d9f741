/** A training worker's core in this very process, with small synthetic data, and a client to ask it. */
import { fileURLToPath } from 'node:url';
import { type ImageDataset, MissingData, type ReadFile } from '../../src/data/dataset.ts';
import { prepareBackend } from '../../src/ops/backend.ts';
import { rng } from '../../src/ops/random.ts';
import { type Client, Failed, openClient, type Port } from '../../src/worker/client.ts';
import type { Event, FromWorker, Request, RunSpec, ToWorker } from '../../src/worker/protocol.ts';
import { createServer } from '../../src/worker/server.ts';

const paths = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url));

const bigEndian = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const idx = (dims: number[], values: Uint8Array): Uint8Array =>
  Uint8Array.from([0, 0, 8, dims.length, ...dims.flatMap(bigEndian), ...values]);

/** Digits that are none: squares of 4 × 4 pixels, bright in a pattern of each class, and noise. */
function split(n: number, name: string): { images: Uint8Array; labels: Uint8Array } {
  const random = rng(1).split(name);
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
  const patterns = Array.from({ length: 10 }, (_, digit) => Array.from({ length: 49 }, (_, k) => rng(2).split(digit, k).integer(2)));
  const pixels = Uint8Array.from({ length: n * 784 }, (_, i) => {
    const at = i % 784;
    const bright = patterns[labels[Math.floor(i / 784)]!]![7 * Math.floor(at / 112) + Math.floor((at % 28) / 4)];
    return (bright ? 180 : 0) + random.integer(60);
  });
  return { images: idx([n, 28, 28], pixels), labels: idx([n], labels) };
}
const files = () => {
  const [train, test] = [split(64, 'train'), split(32, 'test')];
  return new Map([
    ['mnist/train-images-idx3-ubyte', train.images],
    ['mnist/train-labels-idx1-ubyte', train.labels],
    ['mnist/t10k-images-idx3-ubyte', test.images],
    ['mnist/t10k-labels-idx1-ubyte', test.labels],
  ]);
};

let prepared: ReturnType<typeof prepareBackend> | null = null;

export type Harness = {
  readonly client: Client;
  readonly events: Event[];
  /** Resolves with the first event that fits, past ones included; rejects if the run stops by itself before. */
  readonly until: (fits: (event: Event) => boolean) => Promise<Event>;
  readonly start: (spec: Partial<RunSpec>, more?: Partial<Extract<Request, { type: 'start' }>>) => Promise<unknown>;
};

/** Opens a client on a server of its own, which knows these sets of the reader's; messages are structurally cloned, as between threads. */
export function openHarness(own: readonly ImageDataset[] = []): Harness {
  const data = files();
  const readFile: ReadFile = async (name) => {
    const bytes = data.get(name);
    if (!bytes) throw new MissingData(`The data file ${name} is not there. Run \`npm run data\``);
    return bytes;
  };
  const create = (): Port => {
    const port: Port = { onmessage: null, onmessageerror: null, onerror: null, terminate: () => {}, postMessage: () => {} };
    const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => {
      const copy = structuredClone(message, { transfer });
      queueMicrotask(() => port.onmessage?.call(port as Worker, { data: copy } as MessageEvent));
    };
    prepared ??= prepareBackend('wasm', { paths });
    const serve = createServer({
      post,
      prepare: () => prepared!,
      openData: () => readFile,
      openOwn: async (id) => {
        const set = own.find((each) => each.id === id);
        if (!set) throw new MissingData(`There is no set of your own with the id ${id}`);
        return set;
      },
    });
    port.postMessage = (message: unknown) => serve(structuredClone(message) as ToWorker);
    return port;
  };
  const client = openClient(create);
  const events: Event[] = [];
  const waiting = new Set<(event: Event) => void>();
  client.onEvent((event) => {
    events.push(event);
    for (const listener of [...waiting]) listener(event);
  });
  return {
    client,
    events,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const past = events.find(fits);
        if (past) return resolve(past);
        const listener = (event: Event) => {
          if (!fits(event) && event.type !== 'stopped') return;
          waiting.delete(listener);
          if (fits(event)) resolve(event);
          else if (event.type === 'stopped') reject(new Error(event.failure.message));
        };
        waiting.add(listener);
      }),
    start: (spec, more) => client.ask({ type: 'start', spec: small(spec), dataUrl: 'data/', ...more }),
  };
}

/** A run small enough for a test. */
export const small = ({ settings, ...spec }: Partial<RunSpec>): RunSpec => ({
  method: 'realnvp',
  data: 'two-moons',
  seed: 0,
  backend: 'wasm',
  ...spec,
  settings: { steps: 20, ...(spec.data === 'simulated' ? {} : { batchSize: 16 }), ...settings },
});

/** The curve of a metric over all messages so far. */
export const curve = (events: readonly Event[], name = 'loss'): { step: number; value: number }[] =>
  events.flatMap((event) =>
    event.type === 'metrics' ? event.step.map((step, i) => ({ step, value: event.metrics[name]?.[i] ?? Number.NaN })) : [],
  );

/** Events that say that a run entered this phase. */
export const phase = (name: string) => (event: Event) => event.type === 'phase' && event.phase === name;
/** The words of a request that is refused. */
export const failure = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failed)) throw new Error(`Expected a refused request, got ${error}`);
  return `${error.failure.message} ${error.failure.advice}`;
};
