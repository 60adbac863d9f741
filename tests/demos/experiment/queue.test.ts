import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadMethods } from '../../../demos/app/catalogue.ts';
import { openQueue, type Queue } from '../../../demos/app/experiment/queue.ts';
import {
  type Budget,
  cancelled,
  type Experiment,
  ended,
  experimentOf,
  paused,
  retried,
  skipped,
  waitsFor,
} from '../../../demos/app/experiment/record.ts';
import { openShelf, type Shelf } from '../../../demos/app/experiment/shelf.ts';
import { type Library, openLibrary } from '../../../demos/app/library/library.ts';
import { speeds } from '../../../demos/app/speeds.ts';
import type { RunSpec } from '../../../src/train/record.ts';
import { type Fate, fakeWorkers } from './fake-worker.ts';

await loadMethods();

let library: Library;
let shelf: Shelf;
let count = 0;
beforeEach(() => {
  library = openLibrary(`queue${count++}`);
  shelf = openShelf(library.experiments);
  speeds.forget();
});
afterEach(() => {
  shelf.close();
  library.close();
});

const spec = (seed: number, settings: RunSpec['settings'] = {}): RunSpec => ({
  method: 'realnvp',
  data: 'two-moons',
  seed,
  backend: 'auto',
  settings: { steps: 6, couplings: 2, ...settings },
});

const steps: Budget = { kind: 'steps', amount: 6 };
async function begin(specs: readonly RunSpec[], budget = steps, own: Readonly<Record<string, string>> = {}): Promise<string> {
  const experiment = experimentOf(specs, { name: 'test', budget, preset: null, own });
  await shelf.add(experiment);
  return experiment.id;
}

type More = {
  readonly own?: readonly string[];
  readonly lanes?: number;
  readonly claimed?: () => boolean;
  readonly free?: Promise<void>;
  readonly held?: (run: string) => boolean;
};
function open(
  fate: (spec: RunSpec) => Fate = () => ({}),
  { own = [], lanes = 1, claimed = () => false, free = new Promise(() => {}), held = () => false }: More = {},
) {
  const workers = fakeWorkers(fate);
  const began: string[] = [];
  const queue: Queue = openQueue({
    library: async () => library,
    shelf: async () => shelf,
    connect: workers.connect,
    dataUrl: 'data/',
    lanes,
    claimQueue: async () => (claimed() ? null : () => {}),
    queueFreed: () => free,
    onBegin: (id) => began.push(id),
    hasOwn: async (set) => own.includes(set),
    hold: async (run) => (held(run) ? null : () => {}),
  });
  return { ...workers, queue, began };
}

const load = async (id: string): Promise<Experiment> => (await shelf.load(id))!;
const states = async (id: string) => (await load(id)).cells.map(({ state }) => state);
const reaches = (queue: Queue, step: number) => vi.waitFor(() => expect(queue.get().doing[0]?.session.get().step).toBe(step));

