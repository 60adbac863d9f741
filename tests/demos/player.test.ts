import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mayPlay, momentOf, openPlayer, shareOf, stepAt } from '../../demos/app/player.ts';
import { rangeOf, recordedOf } from '../../demos/app/recorded.ts';
import { sampleRecording } from './sample-recording.ts';

const recorded = recordedOf(sampleRecording());

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a recorded run', () => {
  it('plays through all its moments to its last step, and rests there', () => {
    const player = openPlayer();
    expect(momentOf(player.get())).toBeNull();
    player.play(recorded);
    const seen = new Set<number | undefined>();
    const unsubscribe = player.subscribe(() => seen.add(momentOf(player.get())?.step));
    vi.advanceTimersByTime(20_000);
    expect([...seen]).toEqual([0, 10, 40]);
    expect(player.get()).toEqual({ recorded, at: 1, moving: false });
    unsubscribe();
    player.resume();
    expect(player.get()?.at).toBe(0);
    player.stop();
  });

  it('stays where it is put, goes on from there, and stops at once', () => {
    const player = openPlayer();
    player.play(recorded);
    player.seek(0.5);
    vi.advanceTimersByTime(1000);
    expect(player.get()).toEqual({ recorded, at: 0.5, moving: false });
    const moment = momentOf(player.get());
    expect(moment?.step).toBe(10);
    player.seek(0.6);
    // The same object: pictures are not drawn again.
    expect(momentOf(player.get())).toBe(moment);
    player.resume();
    vi.advanceTimersByTime(1000);
    expect(player.get()!.at).toBeGreaterThan(0.6);
    player.stop();
    expect(player.get()).toBeNull();
    vi.advanceTimersByTime(1000);
    expect(player.get()).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
    player.seek(0.3);
    player.resume();
    expect(player.get()).toBeNull();
  });

  it('goes slowly where learning is quick', () => {
    expect([0, 0.25, 0.5, 1].map((at) => stepAt(at, 1000))).toEqual([0, 63, 250, 1000]);
    for (const step of [0, 16, 250, 1000]) expect(stepAt(shareOf(step, 1000), 1000)).toBe(step);
  });

  it('may be played only while nothing of the live run is there', () => {
    const state = { status: 'ready', goesOn: false, step: 0, rows: 0 } as Parameters<typeof mayPlay>[0];
    expect(mayPlay(state)).toBe(true);
    for (const change of [{ goesOn: true }, { status: 'running' as const }, { step: 1 }, { rows: 1 }])
      expect(mayPlay({ ...state, ...change })).toBe(false);
  });

  it('tells from where to where its scores go, where all of its runs have them', () => {
    expect(rangeOf(recorded, 'entropy')).toEqual([0.9, 0.9]);
    expect(rangeOf(recorded, 'nll')).toEqual([1.1, 1.1 + 2 / 10]);
    expect(rangeOf(recorded, 'knn')).toBeNull();
    expect(rangeOf(null, 'nll')).toBeNull();
  });
});
