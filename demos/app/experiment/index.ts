import { openClient } from '../../../src/worker/client.ts';
import { catalogue, loadMethods } from '../catalogue.ts';
import { library } from '../library/index.ts';
import { claim, freed, hold } from '../library/locks.ts';
import { lookForOwn } from '../own.ts';
import { dataUrl } from '../run.ts';
import { active } from './active.ts';
import { openQueue } from './queue.ts';
import { openShelf, type Shelf } from './shelf.ts';

const queueLock = 'unlabeled-queue';
let opened: Promise<Shelf> | null = null;

/** The experiments of this device. Rejects where the browser keeps nothing. */
export const shelf = (): Promise<Shelf> => {
  opened ??= library().then(({ experiments }) => {
    const fresh = openShelf(experiments);
    void fresh.sweep(Date.now() - 86_400_000).catch(() => {});
    return fresh;
  });
  return opened;
};

/** The queue of this tab: it trains whatever page is open, side by side where there are cores to spare. */
export const queue = openQueue({
  library,
  shelf,
  connect: openClient,
  dataUrl: dataUrl(),
  lanes: (navigator.hardwareConcurrency ?? 2) >= 8 ? 2 : 1,
  claimQueue: () => claim(queueLock),
  queueFreed: () => freed(queueLock),
  onBegin: (id) => active.change(() => id),
  hasOwn: async (set) => {
    await lookForOwn();
    return Object.hasOwn(catalogue.datasets, set);
  },
  hold,
});

/** Trains an experiment in this tab, when its turn has come; after a reload it goes on by itself, and so does the line. */
export function train(id: string): void {
  if (!queue.get().running) active.change(() => id);
  void queue.start(id);
}

let resumed = false;
/** Once a visit: what this tab trained before a reload goes on, unless it was paused or is over. */
export async function resume(): Promise<void> {
  const id = active.get();
  if (resumed || !id) return;
  resumed = true;
  // Its page has loaded them; here it may be any page.
  await loadMethods();
  const experiment = await (await shelf()).load(id);
  if (!experiment) return active.forget();
  queue.show(experiment);
  // One that is over by now has still others that wait for it.
  if (!experiment.paused) await queue.start(id);
}

/** Whether a tab, this one or another, trains an experiment now. */
export async function someoneTrains(): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === queueLock);
}
