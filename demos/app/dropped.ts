import type { OwnFile } from '../../src/data/own/found.ts';

/** More files at once are a mistake. */
const most = 200_000;
const tooMany = () => new Error(`There are more than ${most.toLocaleString('en')} files in it; choose a smaller folder, or a zip archive`);

/** Files of a file chooser; those of a chosen folder know their paths within it. */
export function chosen(list: FileList): OwnFile[] {
  if (list.length > most) throw tooMany();
  return Array.from(list, (blob) => ({ path: blob.webkitRelativePath || blob.name, blob }));
}

/** Files of a drop, with all that lies in dropped folders. Rejects where a folder cannot be read. */
export async function dropped(transfer: DataTransfer): Promise<OwnFile[]> {
  // The list empties itself once the event is over: entries are taken before anything is awaited.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: OwnFile[] = [];
  for (const entry of entries) await collect(entry, '', files);
  return files;
}

async function collect(entry: FileSystemEntry, folder: string, files: OwnFile[]): Promise<void> {
  const path = folder + entry.name;
  if (entry.isFile) {
    if (files.length >= most) throw tooMany();
    files.push({ path, blob: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const each of some) await collect(each, `${path}/`, files);
  }
}
