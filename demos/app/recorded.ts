import { useEffect, useState } from 'react';
import type { Recording } from '../../src/train/recording.ts';
import { idle } from './later.ts';
import type { Curve } from './series.ts';

/** A recording, its runs as curves that charts draw. */
export type Recorded = { readonly recording: Recording; readonly curves: readonly Curve[] };

export const recordedOf = (recording: Recording): Recorded => {
  const length = recording.settings.steps;
  const steps = Int32Array.from({ length }, (_, i) => i + 1);
  // A recording tells nothing of the speed of its machine.
  const seconds = new Float32Array(length).fill(Number.NaN);
  const curves = recording.runs.map(({ columns }) => ({ length, steps, seconds, columns: new Map(Object.entries(columns)) }));
  return { recording, curves };
};

const address = (file: string) => new URL(`recorded/${file}.json`, document.baseURI);

/** The names of all recordings that the site has; asked once, so that none is asked for in vain. */
let names: Promise<readonly string[]> | null = null;
const listed = () => {
  names ??= fetch(address('index')).then(
    async (answer) => {
      const list: unknown = await answer.json().catch(() => null);
      return Array.isArray(list) ? list.map(String) : [];
    },
    () => [],
  );
  return names;
};

const known = new Map<string, Promise<Recorded | null>>();

/** The recording of a method on a data set; null where the site has none, or none that can be read. */
async function load(method: string, data: string): Promise<Recorded | null> {
  try {
    await idle();
    const name = `${method}-${data}`;
    if (!(await listed()).includes(name)) return null;
    const { parseRecording } = await import('../../src/train/recording.ts');
    return recordedOf(parseRecording(await (await fetch(address(name))).text(), `recorded/${name}.json`));
  } catch (error) {
    // A page is whole without it.
    console.warn(error instanceof Error ? error.message : error);
    return null;
  }
}

/** The recording of a method on a data set once it is there. */
export function useRecorded(method: string, data: string): Recorded | null {
  const [found, setFound] = useState<{ readonly of: string; readonly recorded: Recorded | null } | null>(null);
  const key = `${method} ${data}`;
  useEffect(() => {
    let current = true;
    const loading = known.get(key) ?? load(method, data);
    known.set(key, loading);
    void loading.then((recorded) => current && setFound({ of: key, recorded }));
    return () => {
      current = false;
    };
  }, [key, method, data]);
  return found?.of === key ? found.recorded : null;
}

/** The least and the largest final score of the recorded runs by that name; null where one of them lacks it. */
export function rangeOf(recorded: Recorded | null, score: string): readonly [number, number] | null {
  const values = recorded?.recording.runs.map(({ scores }) => scores[score] ?? Number.NaN) ?? [Number.NaN];
  return values.some(Number.isNaN) ? null : [Math.min(...values), Math.max(...values)];
}
