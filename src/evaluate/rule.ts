import type { Dataset, DigitRule, SceneDataset } from '../data/dataset.ts';
import { sceneSide } from '../data/digit-scenes.ts';
import { quarterSide, reader } from '../data/glyphs.ts';
import type { Method } from '../methods/method.ts';
import type { Breathe } from '../ops/breathe.ts';
import * as tf from '../tf.ts';
import { mapRows, toUnit } from '../train/batches.ts';
import type { Still } from '../train/session.ts';
import { mean } from './generation.ts';
import type { Scores } from './scores.ts';

/** What a judge reads in a scene: the digit of each quarter, row by row, −1 where there is none or no single one. */
export type Reading = { readonly digits: readonly number[]; readonly whole: boolean; readonly obeys: boolean };

/** A judge of scenes [32 × 32] in [0, 1]: whole with a digit in each quarter, and obeying if each is one more than the one before it, modulo 10. */
export function judge(rule: Pick<DigitRule, 'pixels' | 'labels' | 'limit'>): (scene: Float32Array) => Reading {
  const read = reader(rule, rule.limit);
  const quarter = new Float32Array(quarterSide * quarterSide);
  return (scene) => {
    const digits = [0, 1, 2, 3].map((k) => {
      const corner = (k >> 1) * quarterSide * sceneSide + (k & 1) * quarterSide;
      for (let r = 0; r < quarterSide; r++)
        quarter.set(scene.subarray(corner + r * sceneSide, corner + r * sceneSide + quarterSide), r * quarterSide);
      return read(quarter).digit;
    });
    const whole = digits.every((digit) => digit >= 0);
    return { digits, whole, obeys: whole && digits.every((digit, k) => k === 0 || digit === (digits[k - 1]! + 1) % 10) };
  };
}

/** Samples that are judged. */
const judged = 500;

/** Whether samples can be held against a rule. */
export const isJudged = (method: Method, data: Dataset): boolean => data.kind === 'scenes' && !!data.rule && !!method.sample;

/** Of 500 samples, the shares with one digit in each quarter, and with the right ones; and of as many held-out scenes. */
export async function ruleScores(session: Still, { rule, shape, test }: SceneDataset, breathe: Breathe): Promise<Scores> {
  const { method, run } = session;
  const c = session.context('judge samples');
  const draw = (from: number, n: number) => tf.reshape(method.sample!(run, n, 1, { ...c, rng: c.rng.split(from) }), [n, -1]) as tf.Tensor2D;
  const { values, columns } = await mapRows(judged, draw, { batch: 50, breathe });
  const read = judge(rule!);
  const readings: Reading[] = [];
  for (let i = 0; i < judged; i++) {
    if (i % 20 === 0) await breathe();
    readings.push(read(values.subarray(i * columns, (i + 1) * columns)));
  }
  const size = shape[0] * shape[1];
  const held = [];
  for (let i = 0; i < Math.min(judged, test.size); i++) {
    if (i % 20 === 0) await breathe();
    held.push(read(toUnit(test.pixels.subarray(i * size, (i + 1) * size))));
  }
  const share = (of: readonly Reading[], what: 'whole' | 'obeys') => mean(of.map((reading) => Number(reading[what])));
  return { wholeScenes: share(readings, 'whole'), obeyedRule: share(readings, 'obeys'), obeyedRuleHeldOut: share(held, 'obeys') };
}
