/** The library of a page, read past the app. */
import type { Page } from 'playwright-core';
import type { Entry } from '../../demos/app/library/library.ts';
import type { RunCurve } from '../../src/train/record.ts';

export type Stored = {
  readonly runs: readonly Entry[];
  /** By run: its steps and losses. */
  readonly curves: Readonly<Record<string, { readonly steps: number[]; readonly loss: number[] }>>;
};

/** All runs and curves that lie in the browser's storage, read at one moment. */
export const stored = (page: Page): Promise<Stored> =>
  page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('unlabeled');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const reading = db.transaction(['runs', 'curves']);
    const runs: IDBRequest<Entry[]> = reading.objectStore('runs').getAll();
    const curves: IDBRequest<{ id: string; curve: RunCurve }[]> = reading.objectStore('curves').getAll();
    await new Promise<void>((resolve, reject) => {
      reading.oncomplete = () => resolve();
      reading.onabort = () => reject(reading.error);
    });
    db.close();
    return {
      runs: runs.result,
      curves: Object.fromEntries(curves.result.map(({ id, curve }) => [id, { steps: [...curve.steps], loss: [...curve.columns.loss!] }])),
    };
  });
