import { titleOf } from '../runs.ts';
import type { Library } from './library.ts';

/** More is read into no page: a run of the lab takes a few MB. */
const largest = 500e6;

/** Hands the browser a file to keep. */
export function download(bytes: Uint8Array | string, name: string, type = 'application/octet-stream'): void {
  const address = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  // Not at once: the browser reads it when it has asked where to put it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** "SimCLR on MNIST, night" → "simclr-on-mnist-night" */
export const fileName = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80) || 'run';

/** One run as a run file, several as a comparison. Throws when one is gone. */
export async function packed(shelf: Library, ids: readonly string[]): Promise<{ readonly bytes: Uint8Array; readonly name: string }> {
  const [{ packComparison, packRun }, loaded] = await Promise.all([
    import('../../../src/train/run-file/index.ts'),
    Promise.all(ids.map((id) => shelf.load(id))),
  ]);
  const runs = loaded.flatMap((run) => run ?? []);
  if (runs.length < ids.length) throw new Error(`${ids.length - runs.length} of the chosen runs are no longer here: reload the page`);
  const [first] = runs;
  if (runs.length === 1) return { bytes: packRun(first!), name: `${fileName(titleOf(first!.record))}.run.zip` };
  const name = `${runs.length} runs`;
  return { bytes: packComparison({ name, ids, settings: {} }, runs), name: `${fileName(name)}.comparison.zip` };
}

export type Imported =
  | { readonly file: string; readonly added: readonly string[]; readonly known: number }
  | { readonly file: string; readonly problem: string };

/** Takes in run files and comparisons, each whole or not at all. */
export async function take(shelf: Library, files: readonly File[]): Promise<Imported[]> {
  const { openRunFile } = await import('../../../src/train/run-file/index.ts');
  const results: Imported[] = [];
  for (const file of files) {
    try {
      if (file.size > largest)
        throw new Error(`${file.name} has ${(file.size / 1e6).toFixed(0)} MB; a run file has at most ${largest / 1e6}`);
      const { runs } = openRunFile(new Uint8Array(await file.arrayBuffer()));
      const added = await shelf.add(runs);
      results.push({ file: file.name, added, known: runs.length - added.length });
    } catch (error) {
      results.push({ file: file.name, problem: (error as Error).message });
    }
  }
  return results;
}
