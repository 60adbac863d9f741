import type { Artifact, ArtifactKind, ArtifactOptions, Failure } from '../../src/worker/protocol.ts';
import { failureOf, type Session } from './run.ts';
import { store } from './store.ts';

/** The latest artifact of a kind, and what is being done about it. */
export type Picture = {
  readonly artifact: Artifact | null;
  readonly busy: boolean;
  readonly failure: Failure | null;
  /** The step and settings that it shows. */
  readonly stamp: string;
  readonly madeAt: number;
  readonly options?: ArtifactOptions;
};
const blank: Picture = { artifact: null, busy: false, failure: null, stamp: '', madeAt: 0 };

/** Artifacts may take this share of the training time. */
const share = 0.15;
const shortestPause = 1000;
/** While a run trains, pictures that come by themselves hold at most so many images. */
const liveCount = 1000;

const forLive = (options: ArtifactOptions | undefined): ArtifactOptions | undefined =>
  options?.count === undefined ? options : { ...options, count: Math.min(options.count, liveCount) };

export type Pictures = ReturnType<typeof openPictures>;

/**
 * Asks for artifacts of a run: at its start, after each pause or single step, at its end, and while it trains as often
 * as the share allows; only of panels on screen, one at a time, the longest neglected first.
 */
export function openPictures(session: Session) {
  const pictures = store<Readonly<Partial<Record<ArtifactKind, Picture>>>>({});
  const visible = new Set<ArtifactKind>();
  /** What was asked for on demand meanwhile. */
  const queued = new Map<ArtifactKind, ArtifactOptions | undefined>();
  let live = true;
  let asking = false;
  let notBefore = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let ready = session.get().ready;

  const get = (kind: ArtifactKind): Picture => pictures.get()[kind] ?? blank;
  const put = (kind: ArtifactKind, change: Partial<Picture>) => pictures.set({ ...pictures.get(), [kind]: { ...get(kind), ...change } });
  const stampNow = () => `${session.get().revision}:${session.get().step}`;

  const ask = async (kind: ArtifactKind, options?: ArtifactOptions) => {
    asking = true;
    const mine = ready;
    const stamp = stampNow();
    const began = performance.now();
    put(kind, { busy: true, failure: null, ...(options ? { options } : {}) });
    try {
      const known = get(kind).options;
      const artifact = await session.artifact(kind, options || session.get().status !== 'running' ? known : forLive(known));
      if (mine === ready) put(kind, { busy: false, stamp, madeAt: performance.now(), ...(artifact ? { artifact } : {}) });
    } catch (error) {
      if (mine === ready) put(kind, { busy: false, stamp, madeAt: performance.now(), failure: failureOf(error) });
    }
    notBefore = performance.now() + Math.max(shortestPause, (performance.now() - began) * (1 / share - 1));
    asking = false;
    next();
  };

  const next = () => {
    const state = session.get();
    if (state.ready !== ready) {
      ready = state.ready;
      pictures.set({});
    }
    if (timer) clearTimeout(timer);
    timer = null;
    if (asking || !ready || state.goesOn || state.status === 'starting' || state.status === 'failed') return;
    // The first loss comes before any picture.
    if (state.status === 'running' && state.rows === 0) return;
    for (const [kind, options] of queued) {
      queued.delete(kind);
      void ask(kind, options);
      return;
    }
    const wanted = ready.artifacts
      .filter((kind) => visible.has(kind) && get(kind).stamp !== stampNow() && (live || !get(kind).artifact))
      .sort((a, b) => get(a).madeAt - get(b).madeAt)[0];
    if (!wanted) return;
    const wait = state.status === 'running' && get(wanted).artifact ? notBefore - performance.now() : 0;
    if (wait <= 0) void ask(wanted);
    else timer = setTimeout(next, wait);
  };
  let unsubscribe = () => {};

  return {
    get: pictures.get,
    subscribe: pictures.subscribe,
    open() {
      unsubscribe = session.subscribe(next);
      next();
    },
    close() {
      unsubscribe();
      if (timer) clearTimeout(timer);
    },
    /** Tells whether a panel is on screen. */
    see(kind: ArtifactKind, onScreen: boolean) {
      if (onScreen) visible.add(kind);
      else visible.delete(kind);
      next();
    },
    setLive(on: boolean) {
      live = on;
      next();
    },
    /** On demand; with options that then hold for the automatic ones too. */
    refresh(kind: ArtifactKind, options?: ArtifactOptions) {
      queued.set(kind, options);
      next();
    },
  };
}
