import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import type { Plugin } from 'vite';
import { bundleTypeScript } from './bundle.mjs';

const name = 'virtual:catalogue';

/** The catalogue as code. Methods and data sets share most groups of settings: each group is written once, further apart than gzip looks back. */
function asModule(catalogue: unknown): string {
  const groups: string[] = [];
  const text = JSON.stringify(catalogue, (_, value) => {
    if (typeof value !== 'object' || value === null || !('group' in value)) return value;
    const group = JSON.stringify(value);
    if (!groups.includes(group)) groups.push(group);
    return { $: groups.indexOf(group) };
  });
  return `const groups = ${JSON.stringify(groups)}.map((group) => JSON.parse(group));
export default JSON.parse(${JSON.stringify(text)}, (_, value) => (value && '$' in Object(value) ? groups[value.$] : value));`;
}

/**
 * The module `virtual:catalogue`: names, settings and equations of every method as JSON, so that the page has them without the
 * methods' code, which brings tfjs along. It is made by running `scripts/catalogue.ts` over the methods' objects, and anew when
 * one of their files changes.
 */
export function catalogue(): Plugin {
  return {
    name: 'unlabeled:catalogue',
    resolveId: (id) => (id === name ? `\0${name}` : null),
    async load(id) {
      if (id !== `\0${name}`) return null;
      let files: string[] = [];
      const note: Plugin = {
        name: 'unlabeled:catalogue-files',
        buildEnd() {
          files = [...this.getModuleIds()].filter((file) => isAbsolute(file) && !file.includes('node_modules'));
        },
      };
      const bundle: string = await bundleTypeScript('scripts/catalogue.ts', [note]);
      for (const file of files) this.addWatchFile(file);
      // A process of its own: tfjs minds being loaded twice into one.
      const { stdout } = await promisify(execFile)(process.execPath, [bundle], { maxBuffer: 2 ** 26 });
      return asModule(JSON.parse(stdout));
    },
  };
}
