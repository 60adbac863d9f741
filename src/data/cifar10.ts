import type { ImageSplit } from './dataset.ts';
import { unpack } from './gzip.ts';
import { wrong } from './wrong.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** CIFAR's binary files by the labels before each image: how many classes each counts. */
const cifarLabels = { 'CIFAR-10': { label: 10 }, 'CIFAR-100': { coarse: 20, fine: 100 } } as const;
export type CifarKind = keyof typeof cifarLabels;

/** Bytes of one record: its labels, and three planes. */
export const cifarRecord = (kind: CifarKind): number => Object.keys(cifarLabels[kind]).length + 3 * PLANE;

/**
 * Reads a file of CIFAR-10's or CIFAR-100's binary version, plain or gzipped: records of one label, or of a coarse and a fine
 * one, and then the red, green and blue planes of 32 × 32. `pixels` are turned to NHWC. Format: A. Krizhevsky's page of CIFAR.
 * Throws an Error that names the file, what was found, what was expected and what to do.
 */
export function readCifar(
  bytes: Uint8Array,
  name: string,
  kind: CifarKind,
  advice: string,
): Omit<ImageSplit, 'labels'> & { readonly labels: Readonly<Record<string, Uint8Array>> } {
  const file = unpack(bytes, name);
  const refuse = (found: string, expected: string) => wrong(name, found, expected, advice);
  const record = cifarRecord(kind);
  const classes = Object.entries(cifarLabels[kind]);
  const size = file.length / record;
  if (size < 1 || !Number.isInteger(size))
    throw refuse(
      `has ${file.length} bytes`,
      `whole ${kind} records, a multiple of ${record} (${classes.length === 1 ? 'one label' : 'two labels'} and 3 × 1024 pixels each)`,
    );
  const labels = Object.fromEntries(classes.map(([key]) => [key, new Uint8Array(size)]));
  const pixels = new Uint8Array(size * 3 * PLANE);
  let to = 0;
  for (let i = 0; i < size; i++) {
    const start = i * record;
    classes.forEach(([key, count], k) => {
      const label = file[start + k]!;
      const which = key === 'label' ? 'label' : `${key} label`;
      if (label >= count) throw refuse(`has the ${which} ${label} in record ${i}`, `${which}s from 0 to ${count - 1}`);
      labels[key]![i] = label;
    });
    const from = start + classes.length;
    for (let p = from; p < from + PLANE; p++) {
      pixels[to++] = file[p]!;
      pixels[to++] = file[p + PLANE]!;
      pixels[to++] = file[p + 2 * PLANE]!;
    }
  }
  return { size, pixels, labels };
}

/** CIFAR-10 as set-up writes it. Throws as `readCifar` does. */
export function readCifar10(bytes: Uint8Array, name: string): ImageSplit {
  const { size, pixels, labels } = readCifar(bytes, name, 'CIFAR-10', 'Run `npm run data` to get it anew');
  return { size, pixels, labels: labels.label! };
}
