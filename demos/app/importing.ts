import type { Summary } from '../../src/data/own/build.ts';
import { type Choices, firstChoices, type OwnFile, type Trouble } from '../../src/data/own/found.ts';
import type { OwnInfo } from '../../src/data/own/store.ts';
import type { FromImporter, Preview, ToImporter } from '../../src/worker/import.ts';
import { type Store, store } from './store.ts';

export type Review = {
  readonly found: Summary;
  readonly choices: Choices;
  readonly preview: Preview | null;
  /** Files that cannot be read, found so far. */
  readonly troubles: readonly Trouble[];
  /** Why the last try to keep it was refused. */
  readonly refusal: string | null;
};

export type ImportState =
  | { readonly step: 'idle'; readonly failure: string | null; readonly kept: OwnInfo | null }
  | { readonly step: 'opening'; readonly what: string }
  | ({ readonly step: 'review' } & Review)
  | ({ readonly step: 'keeping'; readonly done: number; readonly total: number } & Review);

export type Importer = ReturnType<typeof openImporter>;
type Port = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'>;
type Given = { readonly connect: () => Port; readonly id: () => string; readonly now: () => string; readonly onKept: () => void };

/** The troubles known, and those of files that had none yet. */
const merged = (known: readonly Trouble[], more: readonly Trouble[]) => {
  const files = new Set(known.map(({ file }) => file));
  return [...known, ...more.filter(({ file }) => !files.has(file))];
};

/** Whether a preview has to be made anew. */
const looksOther = (a: Choices, b: Choices) =>
  (['labeling', 'kind', 'fit', 'background', 'seed', 'most'] as const).some((key) => a[key] !== b[key]);

/** One import at a time, in a worker of its own that ends with it: cancelling is ending it, and nothing of it stays. */
export function openImporter({ connect, id, now, onKept }: Given) {
  const idle = (failure: string | null = null, kept: OwnInfo | null = null): ImportState => ({ step: 'idle', failure, kept });
  const state: Store<ImportState> = store<ImportState>(idle());
  let worker: Port | null = null;
  /** The choices that are being shown: one preview at a time, the next when it is there. */
  let asked: Choices | null = null;

  const send = (message: ToImporter) => worker?.postMessage(message);
  const end = (next: ImportState) => {
    worker?.terminate();
    worker = asked = null;
    state.set(next);
  };
  const show = (choices: Choices) => {
    if (asked) return;
    send({ type: 'preview', choices });
    asked = choices;
  };

  const hear = (message: FromImporter) => {
    const before = state.get();
    if (message.type === 'found') {
      const choices = firstChoices(message.summary, 'colour');
      state.set({ step: 'review', found: message.summary, choices, preview: null, troubles: message.summary.troubles, refusal: null });
      show(choices);
    } else if (before.step === 'opening' || before.step === 'idle') {
      if (message.type === 'refused') end(idle(message.message));
    } else if (message.type === 'preview') {
      const shown = asked;
      asked = null;
      state.set({ ...before, preview: message.preview, troubles: merged(before.troubles, message.preview.troubles) });
      if (shown && looksOther(shown, before.choices)) show(before.choices);
    } else if (message.type === 'progress') {
      if (before.step === 'keeping') state.set({ ...before, done: message.done, total: message.total });
    } else if (message.type === 'kept') {
      end(idle(null, message.info));
      onKept();
    } else {
      asked = null;
      const { found, choices, preview, troubles } = before;
      state.set({ step: 'review', found, choices, preview, troubles: merged(troubles, message.troubles), refusal: message.message });
    }
  };

  return {
    get: state.get,
    subscribe: state.subscribe,
    open(files: readonly OwnFile[]) {
      end({ step: 'opening', what: files.length === 1 ? files[0]!.path : `${files.length} files` });
      const port = connect();
      worker = port;
      port.onmessage = ({ data }: MessageEvent<FromImporter>) => worker === port && hear(data);
      const crash = () =>
        worker === port &&
        end(
          idle(
            'The import crashed; nothing was kept. The memory may have run out: choose fewer or smaller files, close other tabs, and try again',
          ),
        );
      port.onerror = (event) => {
        event.preventDefault?.();
        crash();
      };
      port.onmessageerror = crash;
      send({ type: 'open', files });
    },
    choose(change: Partial<Choices>) {
      const before = state.get();
      if (before.step !== 'review') return;
      const choices = { ...before.choices, ...change };
      state.set({ ...before, choices, refusal: null });
      if (looksOther(choices, before.choices)) show(choices);
    },
    keep() {
      const before = state.get();
      if (before.step !== 'review') return;
      state.set({ ...before, step: 'keeping', done: 0, total: Math.min(before.choices.most, before.found.size), refusal: null });
      send({ type: 'keep', choices: before.choices, id: id(), created: now() });
    },
    /** Gives up; nothing is kept. */
    cancel: () => end(idle()),
    complain: (failure: string) => end(idle(failure)),
  };
}
