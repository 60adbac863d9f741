/**
 * The schema of `run.json` and `comparison.json`. Objects are strict: an unknown key is an error. Numbers are finite, except in
 * scores, where JSON has the text "NaN", "Infinity" or "-Infinity" for those that are not.
 *
 * `run.json`, version 1:
 *
 *     { "format": "unlabeled-run", "version": 1,
 *       "record": the RunRecord of src/train/record.ts, key by key; its "scores": [{ "step", "seconds" where known, "scores": {…} }, …],
 *       "curve": { "metrics": ["loss", …] },
 *       "checkpoint": null or { "spec": a RunSpec, "seconds", "step", "tensors": ["params.encoder.0.w", …, "m", "v"], "order": true or false } }
 *
 * Beside it `run.safetensors` holds exactly the tensors that it names: `curve.steps` (I32, rising), `curve.seconds` (F32) and
 * `curve.<metric>` (F32, NaN where a step lacks it), all of one length; `params.*` (what the optimizer moves), `state.*` (what
 * else outlives a step), `m` and `v` (Adam's moments of all parameters, one after another), and where "order" is true `order`
 * (I32, the rows of the current epoch). `comparison.json`, version 1:
 *
 *     { "format": "unlabeled-comparison", "version": 1, "name": "…", "ids": ["…", …], "settings": any JSON }
 *
 * with `runs/<id>/run.json` and `runs/<id>/run.safetensors` for each id. How old versions are read: ./migrate.ts.
 */

import type { Scores } from '../../evaluate/evaluate.ts';
import { z } from '../../zod.ts';
import { type RunRecord, type RunSpec, runStatuses } from '../record.ts';

/** The versions that this lab writes, and the newest that it reads. */
export const runVersion = 1;
export const comparisonVersion = 1;
/** A comparison of more runs than this is not read. */
export const mostRuns = 200;

const whole = z.int().min(0);
const seconds = z.number().min(0);
const id = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'expected a UUID');
const label = z.string().min(1).max(200);
/** Names of settings and metrics: "learningRate", "nmi.previous". */
export const key = z.string().regex(/^[A-Za-z][\w.-]{0,99}$/, 'expected a name of letters, digits, dots and dashes');
const backend = z.enum(['webgpu', 'webgl', 'wasm', 'cpu']);
const settings = z.record(
  key,
  z.union([z.number(), z.boolean(), z.string().max(1000)], 'expected a finite number, true, false or a short text'),
);

const spec = z.strictObject({
  method: label,
  data: label,
  seed: z.int(),
  backend: z.enum([...backend.options, 'auto']),
  settings,
}) satisfies z.ZodType<RunSpec>;

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
const plain: z.ZodType<Plain> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string().max(10_000), z.array(plain), z.record(z.string().max(200), plain)]),
);

const record = z.strictObject({
  id,
  spec,
  changes: z.array(z.strictObject({ step: whole, settings })),
  versions: z.strictObject({ lab: label, tfjs: label }),
  backend: z.strictObject({ name: backend, threads: whole }),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  status: z.enum(runStatuses),
  step: whole,
  seconds,
  parameters: whole,
  name: z.string().max(1000).nullable(),
  note: z.string().max(100_000),
  color: whole.nullable(),
  starred: z.boolean(),
  experiment: label.nullable(),
  /** Scores grow with the lab: whatever plain data they hold is kept as it is. */
  scores: z.array(z.strictObject({ step: whole, seconds: seconds.exactOptional(), scores: z.record(z.string().max(200), plain) })),
}) satisfies z.ZodType<Omit<RunRecord, 'scores'>>;

export const runSchema = z.strictObject({
  format: z.literal('unlabeled-run'),
  version: z.literal(runVersion),
  record,
  curve: z.strictObject({ metrics: z.array(key) }),
  checkpoint: z.strictObject({ spec, seconds, step: whole, tensors: z.array(z.string().max(1000)), order: z.boolean() }).nullable(),
});
export type RunJson = z.infer<typeof runSchema>;

export const comparisonSchema = z.strictObject({
  format: z.literal('unlabeled-comparison'),
  version: z.literal(comparisonVersion),
  name: z.string().max(1000),
  ids: z.array(id).min(1).max(mostRuns),
  settings: plain,
});

/** What a file says of its own kind, before its version is known. */
export const headSchema = z.looseObject({ format: z.enum(['unlabeled-run', 'unlabeled-comparison']), version: whole });

const texts = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };
/** Scores as JSON can say them, and back. */
export const encodeScores = (scores: Scores) =>
  mapLeaves(scores, (leaf) => (typeof leaf === 'number' && !Number.isFinite(leaf) ? String(leaf) : leaf)) as Record<string, Plain>;
export const decodeScores = (scores: unknown) =>
  mapLeaves(scores, (leaf) =>
    typeof leaf === 'string' && Object.hasOwn(texts, leaf) ? texts[leaf as keyof typeof texts] : leaf,
  ) as Scores;

function mapLeaves(value: unknown, f: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => mapLeaves(each, f));
  if (typeof value !== 'object' || value === null) return f(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapLeaves(each, f)]));
}
