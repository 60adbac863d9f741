import { MissingData } from '../data/dataset.ts';
import { Diverged } from '../train/train.ts';
import { DeviceLost } from './device.ts';
import type { Failure } from './protocol.ts';

/** What engines, wasm and drivers say when there is no memory left. */
const outOfMemory = /out of memory|out of bounds memory|memory access out of bounds|allocation failed|invalid typed array length|\bOOM\b/i;

/** Whether the device is at fault, so that the same run may go on upon another. */
export const isOfDevice = (error: unknown): boolean => error instanceof DeviceLost || outOfMemory.test(String(error));

/** Whether a run cannot go on after this error. */
export const isFatal = (error: unknown): boolean => error instanceof Diverged || isOfDevice(error);

/** An error in words, with what to try where the message itself does not say. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Diverged)
    return { message, advice: 'Go on from the last good weights with a smaller learning rate, or reset and see what a default run does.' };
  if (error instanceof DeviceLost)
    return {
      message,
      advice: 'Go on from the last good weights. If it happens again, choose the backend wasm, which needs no graphics card.',
    };
  if (error instanceof MissingData) return { message, advice: 'Until then, choose another data set: the 2-D ones need no files.' };
  if (outOfMemory.test(message))
    return {
      message: `The memory is full (${message})`,
      advice: 'Take a smaller batch or a smaller network, close other tabs, and go on from the last good weights.',
    };
  return { message, advice: '' };
}
