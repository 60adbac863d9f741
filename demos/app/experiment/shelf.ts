import { liveQuery } from 'dexie';
import type { Library } from '../library/library.ts';
import { type Store, store } from '../store.ts';
import { type Experiment, lineOf, readExperiment } from './record.ts';

export type Shelf = ReturnType<typeof openShelf>;

/** The experiments of this device. Every change reads and writes in one transaction, so that two tabs never undo each other's. */
export function openShelf(table: Library['experiments']) {
  /** All but those thrown away, the newest first; null until they are read. Follows what other tabs write. */
  const list: Store<readonly Experiment[] | null> = store<readonly Experiment[] | null>(null);
  const failure: Store<string | null> = store<string | null>(null);
  const watching = liveQuery(() => table.toArray()).subscribe({
    next: (all) =>
      list.set(
        all
          .map(readExperiment)
          .filter((one) => one !== null)
          .filter(({ deleted }) => deleted === null)
          .sort((a, b) => b.created.localeCompare(a.created)),
      ),
    error: (error: Error) => failure.set(error.message),
  });
  return {
    list,
    failure,
    /** Null when it is not on this device, was thrown away, or makes no sense. */
    load: async (id: string): Promise<Experiment | null> => {
      const found = readExperiment(await table.get(id));
      return found?.deleted === null ? found : null;
    },
    /** The next in line; null when none waits. */
    next: async (): Promise<Experiment | null> => {
      const all = await table.toArray();
      return lineOf(all.map(readExperiment).filter((one) => one !== null))[0] ?? null;
    },
    add: async (experiment: Experiment): Promise<void> => void (await table.add(experiment)),
    /** Replaces an experiment by what `next` makes of it as it is now; returns that, or null when it is gone. */
    change: (id: string, next: (now: Experiment) => Experiment): Promise<Experiment | null> =>
      table.db.transaction('rw', table, async () => {
        const now = readExperiment(await table.get(id));
        if (!now) return null;
        const changed = next(now);
        await table.put(changed);
        return changed;
      }),
    /** Frees those that were thrown away before `before`. */
    sweep: async (before: number): Promise<void> =>
      void (await table.filter(({ deleted }) => typeof deleted === 'number' && deleted < before).delete()),
    close: () => watching.unsubscribe(),
  };
}
