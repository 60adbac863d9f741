import type { Recording } from '../../src/train/recording.ts';
import type { Recorded } from './recorded.ts';
import type { RunState } from './run.ts';
import { store } from './store.ts';

/** A recorded run that is shown: `at` is the share of the playing time that is over. */
export type Play = { readonly recorded: Recorded; readonly at: number; readonly moving: boolean };

/** Milliseconds that a whole run takes to play, and between two frames. */
const whole = 15_000;
const frame = 100;

export const stepsOf = ({ recording }: Recorded): number => recording.settings.steps;

/** The step at a share of the playing time: slow at first, where learning is quick. */
export const stepAt = (at: number, steps: number): number => Math.round(at ** 2 * steps);
/** The share of the playing time at a step. */
export const shareOf = (step: number, steps: number): number => Math.sqrt(step / steps);

/** The last recorded moment at or before what is shown now: the same object until the next one is reached. */
export const momentOf = (play: Play | null): Recording['moments'][number] | null =>
  play?.recorded.recording.moments.findLast(({ step }) => step <= stepAt(play.at, stepsOf(play.recorded))) ?? null;

/** Whether a recording may be played: nothing of the live run is there yet. */
export const mayPlay = ({ status, goesOn, step, rows }: RunState): boolean => !goesOn && status !== 'running' && step === 0 && rows === 0;

export type Player = ReturnType<typeof openPlayer>;

/** Plays a recorded run where a live one has not begun. */
export function openPlayer() {
  const state = store<Play | null>(null);
  let timer: ReturnType<typeof setInterval> | null = null;
  const halt = () => {
    if (timer) clearInterval(timer);
    timer = null;
  };
  const put = (change: Partial<Play>) => {
    const play = state.get();
    if (play) state.set({ ...play, ...change });
  };
  const pause = () => {
    halt();
    put({ moving: false });
  };
  const resume = () => {
    const play = state.get();
    if (!play) return;
    halt();
    put({ moving: true, at: play.at < 1 ? play.at : 0 });
    timer = setInterval(() => {
      const at = Math.min(1, (state.get()?.at ?? 1) + frame / whole);
      put({ at });
      if (at === 1) pause();
    }, frame);
  };
  return {
    get: state.get,
    subscribe: state.subscribe,
    play(recorded: Recorded) {
      state.set({ recorded, at: 0, moving: true });
      resume();
    },
    pause,
    resume,
    /** Goes to a share of the playing time, and stays there. */
    seek(at: number) {
      pause();
      put({ at });
    },
    stop() {
      halt();
      if (state.get()) state.set(null);
    },
  };
}
