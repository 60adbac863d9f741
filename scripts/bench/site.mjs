/** The built site, for the parts that look at its pages: built once, served on a free port. */
import { ownFolder } from '../bundle.mjs';
import { root } from '../setup.mjs';

let built;

/** Builds the site into a folder of its own, once for all parts; resolves to `{ folder, chunks }`. */
export function buildSite() {
  const make = async () => {
    const { build } = await import('vite');
    const folder = await ownFolder();
    const { output } = await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
    return { folder, chunks: output.filter(({ type }) => type === 'chunk') };
  };
  built ??= make();
  return built;
}

/** Serves a built site as `npm run preview` does: `{ url, close }`, the address with a slash at its end. */
export async function serveSite(folder) {
  const { preview } = await import('vite');
  const server = await preview({
    root,
    logLevel: 'error',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0, strictPort: false },
  });
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}
