import { type Store, store } from './store.ts';

/** What a browser keeps of a page, or a stand-in for it. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A value that outlives the visit; it stays on this device. */
export type Remembered<T> = Pick<Store<T>, 'get' | 'subscribe'> & {
  /** Changes the value as it is on the device now, which another tab may have changed. */
  readonly change: (next: (now: T) => T) => void;
  readonly forget: () => void;
};

/** The browser's own shelf; null where it is refused (blocked cookies, Node). */
const shelfOfBrowser = (): Shelf | null => {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
};

/**
 * Remembers a value under a key, which carries the version of its format. `read` checks what lies there and gives null
 * for whatever it does not know: then, and where nothing may be kept, the value begins as `empty` and lives as long as the page.
 */
export function remember<T>(
  key: string,
  read: (value: unknown) => T | null,
  empty: T,
  shelf: Shelf | null = shelfOfBrowser(),
): Remembered<T> {
  const load = (otherwise: T): T => {
    try {
      const text = shelf?.getItem(key);
      return text == null ? otherwise : (read(JSON.parse(text)) ?? empty);
    } catch {
      return otherwise;
    }
  };
  const { get, set, subscribe } = store(load(empty));
  return {
    get,
    subscribe,
    change: (next) => {
      const value = next(load(get()));
      set(value);
      try {
        shelf?.setItem(key, JSON.stringify(value));
      } catch {
        // Full, or refused: then it is known until the page is closed.
      }
    },
    forget: () => {
      set(empty);
      try {
        shelf?.removeItem(key);
      } catch {
        // What could not be kept need not be removed.
      }
    },
  };
}

/** Checks for values that come from outside. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isPositive = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0;
export const isDate = (value: unknown): value is string => typeof value === 'string' && Number.isFinite(Date.parse(value));
