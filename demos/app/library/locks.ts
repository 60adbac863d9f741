const prefix = 'unlabeled-run-';

/** A page that is being reloaded holds on to its names until it is gone: so long a claim waits. */
const patience = 1500;

/**
 * Claims a name for this tab until the returned function is called or the tab is gone; null when another tab has it.
 * Where the browser knows no locks, every tab gets every name.
 */
export function claim(name: string): Promise<(() => void) | null> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    const claimed = () => new Promise<void>((release) => resolve(release));
    navigator.locks.request(name, { signal: AbortSignal.timeout(patience) }, claimed).catch(() => resolve(null));
  });
}

/** Resolves some time after the last tab that holds a name has let go of it: by then one that was only reloaded holds it again. */
export async function freed(name: string): Promise<void> {
  await navigator.locks?.request(name, () => {});
  await new Promise((resolve) => setTimeout(resolve, 4 * patience));
}

/** Claims a run for this tab, as `claim` does. */
export const hold = (id: string): Promise<(() => void) | null> => claim(prefix + id);

/** The runs that a tab, this one or another, has open now. */
export async function openRuns(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
