/** The sources as modules in a real browser: Vite's development server, without the app. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'vite';
import type { Served } from './browser.ts';

/** Serves the repository's sources, and at `url` a page that holds nothing but the exports of one module, as `globalThis.exported`. */
export async function serveModule(path: string): Promise<Served> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'unlabeled-modules-'));
  const server = await createServer({
    configFile: false,
    root: join(import.meta.dirname, '../..'),
    cacheDir,
    appType: 'custom',
    logLevel: 'error',
    // No address but its own: the cache is outside of the root, where Vite would refuse it.
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { strict: false } },
    optimizeDeps: { entries: [path] },
    plugins: [
      {
        name: 'page-of-one-module',
        configureServer: ({ middlewares }) => {
          middlewares.use('/module.html', (_, response) => {
            response.setHeader('Content-Type', 'text/html');
            response.end(
              `<!doctype html><link rel="icon" href="data:,"><script type="module">import * as m from '/${path}'; globalThis.exported = m</script>`,
            );
          });
        },
      },
    ],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (!address || typeof address === 'string') throw new Error('The development server told no address.');
  return {
    url: `http://127.0.0.1:${address.port}/module.html`,
    close: async () => {
      await server.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}
