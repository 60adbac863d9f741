import { unpack } from '../data/gzip.ts';
import type { Artifact } from '../evaluate/artifact.ts';
import type { Value } from '../hparams.ts';
import { z } from '../zod.ts';
import type { RunRecord } from './record.ts';

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

/** The pictures that recordings keep, a part of what a live run shows. */
export type RecordedPicture = Extract<
  Artifact,
  {
    kind:
      | 'embedding'
      | 'clusters'
      | 'reconstructions'
      | 'samples'
      | 'latents'
      | 'density'
      | 'weighted'
      | 'ratios'
      | 'graph'
      | 'gradients'
      | 'integral';
  }
>;
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

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected packed bytes');
const floats = z.custom<Float32Array>((value) => value instanceof Float32Array, 'expected packed numbers');
const grid = z
  .object({ n: count, shape: z.tuple([count, count, count]), pixels: bytes })
  .refine(
    ({ n, shape, pixels }) => pixels.length === n * shape[0] * shape[1] * shape[2],
    'images need n × height × width × channels bytes',
  );

const curve = z
  .object({ x: floats, truth: floats, estimate: floats, means: floats, deviations: floats })
  .refine(
    ({ x, truth, estimate, means, deviations }) =>
      [truth, estimate].every(({ length }) => length === x.length * (means.length - 1)) && means.length === deviations.length,
    'curves need a value of every bridge at each x, and a Gaussian for every waymark',
  );

const picture: z.ZodType<RecordedPicture> = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('embedding'),
      points: floats,
      labels: bytes,
      images: grid,
      explained: z.tuple([z.number(), z.number()]),
      spread: z.number().nullable(),
    })
    .refine(({ points, labels }) => points.length === 2 * labels.length, 'an embedding needs two numbers and a label for each point'),
  z.object({
    kind: z.literal('clusters'),
    total: count,
    nmi: z.number(),
    clusters: z.array(z.object({ label: count, size: count, purity: share, majority: count, images: grid })),
  }),
  z.object({ kind: z.literal('reconstructions'), originals: grid, reconstructions: grid }),
  z.object({ kind: z.literal('samples'), temperature: z.number(), images: grid }),
  z.object({ kind: z.literal('latents'), kl: floats }),
  z
    .object({
      kind: z.literal('density'),
      side: count,
      extent: z.number().positive(),
      density: floats,
      data: floats,
      samples: floats,
      frames: z.array(floats).min(1),
      lines: count,
      perLine: count,
      nll: z.number(),
      entropy: z.number(),
    })
    .refine(
      ({ side, density, lines, perLine, frames }) =>
        density.length === side ** 2 && frames.every((frame) => frame.length === 2 * lines * perLine),
      'a density needs side × side values, and its frames two numbers for each point of their lines',
    ),
  z
    .object({
      kind: z.literal('weighted'),
      data: z.string(),
      side: count,
      extent: z.number().positive(),
      target: floats,
      freeEnergy: z.number(),
      samplers: z.array(
        z
          .object({
            name: z.string(),
            points: floats,
            inGap: bytes,
            logWeights: floats,
            ess: z.number(),
            gap: share,
            reverseKl: z.number(),
            // Where no draw lies on one side it is no number, for which JSON has no word but null.
            freeEnergy: z.union([z.number(), z.null().transform(() => Number.NaN)]),
            stages: z.array(z.never()),
          })
          .refine(
            ({ points, inGap, logWeights }) => inGap.length === logWeights.length && points.length === 2 * inGap.length,
            'a sampler needs two numbers, a mark and a weight for each draw',
          ),
      ),
    })
    .refine(({ side, target }) => target.length === side ** 2, 'a target needs side × side values'),
  z
    .object({ kind: z.literal('ratios'), batch: count, seen: count, truth: floats, estimate: floats, curve: curve.optional() })
    .transform(({ curve, ...rest }) => ({ ...rest, ...(curve ? { curve } : {}) })),
  z
    .object({ kind: z.literal('graph'), truth: floats, learned: floats, searched: floats, edges: z.string().nullable() })
    .refine(
      ({ truth, learned, searched }) =>
        Number.isInteger(Math.sqrt(truth.length)) && [learned, searched].every(({ length }) => length === truth.length),
      'graphs need d × d weights each',
    ),
  z.object({
    kind: z.literal('gradients'),
    draws: count,
    nets: z.array(
      z.object({
        name: z.string(),
        errors: z.array(z.object({ name: z.string(), bias: z.number(), deviation: z.number(), noise: z.number() })),
      }),
    ),
  }),
  z.object({
    kind: z.literal('integral'),
    text: z.string(),
    logZ: z.number(),
    logZExact: z.number().nullable(),
    variables: z.array(
      z.object({
        name: z.string(),
        low: z.number(),
        high: z.number(),
        values: z.array(z.number()).nullable(),
        approximate: floats,
        exact: floats.nullable(),
      }),
    ),
    pairs: z.array(
      z
        .object({
          first: count,
          second: count,
          cut: z.boolean(),
          says: z.array(z.string()),
          columns: count,
          rows: count,
          density: floats,
        })
        .refine(({ rows, columns, density }) => density.length === rows * columns, 'a pair needs rows × columns densities'),
    ),
  }),
]);

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
