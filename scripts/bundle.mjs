/** Runs a TypeScript program on any Node that we support: Vite bundles it (about a second), Node imports the bundle. */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, main, root, setup } from './setup.mjs';

// tfjs's wasm loaders are CommonJS of old: they look for require and __dirname.
const banner = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`;

/** A folder of this process alone, so that runs at the same time do not meet; gone when the process ends. */
export async function ownFolder() {
  await mkdir(cacheFolder, { recursive: true });
  // A killed process leaves its folder behind: the next one sweeps what is older than a day.
  for (const name of await readdir(cacheFolder)) {
    const path = join(cacheFolder, name);
    const born = await stat(path).then(
      (info) => info.mtimeMs,
      () => Date.now(),
    );
    if (name.startsWith('run-') && Date.now() - born > 86_400_000) await rm(path, { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(cacheFolder, 'run-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bundles `entry` (a path from the repository's root), with `plugins` of Vite's, for this Node; resolves to the bundle's path. */
export async function bundleTypeScript(entry, plugins = []) {
  const { build } = await import('vite');
  const outDir = await ownFolder();
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins,
    ssr: { noExternal: true },
    build: { ssr: entry, outDir, minify: false, emptyOutDir: false, rolldownOptions: { output: { banner, codeSplitting: false } } },
  });
  return join(outDir, output.find((part) => part.type === 'chunk' && part.isEntry).fileName);
}

/**
 * Bundles `entry` and imports it: its top level runs, with `args` as `process.argv.slice(2)`. Resolves to the module, after its
 * top-level awaits.
 */
export async function runTypeScript(entry, args = []) {
  const path = await bundleTypeScript(entry);
  process.argv = [process.execPath, basename(entry), ...args];
  return import(pathToFileURL(path).href);
}

/**
 * What `npm run train`, record and verify do: set-up, data, then the TypeScript program `entry` with this command's arguments.
 * Nothing above imports a package, so this runs before any is installed.
 */
export const launch = (entry) =>
  main(async () => {
    await setup();
    const { prepareOrWarn } = await import('./data.mjs');
    await prepareOrWarn();
    await runTypeScript(entry, process.argv.slice(2));
  });
