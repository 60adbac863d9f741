import { useEffect } from 'react';
import type { DatasetInfo } from '../../src/data/datasets.ts';
import type { OwnInfo, OwnStore } from '../../src/data/own/store.ts';
import { declareOwn } from './catalogue.ts';
import { idle } from './later.ts';
import { store, useStore } from './store.ts';

/** The reader's own sets as far as they are known: null before the first look. */
const sets = store<readonly OwnInfo[] | null>(null);
export const ownSets: Pick<typeof sets, 'get' | 'subscribe'> = sets;

let opened: Promise<OwnStore> | null = null;

/** The store of this device; its code is not needed to show a page. */
export const ownStore = (): Promise<OwnStore> => {
  opened ??= import('../../src/data/own/store.ts').then(({ openStore }) => openStore());
  return opened;
};

const infoOf = ({ id, name, shape, classes, format }: OwnInfo): DatasetInfo => ({
  ...{ id, name, shape, classes, kind: 'images' },
  summary: `Your own images, from ${format}. They are kept in this browser only.`,
});

/** Looks what is there, and lets the catalogue know. Throws where the browser keeps nothing; then there are none. */
export async function lookForOwn(): Promise<void> {
  try {
    const found = await (await ownStore()).list();
    declareOwn(found.map(infoOf));
    sets.set(found);
  } catch (error) {
    if (!sets.get()) sets.set([]);
    throw error;
  }
}

/** The own sets, looked for when the browser is idle, or at once where the page is about one of them. */
export function useOwn(atOnce = false): readonly OwnInfo[] | null {
  useEffect(() => {
    void (atOnce ? Promise.resolve() : idle()).then(lookForOwn).catch(() => {});
  }, [atOnce]);
  return useStore(sets);
}
