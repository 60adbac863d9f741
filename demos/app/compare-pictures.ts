import type { KeptRun } from '../../src/train/record.ts';
import type { Client } from '../../src/worker/client.ts';
import type { Artifact, Failure } from '../../src/worker/protocol.ts';
import { failureOf } from './run.ts';
import { type Store, store } from './store.ts';

/** The kinds that say most of a run at a glance; a run has those that its method can make. */
export const pictureKinds = ['embedding', 'samples', 'density', 'sets', 'parts'] as const;
export type Picture = Extract<Artifact, { kind: (typeof pictureKinds)[number] }>;

/** The pictures of one run: waiting for their turn, being made, made after `step` steps, or not to be had. */
export type Pictures =
  | { readonly state: 'waiting' | 'making' }
  | { readonly state: 'made'; readonly step: number; readonly pictures: readonly Picture[] }
  | { readonly state: 'failed'; readonly failure: Failure };

type Dependencies = {
  readonly connect: () => Client;
  readonly load: (id: string) => Promise<KeptRun | null>;
  readonly dataUrl: string;
};

/**
 * Makes pictures of kept runs from their last checkpoints: one worker, one run after another, and only when asked to.
 * What was made is remembered until its run has gone on.
 */
export function openPictureMaker({ connect, load, dataUrl }: Dependencies) {
  const all: Store<Readonly<Record<string, Pictures>>> = store<Readonly<Record<string, Pictures>>>({});
  const busy: Store<boolean> = store<boolean>(false);
  /** Grows whenever work begins or is called off: older work then ends. */
  let generation = 0;
  let client: Client | null = null;
  const put = (id: string, pictures: Pictures) => all.set({ ...all.get(), [id]: pictures });

  const isPicture = (artifact: Artifact): artifact is Picture => pictureKinds.some((kind) => kind === artifact.kind);

  /** The pictures of a run; null where the work was called off meanwhile. */
  const draw = async (id: string, mine: number): Promise<Pictures | null> => {
    const run = await load(id);
    const from = run?.checkpoint;
    if (!from)
      return {
        state: 'failed',
        failure: run
          ? { message: 'No weights of this run are kept.', advice: 'It ended before its first checkpoint.' }
          : { message: 'This run is no longer on this device.', advice: '' },
      };
    if (mine !== generation) return null;
    client ??= connect();
    const worker = client;
    const ready = await worker.ask({ type: 'start', spec: from.spec, dataUrl, from });
    const pictures: Picture[] = [];
    for (const kind of pictureKinds) {
      if (mine !== generation) return null;
      if (!ready.artifacts.includes(kind)) continue;
      const artifact = await worker.ask({ type: 'artifact', kind });
      if (isPicture(artifact)) pictures.push(artifact);
    }
    return { state: 'made', step: from.step, pictures };
  };

  const stop = () => {
    generation++;
    client?.close();
    client = null;
    busy.set(false);
    all.set(Object.fromEntries(Object.entries(all.get()).filter(([, { state }]) => state === 'made' || state === 'failed')));
  };

  return {
    all,
    busy,
    /** Makes the pictures of these runs, each as it is after so many steps; those that are there are kept. */
    make: async (runs: readonly { readonly id: string; readonly step: number }[]): Promise<void> => {
      stop();
      const mine = generation;
      const wanted = runs.filter(({ id, step }) => {
        const known = all.get()[id];
        return known?.state !== 'made' || known.step !== step;
      });
      if (wanted.length === 0) return;
      busy.set(true);
      for (const { id } of wanted) put(id, { state: 'waiting' });
      for (const { id } of wanted) {
        put(id, { state: 'making' });
        const made = await draw(id, mine).catch((error): Pictures => ({ state: 'failed', failure: failureOf(error) }));
        if (mine !== generation) return;
        if (made) put(id, made);
      }
      stop();
    },
    /** Calls off what is not made yet, and ends the worker. */
    stop,
  };
}
