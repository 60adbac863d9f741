import type { ReadFile } from '../data/dataset.ts';

/**
 * Reads as `read` does, and keeps what it read for when the site is offline, in the cache from which its service worker
 * (demos/offline/service-worker.ts) answers: on the first visit that one is not there yet to see what is read. Best effort: where the browser
 * has no cache, or no room, nothing is kept.
 */
export const keeping =
  (read: ReadFile, baseUrl: string): ReadFile =>
  async (name) => {
    const bytes = await read(name);
    const keep = async () => {
      const cache = await caches.open('unlabeled-data');
      const url = `${baseUrl.replace(/\/*$/, '')}/${name}`;
      if (!(await cache.match(url))) await cache.put(url, new Response(bytes as Uint8Array<ArrayBuffer>));
    };
    if ('caches' in globalThis) void keep().catch(() => {});
    return bytes;
  };
