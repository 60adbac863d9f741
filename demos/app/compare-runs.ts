import { useEffect, useState } from 'react';
import type { Compared } from './compare.ts';
import { library } from './library/index.ts';
import type { Entry, Library } from './library/library.ts';
import { failureOf } from './run.ts';
import { fromRunCurve } from './series.ts';

/** What the library has of the runs that were asked for. */
export type Kept = {
  /** In the order of the ids. */
  readonly runs: readonly Compared[];
  /** Ids that this device does not have, or no longer. */
  readonly missing: readonly string[];
  /** All that there is to choose from, the newest first. */
  readonly all: readonly Entry[];
};
type State = Kept | { readonly failure: string } | null;

/** The same run as far as this page shows it, but for its curve, which comes with `updated`. */
const same = (a: Entry, b: Entry) => a.updated === b.updated && a.name === b.name && a.color === b.color;

/** Follows runs in a library: tells at once, and again whenever one of them was saved or marked. Returns the way to stop. */
export function followRuns(
  { list, failure, curves }: Pick<Library, 'list' | 'failure' | 'curves'>,
  ids: readonly string[],
  tell: (state: State) => void,
) {
  const known = new Map<string, { readonly entry: Entry; readonly run: Compared }>();
  let runs: readonly Compared[] = [];
  let over = false;
  let busy = false;
  let again = false;
  const read = async () => {
    const all = list.get();
    if (!all) return;
    const wanted = ids.flatMap((id) => all.find((entry) => entry.id === id) ?? []);
    const stale = wanted.filter((entry) => known.get(entry.id)?.entry.updated !== entry.updated);
    const fresh = await curves(stale.map(({ id }) => id));
    for (const entry of wanted) {
      const old = known.get(entry.id);
      const row = fresh[stale.indexOf(entry)];
      if (!row && (!old || same(old.entry, entry))) continue;
      const curve = row ? fromRunCurve(row) : old!.run.curve;
      known.set(entry.id, { entry, run: { record: entry, curve } });
    }
    const now = wanted.flatMap(({ id }) => known.get(id)?.run ?? []);
    // The very list as before where none of them changed: nothing is drawn anew when another run is saved.
    if (now.length !== runs.length || now.some((run, i) => run !== runs[i])) runs = now;
    const missing = ids.filter((id) => !runs.some(({ record }) => record.id === id));
    if (!over) tell({ runs, missing, all });
  };
  const look = async () => {
    if (failure.get()) return tell({ failure: failure.get()! });
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again && !over) {
        again = false;
        await read();
      }
    } catch (error) {
      if (!over) tell({ failure: failureOf(error).message });
    } finally {
      busy = false;
    }
  };
  const stops = [list.subscribe(look), failure.subscribe(look)];
  void look();
  return () => {
    over = true;
    for (const stop of stops) stop();
  };
}

/** Runs of this device's library, as they are now; null until they are read. */
export function useKeptRuns(ids: readonly string[]): State {
  const [state, setState] = useState<State>(null);
  const key = ids.join(',');
  useEffect(() => {
    let stop = () => {};
    let over = false;
    library().then(
      (opened) => {
        if (!over) stop = followRuns(opened, key === '' ? [] : key.split(','), setState);
      },
      (error) => !over && setState({ failure: failureOf(error).message }),
    );
    return () => {
      over = true;
      stop();
    };
  }, [key]);
  return state;
}
