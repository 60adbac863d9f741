import { evaluate } from '../evaluate/evaluate.ts';
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
  let options: EvaluationOptions = {};
  /** Scorings under way, and the one of them by `watch`. */
  let busy = 0;
  let watched: Promise<void> | null = null;

  /** Of the run as it is now, after the scoring by `watch` that is under way: that would else be lost. */
  const score = async (wanted: EvaluationOptions): Promise<ScoresAt> => {
    const still = run.session.freeze();
    busy++;
    await watched;
    const mine = ++latest;
    let since = performance.now();
    let worked = 0;
    const breathe = async () => {
      if (performance.now() - since > slice) {
        worked += performance.now() - since;
        await turn();
        since = performance.now();
      }
      if (ended || mine !== latest) throw new Error('The scores were given up: their run has ended, or newer ones were asked for');
    };
    try {
      const scores = await evaluate(still, run.seed, breathe, wanted);
      return { scores, step: still.step, seconds: (worked + performance.now() - since) / 1000 };
    } finally {
      busy--;
      still.dispose();
    }
  };

  return {
    /** Scores the run as it is now; a later call, and the end of the run, break it off. */
    evaluate: (wanted: EvaluationOptions = {}) => guard(score(wanted)),
    /** From now on scores the run by itself after every so many steps; 0: never. */
    watch(steps: number, wanted: EvaluationOptions = {}) {
      every = steps;
      options = wanted;
    },
    /** After each step. Scores are left out while others are being taken, so that they cannot pile up. */
    stepped() {
      const { step } = run.session;
      if (busy > 0 || run.done || every < 1 || step % every !== 0) return;
      watched = guard(score(options))
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
