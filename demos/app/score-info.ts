import type { ScoreKey } from '../../src/evaluate/scores.ts';

export type ScoreGroup =
  | 'representation'
  | 'projection'
  | 'clusters'
  | 'generation'
  | 'samples'
  | 'ratio'
  | 'drawn'
  | 'graph'
  | 'objects'
  | 'named'
  | 'rule'
  | 'classification'
  | 'integral';

/** A score in words: the pages of a run and of a comparison draw the same list. */
export type ScoreInfo = {
  readonly key: ScoreKey;
  readonly name: string;
  readonly group: ScoreGroup;
  readonly format: (value: number) => string;
  /** Which way is better; null where neither is. */
  readonly better: 'higher' | 'lower' | null;
  /** One line. */
  readonly what: string;
  /** Its name where it stands for a whole run, in a list: of scores that say most of one. */
  readonly headline?: string;
  /** What to compare it with: scores of something else, drawn beside it. */
  readonly beside?: readonly { readonly key: ScoreKey; readonly name: string; readonly format?: (value: number) => string }[];
};

export const minus = (text: string) => text.replace('-', '−');
export const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
export const plain = (value: number) => minus(value.toFixed(3));
export const nats = (digits: number) => (value: number) => `${minus(value.toFixed(digits))} nats`;
export const rank = (value: number) => value.toFixed(1);
