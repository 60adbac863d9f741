import type { Control } from '../../../src/hparams.ts';
import { tidy } from '../../app/format.ts';

type Range = Extract<Control, { kind: 'slider' }>;

/** Positions of a slider; a linear whole-number range gets one for each number. */
export const positions = ({ min, max, scale, integer }: Range): number => (integer && scale === 'linear' ? max - min : 200);

/** The slider's position of a value. */
export function toPosition(range: Range, value: number): number {
  const { min, max, scale } = range;
  const share = scale === 'log' ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.round(share * positions(range));
}

/** The value at a position, with three digits that matter; the ends are exact. */
export function fromPosition(range: Range, position: number): number {
  const { min, max, scale, integer } = range;
  const share = position / positions(range);
  if (share <= 0) return min;
  if (share >= 1) return max;
  const value = scale === 'log' ? min * (max / min) ** share : min + share * (max - min);
  return Math.min(max, Math.max(min, integer ? Math.round(scale === 'log' ? tidy(value) : value) : tidy(value)));
}
