import { wrong } from '../wrong.ts';
import type { Decode, ImageSource, Role } from './found.ts';
import { readPicture } from './picture.ts';

/** Names that say picture. What they hold is checked when they are read. */
export const pictureName = /\.(png|jpe?g|webp)$/i;

/** What systems leave behind in folders and archives. */
export const isClutter = (path: string): boolean =>
  path.split('/').some((part) => part.startsWith('.') || /^(__MACOSX|Thumbs\.db|desktop\.ini)$/i.test(part));

const roles: Readonly<Record<string, Role>> = {
  ...{ train: 'train', training: 'train', test: 'test', testing: 'test', val: 'test', valid: 'test', validation: 'test' },
};

/**
 * Pictures by their paths: the folders that all share are left away, then a folder train, test or val tells what is held out,
 * then the next folder is the label. All lie in such folders, or none does and there are no labels.
 * Throws an Error that names a picture which lies otherwise.
 */
export function folderSources(paths: readonly string[], read: (i: number) => Promise<Uint8Array>, decode: Decode): ImageSource[] {
  const folders = paths.map((path) => path.split('/').slice(0, -1));
  let shared = 0;
  while (folders.every((folder) => folder.length > shared && folder[shared] === folders[0]![shared])) shared++;
  const inner = folders.map((folder) => folder.slice(shared));
  const split = inner.every(([first]) => first !== undefined && Object.hasOwn(roles, first.toLowerCase()));
  const labels = inner.map((folder) => folder[split ? 1 : 0]);
  const labelled = labels.filter((label) => label !== undefined).length;
  if (labelled > 0 && labelled < paths.length) {
    const without = paths[labels.indexOf(undefined)]!;
    const advice = 'Put every picture into the folder of its label, or all of them into one folder for no labels';
    throw wrong(without, 'lies in no folder of a label', `one, as for ${labelled} of the ${paths.length} pictures`, advice);
  }
  return [...new Set(inner.map(([first]) => (split ? roles[first!.toLowerCase()]! : null)))].map((role) => {
    const rows = paths.flatMap((_, i) => (!split || roles[inner[i]![0]!.toLowerCase()] === role ? [i] : []));
    return {
      role,
      size: rows.length,
      labelings: labelled > 0 ? [{ name: 'folder', values: rows.map((i) => labels[i]!) }] : [],
      nameOf: (k) => paths[rows[k]!]!,
      picture: async (k) => readPicture(await read(rows[k]!), paths[rows[k]!]!, decode),
    };
  });
}
