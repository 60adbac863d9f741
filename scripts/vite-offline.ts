import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Plugin, transformWithOxc } from 'vite';

/** Fonts for browsers that have no wasm, and what only the README shows. */
const leftOut = /\.(ttf|woff|map)$|^screenshot\.png$|^sw\.js$/;

/**
 * Writes the service worker `sw.js` into the built site: the code of demos/offline/service-worker.ts with the list of all built files
 * and their hashes. Our own hundred lines instead of a library: the list, and that no two versions mix, are all that is needed.
 */
export function offline(): Plugin {
  return {
    name: 'unlabeled:offline',
    apply: 'build',
    enforce: 'post',
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler({ dir }) {
        if (!dir) return;
        const files: Record<string, string> = {};
        const data: Record<string, string> = {};
        const names = await readdir(dir, { recursive: true, withFileTypes: true });
        const paths = names
          .filter((entry) => entry.isFile())
          .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'));
        for (const path of paths.sort())
          if (!leftOut.test(path))
            (path.startsWith('data/') ? data : files)[path] = createHash('sha256')
              .update(await readFile(join(dir, path)))
              .digest('hex');
        const version = createHash('sha256').update(JSON.stringify({ files, data })).digest('hex').slice(0, 16);
        const source = join(import.meta.dirname, '../demos/offline/service-worker.ts');
        const { code } = await transformWithOxc(await readFile(source, 'utf8'), source);
        const classic = code
          .replace(/^export (?=function )/m, '')
          .replace(/^export \{\s*\};?$/m, '')
          .replace(/^\/\/# sourceMappingURL.*$/m, '');
        if (/^(import|export)\b/m.test(classic))
          this.error('demos/offline/service-worker.ts must stand alone: a service worker of today has no modules.');
        await writeFile(join(dir, 'sw.js'), `${classic}\noffline(self, ${JSON.stringify({ version, files, data })});\n`);
      },
    },
  };
}
