import type { ImageShape } from '../dataset.ts';
import { wrong } from '../wrong.ts';

/** A file as it was dropped or chosen: its path within what was chosen, and its bytes, read when they are wanted. */
export type OwnFile = { readonly path: string; readonly blob: Blob };

/** A decoded picture: bytes row by row, HWC; the fourth channel is opacity, not multiplied in. */
export type Pixels = {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array | Uint8ClampedArray;
};

/** Decodes PNG, JPEG or WebP; rejects what is damaged. The page has the browser's own decoders, tests have one of theirs. */
export type Decode = (bytes: Uint8Array) => Promise<{ readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray }>;

/** What a file or folder says of itself: whether it is for training or held out. */
export type Role = 'train' | 'test' | null;

/** The labels of some images under one name ("label", "fine", …), one each; names or numbers as they were found. */
export type Labeling = { readonly name: string; readonly values: readonly (string | number)[] };

/** Some images of one origin and role. `picture` reads one of them, in any order, best in theirs. */
export type ImageSource = {
  readonly role: Role;
  readonly size: number;
  readonly labelings: readonly Labeling[];
  readonly nameOf: (i: number) => string;
  readonly picture: (i: number) => Promise<Pixels>;
};

/** A file that cannot be taken, and why. */
export type Trouble = { readonly file: string; readonly message: string };

/** What lies in the files that were chosen; nothing is kept yet. */
export type Found = {
  /** In words: "60 PNG, JPEG or WebP pictures in 3 folders". */
  readonly format: string;
  /** A name for it, from the file or folder. */
  readonly name: string;
  readonly size: number;
  /** The ways in which it is labelled, each with its classes; none where there are no labels. */
  readonly labelings: readonly { readonly name: string; readonly classes: readonly string[]; readonly labels: Uint8Array }[];
  /** 1 where the set itself holds an image out; null where it does not say, and the split is drawn. */
  readonly heldOut: Uint8Array | null;
  /** Files that are no images, which the reader may leave out. */
  readonly troubles: readonly Trouble[];
  readonly nameOf: (i: number) => string;
  readonly picture: (i: number) => Promise<Pixels>;
};

/** How images become those of a set. `labeling` is a place in `Found.labelings`, −1 for no labels. */
export type Choices = {
  readonly name: string;
  readonly labeling: number;
  readonly kind: 'grey' | 'colour';
  /** Crop the middle to a square, fit whole between bars, or stretch. */
  readonly fit: 'crop' | 'fit' | 'stretch';
  /** Behind transparent pixels and bars. */
  readonly background: 'black' | 'white';
  /** Share that is held out where the set does not say, 0.05 to 0.5. */
  readonly heldOut: number;
  readonly seed: number;
  /** At most so many images are kept, drawn by seed. */
  readonly most: number;
  /** Keep the others although some files have troubles. */
  readonly leaveOut: boolean;
};

/** What was chosen so far: sensible for small sets, and no more than a machine of today trains on. */
export const firstChoices = (
  found: { readonly name: string; readonly size: number; readonly labelings: readonly unknown[] },
  kind: Choices['kind'],
): Choices => ({
  name: found.name,
  labeling: found.labelings.length - 1,
  kind,
  fit: 'crop',
  background: 'black',
  heldOut: 0.2,
  seed: 0,
  most: Math.min(found.size, 20_000),
  leaveOut: false,
});

export const shapes = { grey: [28, 28, 1], colour: [32, 32, 3] } as const satisfies Record<Choices['kind'], ImageShape>;

/** More classes than a byte can name are not kept. */
export const MOST_CLASSES = 256;

/** The words of an error of ours; what else is thrown (a full memory, a file that is gone) says nothing of the file. */
export const sentenceOf = (error: unknown, file: string): string =>
  error instanceof Error && error.constructor === Error
    ? error.message
    : wrong(
        file,
        'could not be read',
        'a file that lies still, and memory for it',
        'Check that it is still there, close other tabs, and try again',
      ).message;

/** Text of a file as it may stand in a sentence. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** The role that a path tells: the last of its parts that does. */
export function roleOf(path: string): Role {
  const says = [...path.toLowerCase().matchAll(/(?:^|[^a-z])(train|training|test|testing|t10k|val|valid|validation|heldout)(?=$|[^a-z])/g)];
  const last = says.at(-1)?.[1];
  return last ? (last.startsWith('train') ? 'train' : 'test') : null;
}
