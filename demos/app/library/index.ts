import type { Library } from './library.ts';

let opened: Promise<Library> | null = null;

/** The library of this device, opened when first asked for: its code is not needed to show a page. Rejects where the browser keeps nothing. */
export const library = (): Promise<Library> => {
  opened ??= import('./library.ts').then(({ openLibrary }) => {
    const fresh = openLibrary();
    // A day's grace: another tab may still offer to take a deletion back.
    void fresh.sweep(Date.now() - 86_400_000).catch(() => {});
    return fresh;
  });
  return opened;
};