describe('the queue', () => {
  it('trains all runs in their order, takes their scores, keeps them, and frees its workers', async () => {
    const { queue, trained, open: workers } = open();
    const id = await begin([spec(0), spec(1), spec(2)]);
    await queue.start(id);
    expect(await states(id)).toEqual(['done', 'done', 'done']);
    expect(trained.map((each) => [each.spec.seed, each.step])).toEqual(
      [0, 1, 2].flatMap((seed) => [1, 2, 3, 4, 5, 6].map((s) => [seed, s])),
    );
    for (const { run, spec: of } of (await load(id)).cells) {
      const { record, curve } = (await library.load(run!))!;
      expect(record).toMatchObject({ experiment: id, status: 'done', step: 6, spec: of, scores: [{ step: 6, scores: { knn: 0.5 } }] });
      expect([...curve.steps]).toEqual([1, 2, 3, 4, 5, 6]);
    }
    expect([workers(), queue.get().running, queue.get().doing]).toEqual([0, false, []]);
  });

  it('notes why a run failed, and goes on with the next', async () => {
    const { queue } = open(({ seed }) => (seed === 0 ? { diverges: 4 } : seed === 1 ? { missing: true } : { unscored: true }));
    const id = await begin([spec(0), spec(1), spec(2)]);
    await queue.start(id);
    expect(await states(id)).toEqual(['failed', 'failed', 'done']);
    const [nan, missing] = (await load(id)).cells;
    expect(nan!.reason).toBe('The loss became NaN at step 4. Try a smaller learning rate.');
    expect(missing!.reason).toBe('The data are not there. Run `npm run data`.');
    expect((await library.load(nan!.run!))?.record).toMatchObject({ status: 'failed', step: 3 });
  });

  it('trains on sets of one’s own; one that was deleted names itself, and the others train', async () => {
    const { queue, trained } = open(undefined, { own: ['own-here'] });
    const on = (data: string) => ({ ...spec(0), data });
    const id = await begin([on('own-gone'), on('own-here')], steps, { 'own-gone': 'Leaves', 'own-here': 'Shells' });
    await queue.start(id);
    const [gone, here] = (await load(id)).cells;
    expect(gone).toMatchObject({
      state: 'failed',
      reason: '“Leaves”, a set of your own, is no longer on this device: it was deleted. Make a new experiment with a set that is there.',
    });
    expect(here).toMatchObject({ state: 'done', reason: null });
    expect(new Set(trained.map((each) => each.spec.data))).toEqual(new Set(['own-here']));
  });

  it('tries a failed run again from where it was', async () => {
    let broken = true;
    const { queue, trained } = open(() => (broken ? { diverges: 4 } : {}));
    const id = await begin([spec(0)]);
    await queue.start(id);
    const { run } = (await load(id)).cells[0]!;
    broken = false;
    await shelf.change(id, retried(0));
    await queue.start(id);
    expect((await load(id)).cells[0]).toMatchObject({ state: 'done', reason: null, run });
    expect(trained.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('pauses with a checkpoint, and goes on from there', async () => {
    let waitsAt: number | undefined = 3;
    const { queue, trained, open: workers } = open(() => (waitsAt ? { waitsAt } : {}));
    const id = await begin([spec(0), spec(1)]);
    const first = queue.start(id);
    await reaches(queue, 3);
    await shelf.change(id, paused);
    await first;
    expect(await states(id)).toEqual(['waiting', 'waiting']);
    expect(workers()).toBe(0);
    const { run } = (await load(id)).cells[0]!;
    expect((await library.load(run!))?.record).toMatchObject({ status: 'paused', step: 3 });
    waitsAt = undefined;
    await queue.start(id);
    expect(await states(id)).toEqual(['done', 'done']);
    expect((await load(id)).cells[0]!.run).toBe(run);
    expect(trained.filter((each) => each.spec.seed === 0).map(({ step, from }) => [step, from])).toEqual(
      [1, 2, 3, 4, 5, 6].map((s) => [s, s > 3 ? 3 : 0]),
    );
  });

  it('leaves a run out, waiting or under way, and can take it in again', async () => {
    const { queue, trained } = open(({ seed }) => (seed === 0 ? { waitsAt: 2 } : {}));
    const id = await begin([spec(0), spec(1), spec(2)]);
    const running = queue.start(id);
    await reaches(queue, 2);
    await shelf.change(id, skipped(1));
    await shelf.change(id, skipped(0));
    await running;
    expect(await states(id)).toEqual(['skipped', 'skipped', 'done']);
    expect(trained.some((each) => each.spec.seed === 1)).toBe(false);
    await shelf.change(id, retried(1));
    await queue.start(id);
    expect(await states(id)).toEqual(['skipped', 'done', 'done']);
  });

  it('ends an experiment where it stands', async () => {
    const { queue } = open(({ seed }) => (seed === 1 ? { waitsAt: 2 } : {}));
    const id = await begin([spec(0), spec(1), spec(2)]);
    const running = queue.start(id);
    await vi.waitFor(() => expect(queue.get().doing[0]?.cell).toBe(1));
    await reaches(queue, 2);
    await shelf.change(id, ended);
    await running;
    expect(await states(id)).toEqual(['done', 'skipped', 'skipped']);
  });

  it('goes on after a reload: a new queue on the same storage trains what is left, and nothing twice', async () => {
    const before = open(({ seed }) => (seed === 1 ? { waitsAt: 4 } : {}));
    const id = await begin([spec(0), spec(1), spec(2)]);
    void before.queue.start(id);
    await vi.waitFor(() => expect(before.queue.get().doing[0]?.cell).toBe(1));
    await reaches(before.queue, 4);
    // As a checkpoint does every few seconds; then the tab is gone without a word.
    const { session } = before.queue.get().doing[0]!;
    await session.pause();
    await vi.waitFor(async () => expect((await library.load(session.get().id!))?.record.step).toBe(4));
    expect(await states(id)).toEqual(['done', 'running', 'waiting']);

    const after = open();
    await after.queue.start(id);
    expect(await states(id)).toEqual(['done', 'done', 'done']);
    expect(after.trained.map((each) => [each.spec.seed, each.step])).toEqual([
      ...[5, 6].map((s) => [1, s]),
      ...[1, 2, 3, 4, 5, 6].map((s) => [2, s]),
    ]);
    const runs = (await load(id)).cells.map(({ run }) => run);
    expect(new Set(runs).size).toBe(3);
    await vi.waitFor(() =>
      expect(
        library.list
          .get()
          ?.map((run) => run.id)
          .sort(),
      ).toEqual([...runs].sort()),
    );
    expect([...(await library.load(runs[1]!))!.curve.steps]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes the scores of a run whose tab was gone before they were there, and trains it no more', async () => {
    const { queue, trained } = open(({ seed }) => (seed === 0 ? { unscored: true } : {}));
    const id = await begin([spec(0)]);
    await queue.start(id);
    const { run } = (await load(id)).cells[0]!;
    expect((await library.load(run!))?.record.scores).toEqual([]);
    trained.length = 0;
    await shelf.change(id, retried(0));
    const scoring = open();
    await scoring.queue.start(id);
    expect((await library.load(run!))?.record).toMatchObject({ status: 'done', scores: [{ step: 6, scores: { knn: 0.5 } }] });
    expect([scoring.trained, await states(id)]).toEqual([[], ['done']]);
  });

  it('trains side by side where there is room, each run once', async () => {
    const { queue, trained } = open(undefined, { lanes: 2 });
    const id = await begin([0, 1, 2, 3, 4].map((seed) => spec(seed)));
    let most = 0;
    queue.subscribe(() => {
      most = Math.max(most, queue.get().doing.length);
    });
    await queue.start(id);
    expect(most).toBe(2);
    expect(trained).toHaveLength(30);
    expect(await states(id)).toEqual(Array(5).fill('done'));
  });

  it('lets a second experiment wait for the first, and a third for the second; each begins by itself when the one before it has ended', async () => {
    let waitsAt: number | undefined = 2;
    const { queue, trained, began } = open(({ seed }) => (seed === 0 && waitsAt ? { waitsAt } : {}));
    const [first, second, third] = [await begin([spec(0)]), await begin([spec(1)]), await begin([spec(2)])];
    const all = queue.start(first!);
    await reaches(queue, 2);
    await queue.start(second!);
    const since = (await load(second!)).waits!;
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(since));
    await queue.start(third!);
    expect(queue.get()).toMatchObject({ running: true, trouble: null, experiment: { id: first } });
    const list = await Promise.all([third!, first!, second!].map(load));
    const before = async (id: string) => waitsFor(list, await load(id), first!)?.id;
    expect([await before(second!), await before(third!)]).toEqual([first, second]);
    expect(trained.every((each) => each.spec.seed === 0)).toBe(true);
    waitsAt = undefined;
    await all;
    expect((await Promise.all([first!, second!, third!].map(states))).flat()).toEqual(['done', 'done', 'done']);
    expect(began).toEqual([first, second, third]);
    expect(queue.get().running).toBe(false);
  });

  it.each([
    ['stopped', ended],
    ['paused', paused],
    ['deleted', (now: Experiment): Experiment => ({ ...now, deleted: 1 })],
  ])('begins the next one also when the one before it is %s, but none that was taken out of the line', async (_, change) => {
    const { queue, began, trained } = open(({ seed }) => (seed === 0 ? { waitsAt: 2 } : {}));
    const [first, out, next] = [await begin([spec(0)]), await begin([spec(1)]), await begin([spec(2)])];
    const all = queue.start(first!);
    await reaches(queue, 2);
    await queue.start(out!);
    await queue.start(next!);
    await shelf.change(out!, cancelled);
    await shelf.change(first!, change);
    await all;
    expect(began).toEqual([first, next]);
    expect([await states(out!), await states(next!)]).toEqual([['waiting'], ['done']]);
    expect(trained.some((each) => each.spec.seed === 1)).toBe(false);
  });

  it('keeps the line over a reload, and takes up what another tab put in it', async () => {
    const before = open(() => ({ waitsAt: 2 }));
    const [first, second] = [await begin([spec(0)]), await begin([spec(1)])];
    void before.queue.start(first!);
    await reaches(before.queue, 2);
    // Another tab: the queue is taken, so it only gets in line.
    const other = open(undefined, { claimed: () => true });
    await other.queue.start(second!);
    expect([other.trained, other.queue.get().trouble, other.queue.get().running]).toEqual([[], null, false]);
    // The first tab is reloaded: its experiment goes on, and the next one follows.
    const after = open();
    await after.queue.start(first!);
    expect(after.began).toEqual([first, second]);
    expect([await states(first!), await states(second!)]).toEqual([['done'], ['done']]);
    expect((await load(second!)).waits).toBeNull();
  });

  it('takes the line up when the tab that trained it is gone, unless that trains again', async () => {
    const waiting = async () => {
      const tab = { claimed: true, close: () => {} };
      const free = new Promise<void>((resolve) => {
        tab.close = resolve;
      });
      const here = open(undefined, { claimed: () => tab.claimed, free });
      const id = await begin([spec(0)]);
      await here.queue.start(id);
      expect(await states(id)).toEqual(['waiting']);
      return { tab, here, id };
    };
    const reloaded = await waiting();
    reloaded.tab.close();
    await vi.waitFor(async () => expect((await load(reloaded.id)).waits).not.toBeNull());
    expect(await states(reloaded.id)).toEqual(['waiting']);
    await shelf.change(reloaded.id, cancelled);

    const { tab, here, id } = await waiting();
    tab.claimed = false;
    tab.close();
    await vi.waitFor(async () => expect(await states(id)).toEqual(['done']));
    expect(here.began).toEqual([id]);
  });

  it('rests the line when one cannot go on', async () => {
    const { queue } = open(({ seed }) => (seed === 0 ? { waitsAt: 2 } : {}));
    const [first, second] = [await begin([spec(0)]), await begin([spec(1)])];
    const all = queue.start(first!);
    await reaches(queue, 2);
    await queue.start(second!);
    const save = vi.spyOn(library, 'save').mockRejectedValue(new Error('The disk is full'));
    await queue.get().doing[0]!.session.pause();
    await all;
    save.mockRestore();
    expect(queue.get().trouble?.message).toBe('This run could not be kept.');
    expect([(await load(second!)).waits == null, await states(second!)]).toEqual([false, ['waiting']]);
  });

  it('does not train a run that is open elsewhere', async () => {
    const held = open(undefined, { held: () => true });
    const second = await begin([spec(2)]);
    await held.queue.start(second);
    expect((await load(second)).cells[0]!.reason).toBe('Its run is open elsewhere. Close its page, then try again.');
  });

  it('pauses, and says why, when a run cannot be kept', async () => {
    const { queue } = open();
    const id = await begin([spec(0), spec(1)]);
    const save = vi.spyOn(library, 'save').mockRejectedValue(new Error('The disk is full'));
    await queue.start(id);
    save.mockRestore();
    expect(queue.get().trouble).toEqual({ message: 'This run could not be kept.', advice: 'The disk is full.' });
    expect((await load(id)).paused).toBe(true);
  });

  it('leaves the runs beside one that cannot be noted, and is over only when they are closed', async () => {
    const { queue, open: workers } = open(({ seed }) => (seed === 0 ? { waitsAt: 2 } : {}), { lanes: 2 });
    const id = await begin([spec(0), spec(1), spec(2)]);
    const write = shelf.change;
    vi.spyOn(shelf, 'change').mockImplementation((of, next) =>
      write(of, (now) => {
        const changed = next(now);
        if (changed.cells[1]?.state === 'done') throw new Error('The disk is full');
        return changed;
      }),
    );
    await queue.start(id);
    expect(queue.get().trouble).toEqual({ message: 'The experiment could not go on.', advice: 'The disk is full' });
    expect([workers(), queue.get().running, queue.get().doing]).toEqual([0, false, []]);
    expect(await states(id)).toEqual(['waiting', 'running', 'waiting']);
  });

  it('fits the steps to a budget in seconds: measured once for each work, the same for all seeds', async () => {
    const { queue, trained } = open();
    const id = await begin([spec(0, { steps: 1000 }), spec(1, { steps: 1000 }), spec(2, { steps: 1000, couplings: 3 })], {
      kind: 'seconds',
      amount: 2,
    });
    await queue.start(id);
    const { cells } = await load(id);
    // Ten steps a second.
    expect(cells.map((cell) => [cell.state, cell.spec.settings.steps, cell.pace])).toEqual(
      [0, 1, 2].map(() => ['done', 20, { msPerStep: 100, by: 'measured' }]),
    );
    expect((await library.load(cells[1]!.run!))?.record.step).toBe(20);
    const measuring = trained.filter((each) => each.spec.settings.steps === 1000);
    expect(new Set(measuring.map((each) => each.spec.settings.couplings))).toEqual(new Set([2, 3]));
    expect(measuring.some((each) => each.spec.seed === 1)).toBe(false);
  });
});
