/** Builds the site once, before the page tests, into a folder of its own; `siteFolder()` in ./browser.ts names it to the tests. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the built site, or why it could not be built. */
    site: { folder: string } | { failure: string };
  }
}

export default async function site(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'unlabeled-site-'));
  const vite = join(import.meta.dirname, '../../node_modules/vite/bin/vite.js');
  // A process of its own: under Vitest's NODE_ENV the build would hold the development version of React.
  const options = { cwd: join(import.meta.dirname, '../..'), env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' } };
  const build = promisify(execFile)(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'], options);
  // A build that fails fails the page tests, not the run: the other tests still tell what they know.
  const failure = await build.then(
    () => undefined,
    (error: { stderr?: string; message: string }) => error.stderr || error.message,
  );
  project.provide('site', failure === undefined ? { folder } : { failure });
  return () => rm(folder, { recursive: true, force: true });
}
