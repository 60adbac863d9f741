import Dexie from 'dexie';
import { indexedDB as fake, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OwnSet, openStore, toDataset } from '../../../src/data/own/store.ts';

Dexie.dependencies.indexedDB = fake;
Dexie.dependencies.IDBKeyRange = IDBKeyRange;

const objects = IDBObjectStore.prototype as unknown as { put: (...given: unknown[]) => unknown };

const split = (size: number) => ({ size, pixels: new Uint8Array(size * 784).fill(size), labels: new Uint8Array(size) });
const set = (id: string, created: string): OwnSet => ({
  info: {
    id,
    created,
    name: `set ${id}`,
    format: 'NumPy',
    shape: [28, 28, 1],
    classes: ['a', 'b'],
    train: 3,
    test: 2,
    left: 0,
    bytes: 3925,
  },
  train: split(3),
  test: split(2),
});

let store: ReturnType<typeof openStore>;
beforeEach(() => {
  store = openStore('test-data');
});
afterEach(async () => {
  store.close();
  await Dexie.delete('test-data');
});

describe('sets of one’s own', () => {
  it('are kept, listed oldest first without pixels, renamed, deleted and put back', async () => {
    expect(await store.list()).toEqual([]);
    await store.put(set('own-b', '2030-01-02'));
    await store.put(set('own-a', '2030-01-01'));
    expect(await store.list()).toEqual([set('own-a', '2030-01-01').info, set('own-b', '2030-01-02').info]);
    await store.rename('own-a', '  Cats ');
    await store.rename('own-a', '   ');
    expect((await store.list())[0]!.name).toBe('Cats');
    const removed = await store.remove('own-a');
    expect(await store.list()).toHaveLength(1);
    await store.put(removed);
    expect(await store.get('own-a')).toEqual({ ...set('own-a', '2030-01-01'), info: { ...set('own-a', '2030-01-01').info, name: 'Cats' } });
    expect(toDataset(await store.get('own-a'))).toMatchObject({
      kind: 'images',
      id: 'own-a',
      name: 'Cats',
      shape: [28, 28, 1],
      test: { size: 2 },
    });
  });

  it('that are not here are missing data', async () => {
    const sentence = /^There is no set of your own with the id own-x on this device\. Import it again/;
    await expect(store.get('own-x')).rejects.toMatchObject({ name: 'MissingData', message: expect.stringMatching(sentence) });
    await expect(store.remove('own-x')).rejects.toThrow(sentence);
  });

  it('are there whole or not at all, and a full device says so', async () => {
    await store.put(set('own-a', '2030-01-01'));
    const { put } = objects;
    let calls = 0;
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    // The pixels fit, what is known of them no longer does.
    objects.put = function (this: unknown, ...given) {
      return ++calls > 1 ? full() : put.apply(this, given);
    };
    try {
      await expect(store.put(set('own-b', '2030-01-02'))).rejects.toThrow(/^This device has no room left for the set; nothing was kept/);
    } finally {
      objects.put = put;
    }
    expect(await store.list()).toHaveLength(1);
    await expect(store.get('own-b')).rejects.toThrow(/no set of your own/);
  });
});
