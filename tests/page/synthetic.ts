/** Kept runs that nobody trained, written straight into the library of a page. */
import type { Page } from 'playwright-core';
import type { RunRecord } from '../../src/train/record.ts';

export type Synthetic = {
  readonly id: string;
  readonly method?: string;
  readonly data?: string;
  readonly seed?: number;
  readonly settings?: RunRecord['spec']['settings'];
  readonly steps?: number;
  /** The loss is `height` / step + floor(seed). */
  readonly height?: number;
  readonly name?: string;
  readonly scores?: Readonly<Record<string, number>>;
};

/** Adds runs to a page whose library is open (that of runs, or of a comparison), which has to be loaded anew to see them. */
export const addRuns = (page: Page, runs: readonly Synthetic[]): Promise<void> =>
  page.evaluate(async (all) => {
    const promised = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await promised(indexedDB.open('unlabeled'));
    const writing = db.transaction(['runs', 'curves'], 'readwrite');
    all.forEach(({ id, method = 'simclr', data = 'mnist', seed = 0, settings, steps = 100, height = 4, name = null, scores }, i) => {
      const rows = Array.from({ length: steps }, (_, k) => k + 1);
      const column = (of: (step: number) => number) => Float32Array.from(rows, of);
      const spec = { method, data, seed, backend: 'wasm', settings: { steps, batchSize: 128, temperature: 0.5, ...settings } };
      writing.objectStore('runs').put({
        id,
        spec,
        changes: [],
        versions: { lab: '0.1.0', tfjs: '4.22.0' },
        backend: { name: 'wasm', threads: 1 },
        created: new Date(Date.UTC(2026, 0, 1, 12, i)).toISOString(),
        updated: new Date(Date.UTC(2026, 0, 1, 13, i)).toISOString(),
        status: 'done',
        step: steps,
        seconds: steps / 10,
        parameters: 1000,
        name,
        note: '',
        color: null,
        starred: false,
        experiment: null,
        scores: scores ? [{ step: steps, scores }] : [],
        bytes: 0,
        deleted: null,
      });
      const loss = column(
        (step) => height / Math.sqrt(step) + seed / 10 + (0.2 * height * ((step * (7 + seed)) % 13)) / 13 / Math.sqrt(step),
      );
      const embeddingStd = column((step) => (step % 25 === 0 ? 1 - 1 / step - seed / 50 : Number.NaN));
      const curve = { steps: Int32Array.from(rows), seconds: column((step) => step / 10), columns: { loss, embeddingStd } };
      writing.objectStore('curves').put({ id, curve });
    });
    await new Promise<void>((resolve, reject) => {
      writing.oncomplete = () => resolve();
      writing.onerror = () => reject(writing.error);
    });
    db.close();
  }, runs);
