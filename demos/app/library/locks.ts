const prefix = 'unlabeled-run-';

/**
 * Claims a run for this tab until the returned function is called or the tab is gone; null when another tab has it.
 * Where the browser knows no locks, every tab gets every run.
 */
export function hold(id: string): Promise<(() => void) | null> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    void navigator.locks.request(prefix + id, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise<void>((release) => resolve(release));
    });
  });
}

/** The runs that a tab, this one or another, has open now. */
export async function openRuns(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
