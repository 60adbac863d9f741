import Dexie, { type Table } from 'dexie';
import { type ImageDataset, type ImageShape, type ImageSplit, MissingData } from '../dataset.ts';
import { isFull } from '../quota.ts';

/** What is known of a set of one's own without its pixels. */
export type OwnInfo = {
  /** "own-" and a UUID. */
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** What it was made from, in words. */
  readonly format: string;
  readonly shape: ImageShape;
  /** One, "unlabelled", where there are no labels. */
  readonly classes: readonly string[];
  /** Images of each part, and files that were left out. */
  readonly train: number;
  readonly test: number;
  readonly left: number;
  readonly bytes: number;
};

/** A whole set. */
export type OwnSet = { readonly info: OwnInfo; readonly train: ImageSplit; readonly test: ImageSplit };
type Pixels = { readonly id: string } & Omit<OwnSet, 'info'>;

export type OwnStore = ReturnType<typeof openStore>;

/**
 * The sets of one's own, kept in this browser's IndexedDB (database `unlabeled-data`), for pages and workers alike. Whatever is put
 * is there whole or not at all. A method throws an Error that says plainly when the device has no room or refuses to keep anything.
 */
export function openStore(name = 'unlabeled-data') {
  const db = new Dexie(name) as Dexie & { readonly infos: Table<OwnInfo, string>; readonly pixels: Table<Pixels, string> };
  db.version(1).stores({ infos: 'id, created', pixels: 'id' });
  const changing = <T>(work: () => Promise<T>) => plainly(db.transaction('rw', db.infos, db.pixels, work));
  const whole = async (id: string): Promise<OwnSet> => {
    const [info, pixels] = await Promise.all([db.infos.get(id), db.pixels.get(id)]);
    if (!info || !pixels)
      throw new MissingData(`There is no set of your own with the id ${id} on this device. Import it again on the Data page`);
    return { info, train: pixels.train, test: pixels.test };
  };
  return {
    /** All sets without their pixels, the oldest first. */
    list: (): Promise<OwnInfo[]> => plainly(db.infos.orderBy('created').toArray()),
    /** A whole set. Throws `MissingData` when there is none of that id. */
    get: (id: string): Promise<OwnSet> => plainly(db.transaction('r', db.infos, db.pixels, () => whole(id))),
    /** Keeps a set, in place of one of the same id. */
    put: ({ info, train, test }: OwnSet): Promise<void> =>
      changing(async () => {
        await db.pixels.put({ id: info.id, train, test });
        await db.infos.put(info);
      }),
    rename: (id: string, to: string): Promise<void> =>
      changing(async () => {
        const text = to.trim().slice(0, 60);
        if (text) await db.infos.update(id, { name: text });
      }),
    /** Deletes a set and gives it back, so that it can be put again. */
    remove: (id: string): Promise<OwnSet> =>
      changing(async () => {
        const set = await whole(id);
        await Promise.all([db.infos.delete(id), db.pixels.delete(id)]);
        return set;
      }),
    close: () => db.close(),
  };
}

/** A set as training wants it. */
export const toDataset = ({ info: { id, name, shape, classes }, train, test }: OwnSet): ImageDataset => ({
  kind: 'images',
  ...{ id, name, shape, classes, train, test },
});

/** Says in words why nothing can be kept. */
async function plainly<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MissingData) throw error;
    if (isFull(error))
      throw new Error(
        'This device has no room left for the set; nothing was kept. Delete sets or runs that you no longer need, or keep fewer images',
      );
    const { name, inner } = error as { name?: string; inner?: { name?: string } };
    const refused = ['OpenFailedError', 'MissingAPIError', 'InvalidStateError', 'SecurityError', 'DatabaseClosedError'];
    if (refused.includes(name ?? '') || refused.includes(inner?.name ?? ''))
      throw new Error(
        'This browser keeps nothing for this page (a private window, or storage is blocked). Allow storage for it, or use another window',
      );
    throw new Error(`The browser's storage failed (${name ?? 'no reason given'}). Reload the page and try again`);
  }
}
