import { wrong } from '../wrong.ts';
import { type Found, type ImageSource, MOST_CLASSES, type Trouble } from './found.ts';

const inOrder = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Sources of images as one set: their labelings must have the same names, each with at most 256 different labels; what one of them
 * says is test is held out, where another one is not. Throws an Error that names what does not fit.
 */
export function join(sources: readonly ImageSource[], format: string, name: string, troubles: readonly Trouble[]): Found {
  const ends: number[] = [];
  for (const source of sources) ends.push((ends.at(-1) ?? 0) + source.size);
  const size = ends.at(-1)!;
  const find = (i: number) => {
    const k = ends.findIndex((end) => i < end);
    return [sources[k]!, i - ends[k]! + sources[k]!.size] as const;
  };
  const names = (source: ImageSource) => source.labelings.map((labeling) => labeling.name);
  const odd = sources.find((source) => names(source).join() !== names(sources[0]!).join());
  if (odd) {
    const has = (source: ImageSource) => names(source).join(', ') || 'none';
    throw wrong(
      odd.nameOf(0),
      `has the labels ${has(odd)}`,
      `${has(sources[0]!)}, as ${sources[0]!.nameOf(0)}`,
      'Choose files that are labelled alike',
    );
  }
  const roles = new Set(sources.map(({ role }) => role));
  let heldOut: Uint8Array | null = null;
  if (roles.has('test') && roles.size > 1) {
    heldOut = new Uint8Array(size);
    for (const [k, { role }] of sources.entries()) if (role === 'test') heldOut.fill(1, ends[k - 1] ?? 0, ends[k]);
  }
  const labelings = sources[0]!.labelings.map((labeling, which) => {
    const values = sources.map((source) => source.labelings[which]!.values);
    const known = [...new Set(values.flat())].sort((a, b) =>
      typeof a === 'number' && typeof b === 'number' ? a - b : inOrder(String(a), String(b)),
    );
    if (known.length > MOST_CLASSES)
      throw wrong(
        name,
        `has ${known.length} different labels in ${labeling.name}, such as ${known.slice(0, 3).join(', ')}`,
        `at most ${MOST_CLASSES}`,
        'Join some of them, or choose the images without labels',
      );
    const place = new Map(known.map((value, label) => [value, label]));
    const labels = new Uint8Array(size);
    let at = 0;
    for (const each of values) for (const value of each) labels[at++] = place.get(value)!;
    return { name: labeling.name, classes: known.map(String), labels };
  });
  return {
    format,
    name,
    size,
    labelings,
    heldOut,
    troubles,
    nameOf: (i) => {
      const [source, k] = find(i);
      return source.nameOf(k);
    },
    picture: (i) => {
      const [source, k] = find(i);
      return source.picture(k);
    },
  };
}
