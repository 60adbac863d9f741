import type { ImageSplit } from './dataset.ts';
import { unpack } from './gzip.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;

/**
 * Reads a file of CIFAR-10's binary version, plain or gzipped: records of 3073 bytes, a label 0 to 9 and then the
 * red, green and blue planes of 32 × 32. `pixels` are turned to NHWC. Format: A. Krizhevsky's page of CIFAR-10.
 * Throws an Error that names the file, what was found, what was expected and what to do.
 */
export function readCifar10(bytes: Uint8Array, name: string): ImageSplit {
  const file = unpack(bytes, name);
  const refuse = (found: string, expected: string) =>
    new Error(`${name} ${found}; expected ${expected}. Run \`npm run data\` to get it anew`);
  const size = file.length / RECORD;
  if (size < 1 || !Number.isInteger(size))
    throw refuse(`has ${file.length} bytes`, `whole CIFAR-10 records, a multiple of ${RECORD} (one label and 3 × 1024 pixels each)`);
  const labels = new Uint8Array(size);
  const pixels = new Uint8Array(size * 3 * PLANE);
  let to = 0;
  for (let i = 0; i < size; i++) {
    const from = i * RECORD + 1;
    const label = file[from - 1]!;
    if (label > 9) throw refuse(`has the label ${label} in record ${i}`, 'labels from 0 to 9');
    labels[i] = label;
    for (let p = from; p < from + PLANE; p++) {
      pixels[to++] = file[p]!;
      pixels[to++] = file[p + PLANE]!;
      pixels[to++] = file[p + 2 * PLANE]!;
    }
  }
  return { size, pixels, labels };
}
