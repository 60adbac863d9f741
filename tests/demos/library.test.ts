import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepRuns, wholeFrom } from '../../demos/app/library/keeper.ts';
import { type Library, openLibrary } from '../../demos/app/library/library.ts';
import type { RunState } from '../../demos/app/run.ts';
import { fresh } from '../../demos/app/run-state.ts';
import { append, emptyCurve } from '../../demos/app/series.ts';
import { store } from '../../demos/app/store.ts';
import type { Failure } from '../../src/worker/protocol.ts';
import { keptRun } from './kept-run.ts';

let library: Library;
let count = 0;
beforeEach(() => {
  library = openLibrary(`test${count++}`);
});
afterEach(() => library.close());

const listed = async (n: number) => {
  await vi.waitFor(() => expect(library.list.get()?.length).toBe(n));
  return library.list.get()!;
};

describe('the library', () => {
  it('gives back what it was given, to the bit, and lists the newest first', async () => {
    const [first, second] = [keptRun({ created: '2026-01-01T00:00:00.000Z' }), keptRun({ created: '2026-01-02T00:00:00.000Z' })];
    await library.save(first);
    await library.save(second);
    expect(await library.load(first.record.id)).toEqual(first);
    expect((await listed(2)).map(({ id }) => id)).toEqual([second.record.id, first.record.id]);
    expect(await library.curves([second.record.id, 'none'])).toEqual([second.curve, null]);
    expect(await library.load('none')).toBeNull();
  });

  it('says what a run takes', async () => {
    const run = keptRun({});
    await library.save(run);
    // 3 rows of a step, a second and two metrics, and 6 weights, 4 bytes each.
    expect((await listed(1))[0]!.bytes).toBe(4 * (3 * 4 + 6));
  });

  it('leaves what the reader wrote on a run alone when the run goes on', async () => {
    const run = keptRun({});
    await library.save(run);
    await library.mark(run.record.id, { name: 'mine', starred: true });
    await library.save({ ...run, record: { ...run.record, step: 99 } });
    expect((await library.load(run.record.id))?.record).toMatchObject({ name: 'mine', starred: true, step: 99 });
  });

  it('leaves a run in its experiment when its own page goes on with it', async () => {
    const run = keptRun({ experiment: 'e' });
    await library.save(run);
    await library.save({ ...run, record: { ...run.record, experiment: null, step: 99 } });
    expect((await library.load(run.record.id))?.record).toMatchObject({ experiment: 'e', step: 99 });
  });

  it('throws away, takes that back, and frees only what was thrown away before', async () => {
    const [a, b] = [keptRun({}), keptRun({})];
    await library.add([a, b]);
    await library.remove([a.record.id, b.record.id], 1000);
    await listed(0);
    expect(await library.load(a.record.id)).toBeNull();
    await library.restore([a.record.id]);
    await listed(1);
    await library.sweep(1000);
    await library.restore([b.record.id]);
    await listed(2);
    await library.remove([b.record.id], 1000);
    await library.sweep(1001);
    await library.restore([b.record.id]);
    expect((await listed(1))[0]!.id).toBe(a.record.id);
  });

  it('adds runs of others without touching those that are here', async () => {
    const run = keptRun({});
    await library.save(run);
    const other = keptRun({});
    expect(await library.add([{ ...run, record: { ...run.record, step: 1 } }, other])).toEqual([other.record.id]);
    expect((await library.load(run.record.id))?.record.step).toBe(run.record.step);
  });

  it('writes all of a run or nothing, and says so when there is no room', async () => {
    const run = keptRun({});
    await library.save(run);
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'checkpoints') throw new DOMException('no room', 'QuotaExceededError');
      return put.apply(this, args);
    };
    try {
      const later = { ...run, record: { ...run.record, step: 77 }, curve: { ...run.curve, steps: Int32Array.of(1, 2, 9) } };
      await expect(library.save(later)).rejects.toThrow(/no more room.*Delete runs/);
    } finally {
      IDBObjectStore.prototype.put = put;
    }
    expect(await library.load(run.record.id)).toEqual(run);
  });
});

describe('the keeper of a session', () => {
  const spec = keptRun({}).record.spec;
  const setUp = () => {
    const session = store({ ...fresh(spec), status: 'ready', ready: null, step: 0 } as unknown as RunState);
    const troubles: Failure[] = [];
    const keeper = keepRuns(session, { library: async () => library, onTrouble: (trouble) => troubles.push(trouble) });
    const patch = (change: Partial<RunState>) => session.set({ ...session.get(), ...change });
    const curve = emptyCurve();
    append(curve, { step: [1, 2], seconds: [0.5, 1], metrics: { loss: [3, 2] } });
    const ready = { backend: { name: 'wasm', threads: 1 }, parameters: 6 } as unknown as RunState['ready'];
    return { session, keeper, troubles, patch, begun: { id: 'a', curve, ready, status: 'running' } as const };
  };
  const { checkpoint } = keptRun({});

  it('keeps a run from its first row on, and its end', async () => {
    const { keeper, patch, begun } = setUp();
    patch({ status: 'running' });
    await keeper.settled();
    expect(await library.load('a')).toBeNull();
    patch(begun);
    await keeper.settled();
    expect((await library.load('a'))?.record).toMatchObject({ spec, status: 'running', step: 0 });
    patch({ checkpoint });
    patch({ status: 'done' });
    await keeper.settled();
    const kept = await library.load('a');
    expect(kept).toMatchObject({ record: { status: 'done', step: 3, seconds: 1.5 }, checkpoint });
    expect([...kept!.curve.columns.loss!]).toEqual([3, 2]);
    expect(wholeFrom(kept!)).toMatchObject({ id: 'a', origin: spec, checkpoint });
  });

  it('writes the run before and the run after a restart, each under its own name', async () => {
    const { keeper, patch, begun } = setUp();
    patch(begun);
    patch({ checkpoint });
    patch({ ...begun, id: 'b', checkpoint: null });
    await keeper.settled();
    expect((await library.load('a'))?.checkpoint).toEqual(checkpoint);
    expect((await library.load('b'))?.checkpoint).toBeNull();
  });

  it('brings a run back with the settings that were changed while it rested, after its checkpoint', () => {
    const {
      record,
      curve,
      checkpoint: at,
    } = keptRun({
      changes: [
        { step: 2, settings: { temperature: 0.3 } },
        { step: 3, settings: { temperature: 0.9 } },
        { step: 4, settings: { temperature: 5 } },
      ],
    });
    // What was changed after the checkpoint's step is trained again, from the old value on.
    expect(wholeFrom({ record, curve, checkpoint: at }).spec.settings).toEqual({ steps: 10, temperature: 0.9 });
    expect(wholeFrom({ record, curve, checkpoint: null }).spec.settings).toEqual(record.spec.settings);
  });

  it('tells of trouble once, and goes on', async () => {
    const { keeper, patch, begun, troubles } = setUp();
    const save = vi.spyOn(library, 'save').mockRejectedValue(new Error('The disk is full'));
    patch(begun);
    await keeper.settled();
    patch({ checkpoint });
    await keeper.settled();
    expect(troubles).toEqual([{ message: 'This run could not be kept.', advice: 'The disk is full.' }]);
    save.mockRestore();
    patch({ status: 'paused' });
    await keeper.settled();
    expect((await library.load('a'))?.record.status).toBe('paused');
  });
});
