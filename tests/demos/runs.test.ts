import { describe, expect, it } from 'vitest';
import { loadMethods } from '../../demos/app/catalogue.ts';
import { changedOf, everything, headline, megabytes, passes, stateOf, titleOf } from '../../demos/app/runs.ts';
import { scoreInfos } from '../../demos/app/scores.ts';
import { keptRun } from './kept-run.ts';

await loadMethods();

const entry = (change: Parameters<typeof keptRun>[0]) => ({ ...keptRun(change).record, bytes: 0, deleted: null });
const none = new Set<string>();

describe('the list of runs', () => {
  it('knows a run that was cut off from one that trains in some tab', () => {
    const run = entry({ status: 'running' });
    expect(stateOf(run, none)).toBe('interrupted');
    expect(stateOf(run, new Set([run.id]))).toBe('training');
    expect(stateOf(entry({ status: 'done' }), none)).toBe('done');
    const paused = entry({ status: 'paused' });
    expect([stateOf(paused, none), stateOf(paused, new Set([paused.id]))]).toEqual(['paused', 'open']);
  });

  it('names what differs from the defaults, and everything of a method that it does not know', () => {
    const { spec } = entry({});
    expect(changedOf({ spec })).toEqual({ steps: 10 });
    expect(changedOf({ spec: { ...spec, method: 'of the future' } })).toEqual(spec.settings);
    expect(titleOf({ name: null, spec: { ...spec, method: 'x', data: 'y' } })).toBe('x on y');
  });

  it('finds by every word, whatever the order and the case', () => {
    const run = entry({ name: 'Night run', note: 'sharp EDGES' });
    const finds = (text: string) => passes(run, { ...everything, text }, none);
    expect(['', 'edges night', 'mnist', 'simclr seed 3'].map(finds)).toEqual([true, true, true, true]);
    expect(['byol', 'night seed 4'].map(finds)).toEqual([false, false]);
  });

  it('filters by method, data, state and star together', () => {
    const run = entry({ starred: true, status: 'done' });
    const fits = { text: '', method: 'simclr', data: 'mnist', state: 'done', starred: true } as const;
    expect(passes(run, fits, none)).toBe(true);
    for (const change of [{ method: 'byol' }, { data: 'cifar10' }, { state: 'failed' as const }])
      expect(passes(run, { ...fits, ...change }, none)).toBe(false);
    expect(passes({ ...run, starred: false }, fits, none)).toBe(false);
  });

  it('shows the latest of the scores that say most', () => {
    const at = (step: number, linearProbe: number) => ({ step, scores: { linearProbe, knn: 0.1 } });
    expect(headline(entry({ scores: [at(1, 0.5), at(2, 0.975)] }))).toEqual({ name: 'linear probe', text: '97.5 %' });
    expect(headline(entry({ scores: [] }))).toBeNull();
    expect(headline(entry({ scores: [{ step: 1, scores: { knn: 0.9 } }] }))).toBeNull();
    // The very words of the table of scores.
    for (const { key, headline: name, format } of scoreInfos.filter((info) => info.headline))
      expect(headline(entry({ scores: [{ step: 1, scores: { [key]: 1.23456 } }] }))).toEqual({ name, text: format(1.23456) });
    expect(scoreInfos.flatMap(({ headline: name }) => name ?? [])).toEqual([
      'linear probe',
      '−ELBO',
      'NLL',
      'bits/dim',
      'a point',
      'count and layout',
      'foreground ARI',
      'average precision',
      'accuracy',
      'Dice',
      'error',
      'wrong edges',
    ]);
  });

  it('tells sizes with three digits', () => {
    expect([megabytes(999), megabytes(6_912_345), megabytes(10.7e9)]).toEqual(['1 kB', '6.9 MB', '10.7 GB']);
  });
});
