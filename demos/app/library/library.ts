import { Dexie, type EntityTable, liveQuery } from 'dexie';
import { isFull } from '../../../src/data/quota.ts';
import type { Checkpoint, KeptRun, RunCurve, RunRecord } from '../../../src/train/record.ts';
import type { Moment } from '../embedding.ts';
import type { Experiment } from '../experiment/record.ts';
import { type Store, store } from '../store.ts';

/** A run in the list: its record, what it takes on the disk, and when it was thrown away (it can come back until the next visit). */
export type Entry = RunRecord & { readonly bytes: number; readonly deleted: number | null };
/** What a reader writes on a run. */
export type Marks = Pick<RunRecord, 'name' | 'note' | 'color' | 'starred'>;

type Tables = Dexie & {
  readonly runs: EntityTable<Entry, 'id'>;
  readonly curves: EntityTable<{ id: string; curve: RunCurve }, 'id'>;
  readonly checkpoints: EntityTable<{ id: string; checkpoint: Checkpoint }, 'id'>;
  readonly experiments: EntityTable<Experiment, 'id'>;
  readonly moments: EntityTable<{ id: string; moments: readonly Moment[] }, 'id'>;
};

function openTables(name: string): Tables {
  const db = new Dexie(name) as Tables;
  db.version(1).stores({ runs: 'id', curves: 'id', checkpoints: 'id' });
  db.version(2).stores({ experiments: 'id' });
  db.version(3).stores({ moments: 'id' });
  return db;
}

/** The storage of this device is full: nothing was written, and what was kept before is whole. */
export class StorageFull extends Error {
  override name = 'StorageFull';
}

const bytesOf = ({ curve, checkpoint }: Pick<KeptRun, 'curve' | 'checkpoint'>): number => {
  const arrays = [curve.steps, curve.seconds, ...Object.values(curve.columns)];
  if (checkpoint) arrays.push(...Object.values(checkpoint.tensors).map(({ values }) => values));
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
};

export type Library = ReturnType<typeof openLibrary>;

/**
 * The runs of this device, in IndexedDB. A run is written whole, in one transaction: record, curve and weights always belong
 * together, whenever the tab dies. Writing throws `StorageFull` where the browser gives no more room.
 */
export function openLibrary(name = 'unlabeled') {
  const db = openTables(name);
  /** All runs but those thrown away, the newest first; null until they are read. Follows what other tabs write, too. */
  const list: Store<readonly Entry[] | null> = store<readonly Entry[] | null>(null);
  const failure: Store<string | null> = store<string | null>(null);
  const watching = liveQuery(() => db.runs.toArray()).subscribe({
    next: (all) => list.set(all.filter(({ deleted }) => deleted === null).sort((a, b) => b.created.localeCompare(a.created))),
    error: (error: Error) => failure.set(error.message),
  });

  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await db.transaction('rw', db.runs, db.curves, db.checkpoints, db.moments, work);
    } catch (error) {
      if (isFull(error))
        throw new StorageFull(
          'The browser gives this site no more room, so the run is kept only up to its last save. Delete runs you no longer need (page Runs), or export them first',
        );
      throw error;
    }
  };

  return {
    list,
    failure,
    /** Experiments lie in the same database; `experiment/shelf.ts` reads and writes them. */
    experiments: db.experiments,
    /** Writes a run whole. What the reader wrote on it meanwhile stays, and so does its experiment when it goes on elsewhere. */
    save: ({ record, curve, checkpoint }: KeptRun): Promise<void> =>
      writing(async () => {
        const old = await db.runs.get(record.id);
        const marks = old && { name: old.name, note: old.note, color: old.color, starred: old.starred };
        const kept = { experiment: record.experiment ?? old?.experiment ?? null, deleted: old?.deleted ?? null };
        await db.runs.put({ ...record, ...marks, ...kept, bytes: bytesOf({ curve, checkpoint }) });
        await db.curves.put({ id: record.id, curve });
        if (checkpoint) await db.checkpoints.put({ id: record.id, checkpoint });
      }),
    /** Adds runs of others; all or nothing. Of a run that is here already nothing changes. Returns the ids that are new. */
    add: (runs: readonly KeptRun[]): Promise<string[]> =>
      writing(async () => {
        const known = await db.runs.bulkGet(runs.map(({ record }) => record.id));
        const fresh = runs.filter((_, i) => !known[i] || known[i].deleted !== null);
        await db.runs.bulkPut(fresh.map((run) => ({ ...run.record, bytes: bytesOf(run), deleted: null })));
        await db.curves.bulkPut(fresh.map(({ record, curve }) => ({ id: record.id, curve })));
        await db.checkpoints.bulkPut(fresh.flatMap(({ record, checkpoint }) => (checkpoint ? [{ id: record.id, checkpoint }] : [])));
        return fresh.map(({ record }) => record.id);
      }),
    /** A run, whole; null when it is not on this device. */
    load: (id: string): Promise<KeptRun | null> =>
      db.transaction('r', db.runs, db.curves, db.checkpoints, async () => {
        const [entry, curve, checkpoint] = await Promise.all([db.runs.get(id), db.curves.get(id), db.checkpoints.get(id)]);
        if (!entry || !curve || entry.deleted !== null) return null;
        const { bytes: _, deleted: __, ...record } = entry;
        return { record, curve: curve.curve, checkpoint: checkpoint?.checkpoint ?? null };
      }),
    /** Curves alone, in the order of the ids; null for one that is gone. */
    curves: async (ids: readonly string[]): Promise<(RunCurve | null)[]> =>
      (await db.curves.bulkGet([...ids])).map((row) => row?.curve ?? null),
    mark: (id: string, marks: Partial<Marks>): Promise<void> => writing(async () => void (await db.runs.update(id, marks))),
    /** The embedding of a run over its training time. */
    saveMoments: (id: string, moments: readonly Moment[]): Promise<void> =>
      writing(async () => void (await db.moments.put({ id, moments }))),
    moments: async (id: string): Promise<readonly Moment[]> => (await db.moments.get(id))?.moments ?? [],
    /** Throws runs away; `restore` takes that back until `sweep`. */
    remove: (ids: readonly string[], now = Date.now()): Promise<void> =>
      writing(async () => void (await db.runs.where('id').anyOf(ids).modify({ deleted: now }))),
    restore: (ids: readonly string[]): Promise<void> =>
      writing(async () => void (await db.runs.where('id').anyOf(ids).modify({ deleted: null }))),
    /** Frees what was thrown away before `before`. */
    sweep: (before: number): Promise<void> =>
      writing(async () => {
        const old = (await db.runs.toArray()).filter(({ deleted }) => deleted !== null && deleted < before).map(({ id }) => id);
        await Promise.all([db.runs, db.curves, db.checkpoints, db.moments].map((table) => table.bulkDelete(old)));
      }),
    close: () => {
      watching.unsubscribe();
      db.close();
    },
  };
}
