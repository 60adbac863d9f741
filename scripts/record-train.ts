/** The first stage of a recording: reference runs are trained, and kept whole in a cache, from which they can be distilled again. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import lab from '../package.json' with { type: 'json' };
import type { Dataset } from '../src/data/dataset.ts';
import { withCollapse } from '../src/evaluate/collapse.ts';
import type { Value } from '../src/hparams.ts';
import type { Method } from '../src/methods/method.ts';
import * as tf from '../src/tf.ts';
import type { RunCurve } from '../src/train/record.ts';
import { createSession } from '../src/train/session.ts';
import { type DataKind, parseSettings } from '../src/train/settings.ts';
import type { Snapshot } from '../src/train/snapshot.ts';
import { checkFinite } from '../src/train/train.ts';

/** Shares of a run at which its state is kept: learning is quick at first. */
const shares = [0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];

/** A reference run as the cache keeps it, as far as it has come. */
export type Cached = {
  readonly settings: Readonly<Record<string, Value>>;
  readonly versions: { readonly lab: string; readonly tfjs: string };
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly seconds: number;
  readonly curve: RunCurve;
  /** Of seed 0 at all moments, of the others the latest. */
  readonly snapshots: readonly Snapshot[];
};

const pathOf = (cache: string, method: string, data: string, seed: number) => join(cache, `${method}-${data}-${seed}.run`);

/** A run of the cache that was made with the defaults of today, or null where there is none. */
export async function readCached(
  cache: string,
  method: Method,
  data: DataKind & { readonly id: string },
  seed: number,
): Promise<Cached | null> {
  try {
    const found = deserialize(await readFile(pathOf(cache, method.id, data.id, seed))) as Cached;
    return isDeepStrictEqual(found.settings, parseSettings(method, data, {})) ? found : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export const isFinished = ({ settings, snapshots }: Cached): boolean => snapshots.at(-1)?.step === settings.steps;

/**
 * Trains a run with the defaults to its end and keeps it in the cache at each moment; one that was interrupted goes on from its latest.
 * Throws `Diverged` when its loss is no number.
 */
export async function record(cache: string, method: Method, data: Dataset, seed: number): Promise<Cached> {
  await mkdir(cache, { recursive: true });
  const begun = await readCached(cache, method, data, seed);
  const latest = begun?.snapshots.at(-1);
  const session = createSession(method, data, { seed, ...(latest ? { from: latest } : {}) });
  const snapshots = [...(begun?.snapshots ?? [])];
  const steps = Array.from(begun?.curve.steps ?? []);
  const times = Array.from(begun?.curve.seconds ?? []);
  const columns: Record<string, number[]> = Object.fromEntries(
    Object.entries(begun?.curve.columns ?? {}).map(([name, values]) => [name, Array.from(values)]),
  );
  let seconds = begun?.seconds ?? 0;
  const created = begun?.created ?? new Date().toISOString();

  const advance = async () => {
    const started = performance.now();
    const values = await (await session.advance()).metrics;
    checkFinite(session.step, values);
    seconds += (performance.now() - started) / 1000;
    const all = await withCollapse(session, Promise.resolve(values));
    steps.push(session.step);
    times.push(seconds);
    for (const name of new Set([...Object.keys(columns), ...Object.keys(all)])) {
      columns[name] ??= Array(steps.length - 1).fill(Number.NaN);
      columns[name].push(all[name] ?? Number.NaN);
    }
  };
  const keep = async (): Promise<Cached> => {
    const snapshot = await session.snapshot();
    if (seed > 0) snapshots.length = 0;
    snapshots.push(snapshot);
    const curve = {
      steps: Int32Array.from(steps),
      seconds: Float32Array.from(times),
      columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Float32Array.from(values)])),
    };
    const versions = { lab: lab.version, tfjs: tf.version_core };
    const run: Cached = { settings: session.settings, versions, created, seconds, curve, snapshots };
    const path = pathOf(cache, method.id, data.id, seed);
    await writeFile(`${path}.partial`, serialize(run));
    await rename(`${path}.partial`, path);
    return run;
  };

  try {
    let run: Cached | null = begun;
    for (const moment of new Set(shares.map((share) => Math.round(share * session.settings.steps)))) {
      if (latest && moment <= latest.step) continue;
      while (session.step < moment) await advance();
      run = await keep();
    }
    return run!;
  } finally {
    session.dispose();
  }
}
