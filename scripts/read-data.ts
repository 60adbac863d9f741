import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MissingData, type ReadFile } from '../src/data/dataset.ts';

/** Reads the prepared data from a folder (`public/data`). Throws `MissingData` when a file is not there. */
export const readLocal =
  (folder: string): ReadFile =>
  async (name) => {
    try {
      const buffer = await readFile(join(folder, name));
      // Not the Buffer itself: its `slice` shares memory, unlike every other Uint8Array's.
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new MissingData(`The data file ${name} is not there. Run \`npm run data\``);
    }
  };
