import { evaluate } from '../evaluate/evaluate.ts';
import type { Breathe } from '../ops/breathe.ts';
import type { Still } from '../train/session.ts';
import type { Watch } from './device.ts';
import type { EvaluationOptions, Event, ScoresAt } from './protocol.ts';
import type { Run } from './run.ts';

/** Milliseconds that an evaluation works before it lets others in. */
const slice = 30;

type Options = { readonly emit: (event: Event) => void; readonly guard: Watch['guard']; readonly turn: () => Promise<void> };

/** Scores a run on a copy of it, a slice at a time between its steps: when asked, and by itself every so many steps. */
export type Scoring = ReturnType<typeof createScoring>;

export function createScoring(run: Run, { emit, guard, turn }: Options) {
  /** Counts evaluations: whoever evaluates sees that it is the latest, or stops. */
  let latest = 0;
  let ended = false;
  /** Steps between two scorings that `watch` asked for; 0: none. */
  let every = 0;
  let chosen: EvaluationOptions = {};
  /** Scorings under way, and the one of them by `watch`. */
  let busy = 0;
  let watched: Promise<void> | null = null;

  /** Works on the run as it is now, from `after` on, a slice at a time between its steps; until it ends or is no longer `wanted`. */
  const aside = async <T>(
    f: (still: Still, breathe: Breathe, worked: () => number) => Promise<T>,
    { after = null, wanted = () => true }: { after?: Promise<void> | null; wanted?: () => boolean } = {},
  ): Promise<T> => {
    const still = run.session.freeze();
    try {
      await after;
      let since = performance.now();
      let before = 0;
      const worked = () => before + performance.now() - since;
      const breathe = async () => {
        if (performance.now() - since > slice) {
          before = worked();
          await turn();
          since = performance.now();
        }
        if (ended || !wanted())
          throw new Error('The scores or the picture were given up: their run has ended, or newer ones were asked for');
      };
      return await f(still, breathe, worked);
    } finally {
      still.dispose();
    }
  };

  /** After the scoring by `watch` that is under way: that would else be lost. */
  const score = async (options: EvaluationOptions): Promise<ScoresAt> => {
    let mine = 0;
    busy++;
    try {
      return await aside(
        async (still, breathe, worked) => {
          mine = ++latest;
          const scores = await evaluate(still, run.seed, breathe, options);
          return { scores, step: still.step, seconds: worked() / 1000 };
        },
        { after: watched, wanted: () => mine === latest },
      );
    } finally {
      busy--;
    }
  };

  return {
    /** What `f` makes of a copy of the run as it is now, a slice at a time; it breaks off when the run ends. */
    aside: <T>(f: (still: Still, breathe: Breathe) => Promise<T>): Promise<T> => guard(aside(f)),
    /** Scores the run as it is now; a later call, and the end of the run, break it off. */
    evaluate: (wanted: EvaluationOptions = {}) => guard(score(wanted)),
    /** From now on scores the run by itself after every so many steps; 0: never. */
    watch(steps: number, wanted: EvaluationOptions = {}) {
      every = steps;
      chosen = wanted;
    },
    /** After each step. Scores are left out while others are being taken, so that they cannot pile up. */
    stepped() {
      const { step } = run.session;
      if (busy > 0 || run.done || every < 1 || step % every !== 0) return;
      watched = guard(score(chosen))
        .then(
          (scores) => {
            if (!ended) emit({ type: 'scores', ...scores });
          },
          // The run has ended, or its own next step meets the same failure and says so.
          () => {},
        )
        .finally(() => {
          watched = null;
        });
    },
    end() {
      ended = true;
    },
  };
}
