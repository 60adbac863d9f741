import { remember } from '../remembered.ts';

/** The browser's shelf of this tab, which outlives a reload, but not the tab; null where it is refused. */
const shelfOfTab = (): Storage | null => {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
};

/** The experiment that this tab trains, or trained last: after a reload it goes on by itself. */
export const active = remember<string | null>(
  'unlabeled.experiment.1',
  (value) => (typeof value === 'string' ? value : null),
  null,
  shelfOfTab(),
);
