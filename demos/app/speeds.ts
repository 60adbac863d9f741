import type { Specs, Value } from '../../src/hparams.ts';
import { isDate, isPositive, isRecord, type Remembered, remember } from './remembered.ts';

/** How long a step of some work took on this device when it was last seen. */
export type Speed = { readonly msPerStep: number; readonly date: string; readonly by: 'run' | 'bench' };
type Engine = { readonly name: string; readonly threads: number };
export type Speeds = Readonly<Record<string, Speed>>;

/** More are not kept: the oldest go. */
const limit = 100;
/** Seconds of training that a run's speed is measured over, and one more: its first step, which compiles and warms up, lies outside. */
const settled = 4;

/**
 * The work of a step, as a name: method, data, and the changed settings that shape network or batch. Live settings
 * (temperature, learning rate) and the number of steps leave the time of a step as it is.
 */
export function workOf(method: string, data: string, changed: Readonly<Record<string, Value>>, specs: Specs): string {
  const shaping = Object.keys(changed)
    .filter((key) => key !== 'steps' && specs[key]?.when === 'restart')
    .sort()
    .map((key) => `${key}=${changed[key]}`);
  return `${method}/${data}${shaping.length > 0 ? `?${shaping.join('&')}` : ''}`;
}

const keyOf = (work: string, { name, threads }: Engine) => `${work} on ${name}-${threads}`;

/** Speeds as they were stored; null if they were not, and without the entries that make no sense. */
export const readSpeeds = (value: unknown): Speeds | null =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, Speed] => {
          const speed = entry[1];
          return isRecord(speed) && isPositive(speed.msPerStep) && isDate(speed.date) && (speed.by === 'run' || speed.by === 'bench');
        }),
      )
    : null;

/** The speeds of this device, from the bench page and from runs: the newest of the same work on the same backend counts. */
export const speeds: Remembered<Speeds> = remember('unlabeled.speeds.1', readSpeeds, {});

export function rememberSpeed(work: string, backend: Engine, speed: Speed, all = speeds): void {
  all.change((now) => {
    const { [keyOf(work, backend)]: _, ...others } = now;
    return Object.fromEntries([...Object.entries(others).slice(1 - limit), [keyOf(work, backend), speed]]);
  });
}

export const speedOf = (all: Speeds, work: string, backend: Engine): Speed | null => all[keyOf(work, backend)] ?? null;

/** The newest speed of some work, on whatever backend: for a guess before the backend is chosen. */
export const newestSpeedOf = (all: Speeds, work: string): Speed | null =>
  Object.entries(all)
    .filter(([key]) => key.startsWith(`${work} on `))
    .map(([, speed]) => speed)
    .sort((a, b) => a.date.localeCompare(b.date))
    .at(-1) ?? null;

/** A run's own speed, if it has trained long enough to tell. */
export const speedOfRun = (step: number, stepsPerSecond: number, now = new Date()): Speed | null =>
  stepsPerSecond > 0 && step >= Math.max(5, settled * stepsPerSecond)
    ? { msPerStep: 1000 / stepsPerSecond, date: now.toISOString(), by: 'run' }
    : null;
