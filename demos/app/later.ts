import { type ComponentType, lazy } from 'react';

/** When the browser has nothing else to do, but not never: what the page can do without at first is loaded then. */
export const idle = () =>
  new Promise<void>((resolve) => {
    // Safari has no idle callback.
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 1000 });
    else setTimeout(resolve, 100);
  });

/** A component whose code comes once it is wanted and the browser is idle; it needs a `Suspense` around it. */
export const later = <P extends object>(load: () => Promise<ComponentType<P>>) =>
  lazy(async () => {
    await idle();
    return { default: await load() };
  });
