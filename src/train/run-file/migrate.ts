import type { PackedTensor } from '../snapshot.ts';

/** A run file of any version, before it is checked. */
export type RawRun = { readonly json: Readonly<Record<string, unknown>>; readonly tensors: ReadonlyMap<string, PackedTensor> };

/**
 * `migrations[v]` turns a run file of version v into one of version v + 1. They trust nothing: what they do not find stays as it
 * is, and the schema of the newest version complains.
 *
 * Version 0 had no clock: neither the tensor `curve.seconds` nor the key "seconds" in "record" and "checkpoint". They become 0.
 */
export const migrations: readonly ((run: RawRun) => RawRun)[] = [
  ({ json, tensors }) => {
    const withClock = (part: unknown) => (typeof part === 'object' && part !== null ? { seconds: 0, ...part } : part);
    const steps = tensors.get('curve.steps');
    const still: PackedTensor | undefined = steps && {
      shape: steps.shape,
      dtype: 'float32',
      values: new Float32Array(steps.values.length),
    };
    return {
      json: { ...json, version: 1, record: withClock(json.record), checkpoint: withClock(json.checkpoint) },
      tensors: new Map([...(still ? [['curve.seconds', still] as const] : []), ...tensors]),
    };
  },
];

/** The run in the newest version. */
export const migrate = (run: RawRun, version: number): RawRun => migrations.slice(version).reduce((old, step) => step(old), run);
