import { unpack } from '../data/gzip.ts';
import type { Value } from '../hparams.ts';
import { z } from '../zod.ts';
import type { RunRecord } from './record.ts';
import { count, floats, picture, type RecordedPicture } from './recorded-pictures.ts';

/** Recorded reference runs: what a file of `public/recorded/` holds. `npm run record` writes them, pages draw and play them. */
export const recordingFormat = 'unlabeled recording';
export const recordingVersion = 1;

/** The most that the arrays of a recording may hold once unpacked. */
const limit = 2 ** 24;

/**
 * An array inside the JSON of a recording, a stretch of its packed bytes: `u8` bytes; `q8` numbers as bytes between `low` and `high`;
 * `f24` float32 without their last byte (relative error below 2⁻¹⁶), first bytes first, for those compress well.
 */
export type PackedArray = { readonly $: 'u8' | 'q8' | 'f24'; readonly at: number; readonly length: number; low?: number; high?: number };

export type RecordedRun = {
  readonly seed: number;
  /** Training time. */
  readonly seconds: number;
  /** Metrics, one value a step from step 1 on; NaN where a step has none. */
  readonly columns: Readonly<Record<string, Float32Array>>;
  /** Of its end, by name: whichever the lab had. */
  readonly scores: Readonly<Record<string, number>>;
};

export type Recording = {
  readonly format: typeof recordingFormat;
  readonly version: typeof recordingVersion;
  readonly method: string;
  readonly data: string;
  /** Every setting, spelled out. */
  readonly settings: Readonly<Record<string, Value>> & { readonly steps: number };
  readonly versions: RunRecord['versions'];
  readonly backend: string;
  /** Of the first run. ISO 8601, UTC. */
  readonly created: string;
  readonly runs: readonly RecordedRun[];
  /** How the first run looked after `step` steps; in order of their steps. */
  readonly moments: readonly { readonly step: number; readonly pictures: readonly RecordedPicture[] }[];
};

const recording: z.ZodType<Recording> = z
  .object({
    format: z.literal(recordingFormat),
    version: z.literal(recordingVersion),
    method: z.string(),
    data: z.string(),
    settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).and(z.object({ steps: z.int().positive() })),
    versions: z.object({ lab: z.string(), tfjs: z.string() }),
    backend: z.string(),
    created: z.iso.datetime(),
    runs: z
      .array(
        z.object({
          seed: count,
          seconds: z.number().nonnegative(),
          columns: z.record(z.string(), floats),
          scores: z.record(z.string(), z.number()),
        }),
      )
      .min(1),
    moments: z.array(z.object({ step: count, pictures: z.array(picture) })),
  })
  .superRefine(({ settings, runs, moments }, { addIssue }) => {
    const refuse = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
    if (runs.some(({ columns }) => Object.values(columns).some(({ length }) => length !== settings.steps)))
      refuse('runs', 'every curve needs one value a step');
    if (new Set(runs.map(({ seed }) => seed)).size < runs.length) refuse('runs', 'their seeds must differ');
    if (moments.some(({ step }, i) => step > settings.steps || (i > 0 && step <= moments[i - 1]!.step)))
      refuse('moments', 'their steps must rise and lie within the run');
  });

/** The name of the recording of a method on a data set, without its ending. */
export const recordingName = (method: string, data: string): string => `${method}-${data}`;

const packedArray = z
  .object({ $: z.enum(['u8', 'q8', 'f24']), at: count, length: count, low: z.number().optional(), high: z.number().optional() })
  .strict();

function arrayOf(packed: z.infer<typeof packedArray>, all: Uint8Array): Uint8Array | Float32Array {
  const { $: kind, at, length, low = 0, high = 0 } = packed;
  const size = kind === 'f24' ? 3 * length : length;
  if (at + size > all.length) throw new Error(`an array ends at byte ${at + size} of ${all.length}`);
  const part = all.subarray(at, at + size);
  if (kind === 'u8') return part.slice();
  if (kind === 'q8') return Float32Array.from(part, (byte) => low + ((high - low) * byte) / 255);
  const out = new DataView(new ArrayBuffer(4 * length));
  for (let i = 0; i < length; i++) out.setUint32(4 * i, part[i]! * 2 ** 24 + part[length + i]! * 2 ** 16 + part[2 * length + i]! * 2 ** 8);
  return Float32Array.from({ length }, (_, i) => out.getFloat32(4 * i));
}

/**
 * Reads the text of a recording; `name` is for the words of its errors. Throws an Error that names the file and what is wrong with it:
 * no JSON, another format or version, damaged bytes, a part that is missing or not what it should be.
 */
export function parseRecording(text: string, name: string): Recording {
  const refuse = (why: string) => new Error(`${name} is not a recording of this lab (${why}); run \`npm run record\` to make it anew`);
  try {
    const file = z.object({ bytes: z.base64() }).loose().parse(JSON.parse(text));
    const { bytes: text64, ...rest } = file;
    const zipped = Uint8Array.from(atob(text64), (c) => c.charCodeAt(0));
    // What is no gzip at all would pass unpacked, and unchecked.
    if (zipped[0] !== 0x1f || zipped[1] !== 0x8b) throw new Error('its data are not compressed');
    const all = unpack(zipped, 'its data', limit);
    const expand = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(expand);
      if (typeof node !== 'object' || !node) return node;
      if ('$' in node) return arrayOf(packedArray.parse(node), all);
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, expand(value)]));
    };
    return recording.parse(expand(rest));
  } catch (error) {
    if (error instanceof z.ZodError) {
      const { path, message } = error.issues[0]!;
      throw refuse(`${path.length ? `${path.join('.')}: ` : ''}${message}`);
    }
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}
