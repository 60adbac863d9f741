/** Files that are whole or not there: written aside, verified, renamed; and the little of tar that a package needs. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from './setup.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * Writes `chunks` (anything that `for await` walks) to `path`: into a file beside it, verified, then renamed, so that `path` never holds half.
 * `verify(aside)` throws to refuse the file; whatever fails, nothing is left behind and an earlier file at `path` stays.
 */
export async function writeAside(path, chunks, verify) {
  const aside = `${path}.${process.pid}.partial`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(aside, 'w');
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await verify(aside);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Writes `bytes` to `path` whole, reads them back, and returns its line of the manifest. */
export async function writeVerified(path, bytes) {
  const wanted = { bytes: bytes.length, sha256: sha256(bytes) };
  await writeAside(path, [bytes], async (aside) => {
    if (sha256(await readFile(aside)) !== wanted.sha256)
      fail(`${path} was not written as it should: check the disk and run the command again.`);
  });
  return wanted;
}

/** Is the file at `path` what its line of the manifest says? */
export async function isIntact(path, { bytes, sha256: wanted }) {
  const found = await readFile(path).catch(() => undefined);
  return found !== undefined && found.length === bytes && sha256(found) === wanted;
}

/** Refuses a file whose sha512 is not the one that npm publishes (`sha512-` and base64). */
export async function checkIntegrity(path, integrity, name = path) {
  const found = `sha512-${createHash('sha512')
    .update(await readFile(path))
    .digest('base64')}`;
  if (found !== integrity) {
    const short = (text) => `${text.slice(0, 19)}…`;
    fail(`the download of ${name} is corrupted (${short(found)}, expected ${short(integrity)}) and was thrown away`);
  }
}

/** The plain files of an uncompressed tar archive: name → bytes (views, not copies). Throws on a truncated archive or a bad checksum. */
export function untar(tar) {
  const files = new Map();
  const text = (from, length) => new TextDecoder().decode(tar.subarray(from, from + length)).replace(/\0.*$/s, '');
  const octal = (from, length) => Number.parseInt(text(from, length).trim() || '0', 8);
  let at = 0;
  while (at + 512 <= tar.length && tar[at] !== 0) {
    // The header's sum is taken with its own eight bytes read as spaces.
    let sum = 8 * 32;
    for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += tar[at + i];
    const size = octal(at + 124, 12);
    if (sum !== octal(at + 148, 8) || !(size >= 0)) throw new Error(`tar: the header at byte ${at} is damaged`);
    if (at + 512 + size > tar.length) throw new Error(`tar: the archive ends at byte ${tar.length}, inside ${text(at, 100)}`);
    const prefix = text(at + 257, 5) === 'ustar' ? text(at + 345, 155) : '';
    const type = text(at + 156, 1);
    if (type === '' || type === '0') files.set((prefix && `${prefix}/`) + text(at, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
