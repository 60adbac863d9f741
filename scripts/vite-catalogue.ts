import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import type { Plugin } from 'vite';
import { bundleTypeScript } from './bundle.mjs';

const name = 'virtual:catalogue';
const json = (value: unknown) => `JSON.parse(${JSON.stringify(JSON.stringify(value))})`;

/** What scripts/catalogue.ts prints, and the files that it was made of. */
type Made = { cards: object; details: Record<string, object>; datasets: object; files: readonly string[] };

/** The details of a method as code. Its data sets share most groups of settings: each group is written once. */
function asModule(details: object): string {
  const groups: string[] = [];
  const text = JSON.stringify(details, (_, value) => {
    if (typeof value !== 'object' || value === null || !('group' in value)) return value;
    const group = JSON.stringify(value);
    if (!groups.includes(group)) groups.push(group);
    return { $: groups.indexOf(group) };
  });
  return `const groups = ${JSON.stringify(groups)}.map((group) => JSON.parse(group));
export default JSON.parse(${JSON.stringify(text)}, (_, value) => (value && '$' in Object(value) ? groups[value.$] : value));`;
}

async function make(): Promise<Made> {
  let files: string[] = [];
  const note: Plugin = {
    name: 'unlabeled:catalogue-files',
    buildEnd() {
      files = [...this.getModuleIds()].filter((file) => isAbsolute(file) && !file.includes('node_modules'));
    },
  };
  const bundle: string = await bundleTypeScript('scripts/catalogue.ts', [note]);
  // A process of its own: tfjs minds being loaded twice into one.
  const { stdout } = await promisify(execFile)(process.execPath, [bundle], { maxBuffer: 2 ** 26 });
  return { ...JSON.parse(stdout), files };
}

/**
 * The module `virtual:catalogue`: what the front page tells of every method, as JSON, so that the page has it without the methods'
 * code, which brings tfjs along; and for each method how to load `virtual:catalogue/<id>`, its settings and equation, which come with
 * its page. All are made by running `scripts/catalogue.ts` over the methods' objects, and anew when one of their files changes.
 */
export function catalogue(): Plugin {
  let made: Promise<Made> | null = null;
  let files: readonly string[] = [];
  return {
    name: 'unlabeled:catalogue',
    resolveId: (id) => (id === name || id.startsWith(`${name}/`) ? `\0${id}` : null),
    watchChange(id) {
      if (files.includes(id)) made = null;
    },
    async load(id) {
      if (!id.startsWith(`\0${name}`)) return null;
      made ??= make().catch((error) => {
        made = null;
        throw error;
      });
      const { cards, details, datasets, ...rest } = await made;
      files = rest.files;
      for (const file of files) this.addWatchFile(file);
      const method = id.slice(name.length + 2);
      if (method) return asModule(details[method]!);
      const loaders = Object.keys(details).map((key) => `${JSON.stringify(key)}: () => import('${name}/${key}')`);
      return `export const cards = ${json(cards)}, datasets = ${json(datasets)}, details = { ${loaders.join(', ')} };`;
    },
  };
}
