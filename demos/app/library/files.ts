import { save } from '../export/save.ts';
import { titleOf } from '../runs.ts';
import type { Library } from './library.ts';

/** More is read into no page: a run of the lab takes a few MB. */
const largest = 500e6;

/** Hands out one run as a run file, several as a comparison. Throws when one is gone. */
export async function saveRuns(shelf: Library, ids: readonly string[]): Promise<void> {
  const [{ packComparison, packRun }, loaded] = await Promise.all([
    import('../../../src/train/run-file/index.ts'),
    Promise.all(ids.map((id) => shelf.load(id))),
  ]);
  const runs = loaded.flatMap((run) => run ?? []);
  if (runs.length < ids.length) throw new Error(`${ids.length - runs.length} of the chosen runs are no longer here: reload the page`);
  const [first] = runs;
  const one = runs.length === 1;
  const name = one ? titleOf(first!.record) : `${runs.length} runs`;
  const bytes = one ? packRun(first!) : packComparison({ name, ids, settings: {} }, runs);
  save(new Blob([bytes as BlobPart], { type: 'application/zip' }), `${name}.${one ? 'run' : 'comparison'}.zip`);
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
