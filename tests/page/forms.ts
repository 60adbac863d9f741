/** Pictures of one's own, as a file to choose. */
import { zipSync } from 'fflate';
import { png } from '../data/own/files.ts';

export const forms = ['circle', 'square', 'stripes'];
export const picture = (n: number): Uint8Array =>
  png(40 + (n % 7), 36, (y, x, c) => {
    const inside = [(x - 20) ** 2 + (y - 18) ** 2 < 150, Math.abs(x - 20) < 10 && Math.abs(y - 18) < 10, (x + y) % 12 < 6][n % 3];
    return inside ? 200 - n + 20 * c : 30 + 10 * c;
  });
/** An archive of 60 pictures in three folders, and whatever else is put in. */
export const archive = (more: Record<string, Uint8Array> = {}) => ({
  name: 'forms.zip',
  mimeType: 'application/zip',
  buffer: Buffer.from(
    zipSync({ ...Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`forms/${forms[n % 3]}/${n}.png`, picture(n)])), ...more }),
  ),
});
