/** What a version of the site consists of, and the SHA-256 of each file in hexadecimal, by paths from the site's root. */
export type Site = {
  readonly version: string;
  /** Pages, scripts, styles, wasm: kept as soon as the site is visited. */
  readonly files: Readonly<Record<string, string>>;
  /** Large data sets: kept once they were read. */
  readonly data: Readonly<Record<string, string>>;
};

type Waiting = { waitUntil(work: Promise<unknown>): void };
type FetchEvent = Waiting & { readonly request: Request; respondWith(response: Promise<Response>): void };
export type Scope = {
  readonly registration: { readonly scope: string };
  readonly caches: CacheStorage;
  readonly crypto: Crypto;
  readonly fetch: typeof fetch;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Waiting) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
};

/**
 * The service worker that lets the site work offline. A version is kept whole, in a cache of its own, before it can be used: every
 * file must have the very bytes of its build, so that two versions never mix. It takes over when no page of the old one is open,
 * or when a page says so. Responses keep the headers that the server sent, those of cross-origin isolation included.
 *
 * scripts/vite-offline.ts writes it into the built site: it must stand alone, without imports.
 */
export function offline(scope: Scope, { version, files, data }: Site): void {
  const prefix = 'unlabeled-site-';
  const cacheName = `${prefix}${version}`;
  // Also written by the training worker: src/worker/keep.ts.
  const dataCache = 'unlabeled-data';
  const root = scope.registration.scope;
  const urlOf = (path: string) => new URL(path, root).href;
  const pathOf = (url: string) => decodeURI(url.slice(root.length).replace(/[?#].*$/, '')) || 'index.html';

  const isExact = async (bytes: ArrayBuffer, hash: string) => {
    const digest = new Uint8Array(await scope.crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === hash;
  };

  const install = async () => {
    const cache = await scope.caches.open(cacheName);
    const waiting = Object.entries(files);
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const [path, hash] = next;
        // Unchanged files of the version before need not be sent again.
        const old = await scope.caches.match(urlOf(path));
        if (old && (await isExact(await old.clone().arrayBuffer(), hash))) {
          await cache.put(urlOf(path), old);
          continue;
        }
        const response = await scope.fetch(urlOf(path), { cache: 'no-cache' });
        if (!response.ok || response.redirected || !(await isExact(await response.clone().arrayBuffer(), hash)))
          throw new Error(`${path} is not the file that this version was built with: the site is being changed, or a proxy edits it`);
        await cache.put(urlOf(path), response);
      }
    };
    // A few at a time: a page that trains meanwhile should not feel it.
    await Promise.all([work(), work()]);
  };

  const activate = async () => {
    // The version before stays: its other pages may still ask for parts that they load late.
    const sites = (await scope.caches.keys()).filter((name) => name.startsWith(prefix) && name !== cacheName);
    await Promise.all(sites.slice(0, -1).map((name) => scope.caches.delete(name)));
    await scope.clients.claim();
  };

  /** A data file: the kept one if its bytes are those of this version, else the server's, which is kept if they are. */
  const answerData = async (request: Request, hash: string): Promise<Response> => {
    const cache = await scope.caches.open(dataCache);
    const url = urlOf(pathOf(request.url));
    const kept = await cache.match(url);
    if (kept && (await isExact(await kept.clone().arrayBuffer(), hash))) return kept;
    const response = await scope.fetch(request);
    if (response.ok && (await isExact(await response.clone().arrayBuffer(), hash))) await cache.put(url, response.clone()).catch(() => {});
    return response;
  };

  const answer = async (request: Request, path: string): Promise<Response> => {
    const cache = await scope.caches.open(cacheName);
    // Names with a hash in them belong to one version alone, so those of the one before may be asked for as well.
    return (await cache.match(urlOf(path))) ?? (await scope.caches.match(urlOf(path))) ?? scope.fetch(request);
  };

  scope.addEventListener('install', (event) => event.waitUntil(install()));
  scope.addEventListener('activate', (event) => event.waitUntil(activate()));
  scope.addEventListener('message', (event) => event.data === 'take over' && void scope.skipWaiting());
  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    if (request.method !== 'GET' || !request.url.startsWith(root) || request.headers.has('range')) return;
    const path = pathOf(request.url);
    if (Object.hasOwn(data, path)) event.respondWith(answerData(request, data[path]!));
    else if (Object.hasOwn(files, path) || path.startsWith('assets/')) event.respondWith(answer(request, path));
  });
}
