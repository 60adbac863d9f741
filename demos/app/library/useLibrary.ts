import { useEffect, useState } from 'react';
import type { Failure } from '../../../src/worker/protocol.ts';
import { failureOf } from '../run.ts';
import { useStore } from '../store.ts';
import { library } from './index.ts';
import type { Entry, Library } from './library.ts';
import { openRuns } from './locks.ts';

/** The library once it is open; or why this browser keeps nothing. */
export function useLibrary(): { readonly shelf: Library | null; readonly failure: Failure | null } {
  const [state, setState] = useState<{ shelf: Library | null; failure: Failure | null }>({ shelf: null, failure: null });
  useEffect(() => {
    library().then(
      (shelf) => setState({ shelf, failure: null }),
      (error: unknown) =>
        setState({ shelf: null, failure: { message: 'The kept runs cannot be read.', advice: failureOf(error).message } }),
    );
  }, []);
  return state;
}

/** The list of an open library, and which of its runs a tab has open now. */
export function useEntries(shelf: Library): { readonly entries: readonly Entry[] | null; readonly open: ReadonlySet<string> } {
  const entries = useStore(shelf.list);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    // Locks tell nobody when they go: they are asked for, and whenever the list changes.
    const look = () =>
      void openRuns().then((now) =>
        setOpen((before) => (now.size === before.size && [...now].every((id) => before.has(id)) ? before : now)),
      );
    look();
    const unsubscribe = shelf.list.subscribe(look);
    const timer = setInterval(look, 2000);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [shelf]);
  return { entries, open };
}
