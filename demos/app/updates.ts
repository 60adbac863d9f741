import { store } from './store.ts';

/** The service worker of a newer version, which waits until the reader takes it; null while there is none. */
export const update = store<ServiceWorker | null>(null);

/** An open page asks for a newer version this often, in milliseconds. */
const askEvery = 3_600_000;

/**
 * Keeps the site for use offline, and hears of new versions. A new one changes nothing until the reader chooses it: the page goes on
 * with the old one's files. Does nothing where the browser has no service workers, or forbids them (pages over plain http).
 */
export async function keepSite(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register(new URL('sw.js', document.baseURI), { updateViaCache: 'none' });
  const look = () => {
    // Without a controller it is the first version, not a newer one.
    if (registration.waiting && navigator.serviceWorker.controller) update.set(registration.waiting);
  };
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
  look();
  setInterval(() => void registration.update().catch(() => {}), askEvery);
}

/** Takes the newer version: its worker takes over, then the page loads anew. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  update.get()?.postMessage('take over');
}
