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
