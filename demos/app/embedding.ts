import type { Representations } from '../../src/evaluate/artifact.ts';
import { plane } from '../../src/evaluate/projection/plane.ts';
import type { Features } from '../../src/ops/linear-algebra.ts';
import { aligned } from '../../src/ops/procrustes.ts';
import type { Frame, ProjectionMethod, Projector, Reached, Trust } from '../../src/worker/projection.ts';
import { frameRows, mostFrames, thinned } from './frames.ts';
import { store } from './store.ts';

/** A picture; with `reached` it was broken off there, and can go on. */
type Result = { readonly points: Float32Array; readonly trust: Trust | null; readonly reached?: Reached };

/** The representations at one step of the run, and the pictures made of them, by method and its setting. */
export type Moment = {
  readonly id: number;
  readonly step: number;
  readonly features: Features;
  readonly labels: Uint8Array;
  /** Principal components, turned to match the moment before: what is shown until there is better. */
  readonly rough: Float32Array;
  readonly results: Readonly<Record<string, Result>>;
};

export type EmbeddingState = {
  readonly method: ProjectionMethod;
  /** UMAP's neighbours, t-SNE's perplexity. */
  readonly amounts: Readonly<Record<ProjectionMethod, number>>;
  /** In order of their steps; the last is the run as it is now. */
  readonly moments: readonly Moment[];
  /** The step that is shown; null: the last. */
  readonly at: number | null;
  /** The picture under way. */
  readonly progress: (Frame & { readonly step: number; readonly warm: boolean }) | null;
  /** The reader stopped the picture under way: none is made until it shall go on. */
  readonly stopped: boolean;
  readonly failure: string | null;
};

export type Embedding = ReturnType<typeof openEmbedding>;

const keyOf = ({ method, amounts }: EmbeddingState) => `${method} ${amounts[method]}`;
const rowsOf = ({ labels }: Moment) => labels.length;

/** What to show: the moment looked at, its points, and whether they are those asked for. */
export function shownOf(state: EmbeddingState): { moment: Moment; index: number; points: Float32Array; result: Result | null } | null {
  const { moments, at, progress } = state;
  const before = at === null ? -1 : moments.findLastIndex(({ step }) => step <= at);
  const index = at === null ? moments.length - 1 : Math.max(0, before);
  const moment = moments[index];
  if (!moment) return null;
  const result = moment.results[keyOf(state)] ?? null;
  const partial = progress?.step === moment.step && progress.points.length === moment.rough.length ? progress.points : null;
  return { moment, index, points: partial ?? result?.points ?? moment.rough, result };
}

const head = (result: Result, rows: number): Result => ({ ...result, points: result.points.slice(0, 2 * rows) });
const isDone = (result: Result | undefined): boolean => result !== undefined && !result.reached;

/** The first rows of a moment, for those that are over. */
function shortened(moment: Moment): Moment {
  if (rowsOf(moment) <= frameRows) return moment;
  const { features, labels, rough, results } = moment;
  return {
    ...moment,
    features: { values: features.values.slice(0, frameRows * features.columns), columns: features.columns },
    labels: labels.slice(0, frameRows),
    rough: rough.slice(0, 2 * frameRows),
    results: Object.fromEntries(Object.entries(results).map(([key, result]) => [key, head(result, frameRows)])),
  };
}

/**
 * Pictures of a run's representations over its training time. Each picture starts from the one nearest in time, where there is one,
 * and is turned to match it. The last moment comes first, then those nearest to a picture; one at a time, in the projection worker.
 */
