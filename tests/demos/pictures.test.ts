import { expect, it } from 'vitest';
import { openPictures } from '../../demos/app/pictures.ts';
import type { RunState, Session } from '../../demos/app/run.ts';
import { store } from '../../demos/app/store.ts';

it('asks for no picture between Train and the first loss', async () => {
  const state = store({
    status: 'running',
    goesOn: false,
    rows: 0,
    step: 0,
    revision: 1,
    ready: { artifacts: ['views'] },
  } as unknown as RunState);
  const asked: string[] = [];
  const session = {
    get: state.get,
    subscribe: state.subscribe,
    artifact: async (kind: string) => {
      asked.push(kind);
      return null;
    },
  } as unknown as Session;
  const pictures = openPictures(session);
  pictures.open();
  pictures.see('views', true);
  expect(asked).toEqual([]);
  state.set({ ...state.get(), rows: 1, step: 1 });
  expect(asked).toEqual(['views']);
  await Promise.resolve();
  pictures.close();
});

it('asks for few images while a run trains, for all that were asked for when it rests, and for those asked for at once', async () => {
  const state = store({
    status: 'running',
    goesOn: false,
    rows: 1,
    step: 1,
    revision: 1,
    ready: { artifacts: ['embedding'] },
  } as unknown as RunState);
  const asked: (number | undefined)[] = [];
  const session = {
    get: state.get,
    subscribe: state.subscribe,
    artifact: async (_: string, options?: { count?: number }) => {
      asked.push(options?.count);
      return {};
    },
  } as unknown as Session;
  const pictures = openPictures(session);
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  pictures.open();
  pictures.see('embedding', true);
  await settled();
  pictures.refresh('embedding', { count: 5000 });
  await settled();
  state.set({ ...state.get(), step: 2 });
  pictures.refresh('embedding');
  await settled();
  state.set({ ...state.get(), status: 'paused', step: 3 });
  await settled();
  expect(asked).toEqual([undefined, 5000, 1000, 5000]);
  pictures.close();
});
