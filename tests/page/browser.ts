/** What page tests share: the browser, and the built site served with and without the headers of cross-origin isolation. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { preview } from 'vite';
import { inject } from 'vitest';
import { findBrowser, softwareFlags } from '../../scripts/browser.mjs';

/** Starts the browser that `npm test` found (or finds one); the caller closes it. */
export async function launch(more: string[] = []): Promise<Browser> {
  const executablePath = await findBrowser();
  if (!executablePath) throw new Error('No Chrome, Chromium or Edge found: run `npm test` once, which installs one.');
  return chromium.launch({ executablePath, args: [...softwareFlags, ...more] });
}

/** A server under test: `url` ends with a slash. */
export type Served = { url: string; close: () => Promise<void> };

/** The folder of the site, built once for all page tests from the sources as they are now. */
export function siteFolder(): string {
  const site = inject('site');
  if ('failure' in site) throw new Error(`The site could not be built:\n${site.failure}`);
  return site.folder;
}

/** Serves the built site as `npm run preview` does, headers included, on a free port. */
export async function servePreview(folder = siteFolder()): Promise<Served> {
  const server = await preview({ logLevel: 'warn', build: { outDir: folder }, preview: { host: '127.0.0.1', port: 0, strictPort: false } });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('The preview server told no address.');
  return { url, close: () => server.close() };
}

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves the built site from a sub-path of a plain static host: no isolation headers, no fallback to index.html. */
export async function serveStatic(subPath = '/some/where/', folder = siteFolder()): Promise<Served> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = path.startsWith(subPath) ? normalize(path.slice(subPath.length) || 'index.html') : '..';
    const file = name.startsWith('..') ? undefined : await readFile(join(folder, name)).catch(() => undefined);
    response.writeHead(file ? 200 : 404, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream' });
    response.end(file ?? 'not found');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The static server told no address.');
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return { url: `http://127.0.0.1:${address.port}${subPath}`, close };
}