export function openEmbedding(projector: Projector) {
  const state = store<EmbeddingState>({
    method: 'pca',
    amounts: { pca: 0, umap: 15, tsne: 30 },
    moments: [],
    at: null,
    progress: null,
    stopped: false,
    failure: null,
  });
  const patch = (change: Partial<EmbeddingState>) => state.set({ ...state.get(), ...change });
  let latest: Representations | null = null;
  let nextId = 0;
  let working = false;
  /** Grows with each change of method: what comes of an earlier one is no longer wanted. */
  let generation = 0;

  /** The moment nearest in time that has a picture already. */
  const neighbourOf = (moment: Moment, key: string): Moment | null => {
    const far = (other: Moment) => Math.abs(other.step - moment.step);
    const drawn = state.get().moments.filter((other) => other !== moment && isDone(other.results[key]));
    return drawn.reduce<Moment | null>((best, other) => (best && far(best) <= far(other) ? best : other), null);
  };
  const wanted = (key: string): Moment | null => {
    const { moments } = state.get();
    const missing = moments.filter(({ results }) => !isDone(results[key]));
    const last = moments.at(-1);
    if (!last || missing.length === 0) return null;
    if (!isDone(last.results[key])) return last;
    const far = (moment: Moment) => Math.abs(moment.step - (neighbourOf(moment, key)?.step ?? 0));
    return missing.reduce((best, other) => (far(other) < far(best) ? other : best));
  };

  /** The moments as they are now, one of them with a picture; meanwhile it may have been shortened, or have gone. */
  const withResult = (id: number, key: string, result: Result): Moment[] =>
    state.get().moments.map((now) => (now.id === id ? { ...now, results: { ...now.results, [key]: head(result, rowsOf(now)) } } : now));

  const work = async (): Promise<void> => {
    const { method, amounts, failure, stopped } = state.get();
    const key = keyOf(state.get());
    const moment = wanted(key);
    if (working || failure || stopped || !moment) return;
    working = true;
    const mine = generation;
    const { step, features, rough } = moment;
    const beside = neighbourOf(moment, key)?.results[key]?.points ?? null;
    const broken = moment.results[key];
    const near = method !== 'pca' && beside && beside.length >= rough.length ? beside.slice(0, rough.length) : null;
    const start = broken?.points ?? near;
    const { warm, done, total } = broken?.reached ?? { warm: near !== null, done: 0, total: 1 };
    const turned = (points: Float32Array) => (method === 'pca' ? rough : aligned(points, beside ?? rough));
    if (method !== 'pca') patch({ progress: { step, points: start ?? rough, done, total, warm } });
    try {
      const projection = { method, amount: amounts[method], features, start, ...(broken?.reached ? { reached: broken.reached } : {}) };
      const { points, trust } = await projector.project(projection, (frame) => {
        if (mine === generation) patch({ progress: { step, ...frame, points: turned(frame.points), warm } });
      });
      // Whoever gave this picture up goes on by itself, or does not.
      if (mine !== generation) return;
      const result = { points: turned(points), trust };
      patch({ moments: withResult(moment.id, key, result), progress: null });
    } catch (error) {
      if (mine !== generation) return;
      patch({ failure: error instanceof Error ? error.message : String(error), progress: null });
    }
    working = false;
    void work();
  };
  const giveUp = (end: () => void) => {
    generation++;
    working = false;
    end();
  };
  const choose = (change: Pick<EmbeddingState, 'method'> | Pick<EmbeddingState, 'amounts'>) => {
    giveUp(projector.cancel);
    patch({ ...change, progress: null, stopped: false, failure: null });
    void work();
  };

  return {
    get: state.get,
    subscribe: state.subscribe,
    /** Takes in a new picture's representations. Steps that go back, or the same step again, mean a run begun anew from there. */
    add(representations: Representations, labels: Uint8Array) {
      if (representations === latest) return;
      latest = representations;
      const { step, values, columns } = representations;
      const features = { values, columns };
      const { at, moments } = state.get();
      const before = moments.filter((moment) => moment.step < step);
      const flat = plane(features);
      const last = before.at(-1);
      const moment = { id: nextId++, step, features, labels, rough: last ? aligned(flat, last.rough) : flat, results: {} };
      patch({ moments: thinned([...before.map(shortened), moment], mostFrames), at: at !== null && at >= step ? null : at, failure: null });
      void work();
    },
    chooseMethod: (method: ProjectionMethod) => choose({ method }),
    chooseAmount: (amount: number) => choose({ amounts: { ...state.get().amounts, [state.get().method]: amount } }),
    /** Breaks the picture under way off, and keeps it as far as it has come. */
    stop() {
      const { progress, moments } = state.get();
      if (!progress) return;
      giveUp(projector.cancel);
      const { step, points, done, total, warm } = progress;
      const moment = moments.find((each) => each.step === step);
      const result = { points, trust: null, reached: { done, total, warm } };
      const kept = moment && done > 0 ? withResult(moment.id, keyOf(state.get()), result) : moments;
      patch({ moments: kept, progress: null, stopped: true });
    },
    /** Goes on where `stop` broke off. */
    goOn() {
      patch({ stopped: false });
      void work();
    },
    /** Looks at the moment of that step, or of the last one before it; null: at the last, whichever it will be. */
    scrub: (at: number | null) => patch({ at }),
    /** All moments, as they are kept with the run. */
    kept: (): Moment[] => state.get().moments.map(shortened),
    /** Takes back moments that were kept: those before the first that there is. */
    restore(kept: readonly Moment[]) {
      const { moments } = state.get();
      const first = moments[0]?.step ?? Number.POSITIVE_INFINITY;
      const before = kept.filter(({ step }) => step < first).map((moment) => ({ ...moment, id: nextId++ }));
      if (before.length === 0) return;
      patch({ moments: thinned([...before, ...moments], mostFrames) });
      void work();
    },
    /** Forgets everything: another run begins. */
    clear() {
      giveUp(projector.cancel);
      latest = null;
      patch({ moments: [], at: null, progress: null, stopped: false, failure: null });
    },
    close: () => giveUp(projector.close),
  };
}
