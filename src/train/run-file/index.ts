/** Runs and comparisons as files: a zip of JSON and safetensors, whose schema is described in ./schema.ts. */
import { type Zippable, zipSync } from 'fflate';
import { unzip, type ZipLimits } from '../../data/zip.ts';
import type { KeptRun } from '../record.ts';
import type { PackedTensor } from '../snapshot.ts';
import { checkRun } from './check.ts';
import { check, type Json, parseJson } from './json.ts';
import { migrate } from './migrate.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import {
  comparisonSchema,
  comparisonVersion,
  decodeScores,
  encodeScores,
  headSchema,
  mostRuns,
  type RunJson,
  runSchema,
  runVersion,
} from './schema.ts';

export type { Json };

/** Several runs seen together: which, in which order, and how their charts are set. */
export type Comparison = { readonly name: string; readonly ids: readonly string[]; readonly settings: Json };
export type Opened = { readonly runs: readonly KeptRun[]; readonly comparison: Comparison | null };

/** One moment for every entry: the same run makes the same bytes. */
const mtime = new Date(2000, 0, 1);
const zip = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [bytes, { mtime }]])) satisfies Zippable);
/** A run of 100,000 steps with ten metrics and ten million numbers of weights and moments fits thrice. */
const limits: ZipLimits = { entries: 1 + 2 * mostRuns, total: 2 ** 29, each: 2 ** 28 };
const text = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);

/** A run file. Throws an Error that names what of the run no file can hold. */
export const packRun = (run: KeptRun): Uint8Array => zip(filesOf(run));

/** A comparison file of these runs. Throws as `packRun` does, and if `comparison.ids` are not the runs'. */
export function packComparison(comparison: Comparison, runs: readonly KeptRun[]): Uint8Array {
  const { name, ids, settings } = comparison;
  const json = { format: 'unlabeled-comparison', version: comparisonVersion, name, ids: [...ids], settings };
  check(comparisonSchema, json, 'The comparison');
  checkIds(ids, runs);
  const files = runs.flatMap((run) => Object.entries(filesOf(run)).map(([file, bytes]) => [`runs/${run.record.id}/${file}`, bytes]));
  return zip({ 'comparison.json': text(json), ...Object.fromEntries(files) });
}

/** Reads a run file or a comparison file. Throws an Error that says where it is wrong; then nothing of it is taken. */
export function openRunFile(bytes: Uint8Array): Opened {
  const files = unzip(bytes, limits, 'The run file');
  const take = (name: string): Uint8Array => {
    const found = files.get(name) ?? missing(name);
    files.delete(name);
    return found;
  };
  const opened = files.has('comparison.json') ? openComparison(take) : { runs: [openRun(take)], comparison: null };
  const [extra] = files.keys();
  if (extra !== undefined) throw new Error(`The run file holds "${extra.slice(0, 100)}", which belongs to no run file`);
  return opened;
}

const missing = (name: string): never => {
  throw new Error(`The file holds no ${name}: it is no run file of this lab, or not all of it`);
};

/** Checks what a file says of its format and version; returns the version. */
function head(json: unknown, file: string, format: string, newest: number): number {
  const found = check(headSchema, json, file);
  if (found.format !== format) throw new Error(`${file} has the format "${found.format}"; expected "${format}"`);
  if (found.version > newest)
    throw new Error(
      `${file} was made by a newer lab: its version is ${found.version}, and this lab reads up to ${newest}. Reload the lab to get its newest version`,
    );
  return found.version;
}

function openComparison(take: (name: string) => Uint8Array): Opened {
  const file = 'comparison.json';
  const json = parseJson(take(file), file);
  head(json, file, 'unlabeled-comparison', comparisonVersion);
  const { name, ids, settings } = check(comparisonSchema, json, file);
  const runs = ids.map((id) => openRun(take, `runs/${id}/`));
  checkIds(ids, runs);
  return { runs, comparison: { name, ids, settings } };
}

function checkIds(ids: readonly string[], runs: readonly KeptRun[]): void {
  if (new Set(ids).size !== ids.length) throw new Error('The comparison names a run twice: each comes once');
  const found = runs.map(({ record }) => record.id);
  if (found.join() !== ids.join())
    throw new Error(`The comparison's runs are ${found.join(', ')}; expected ${ids.join(', ')}, as its ids say`);
}

function openRun(take: (name: string) => Uint8Array, folder = ''): KeptRun {
  const [jsonFile, tensorFile] = [`${folder}run.json`, `${folder}run.safetensors`];
  const json = parseJson(take(jsonFile), jsonFile);
  const version = head(json, jsonFile, 'unlabeled-run', runVersion);
  const raw = migrate({ json: json as Record<string, unknown>, tensors: readSafetensors(take(tensorFile), tensorFile).tensors }, version);
  const { record, curve, checkpoint } = check(runSchema, raw.json, jsonFile);
  const tensors = new Map(raw.tensors);
  const tensor = (name: string): PackedTensor => {
    const found = tensors.get(name);
    if (!found) throw new Error(`${tensorFile} has no tensor "${name.slice(0, 100)}", or ${jsonFile} names it twice`);
    tensors.delete(name);
    return found;
  };
  const vector = (name: string, dtype: PackedTensor['dtype']) => {
    const found = tensor(name);
    if (found.dtype !== dtype || found.shape.length !== 1)
      throw new Error(`${tensorFile}: the tensor "${name}" is ${found.dtype} of shape [${found.shape}]; expected ${dtype} in one row`);
    return found.values;
  };
  const float = (name: string) => vector(name, 'float32') as Float32Array;
  const int = (name: string) => vector(name, 'int32') as Int32Array;
  const run: KeptRun = {
    record: { ...record, scores: record.scores.map((at) => ({ ...at, scores: decodeScores(at.scores) })) },
    curve: {
      steps: int('curve.steps'),
      seconds: float('curve.seconds'),
      columns: Object.fromEntries(curve.metrics.map((metric) => [metric, float(`curve.${metric}`)])),
    },
    checkpoint: checkpoint && {
      spec: checkpoint.spec,
      seconds: checkpoint.seconds,
      step: checkpoint.step,
      order: checkpoint.order ? int('order') : null,
      tensors: Object.fromEntries(checkpoint.tensors.map((name) => [name, tensor(name)])),
    },
  };
  const [extra] = tensors.keys();
  if (extra !== undefined) throw new Error(`${tensorFile} has the tensor "${extra.slice(0, 100)}", which ${jsonFile} does not name`);
  checkRun(run, tensorFile);
  return run;
}

/** The two files of a run. What they say has passed the same checks as a file that is read. */
function filesOf(run: KeptRun): Record<string, Uint8Array> {
  const { record, curve, checkpoint } = run;
  const json: RunJson = {
    format: 'unlabeled-run',
    version: runVersion,
    record: {
      ...record,
      changes: [...record.changes],
      scores: record.scores.map((at) => ({ ...at, scores: encodeScores(at.scores) })),
    },
    curve: { metrics: Object.keys(curve.columns) },
    checkpoint: checkpoint && {
      spec: checkpoint.spec,
      seconds: checkpoint.seconds,
      step: checkpoint.step,
      tensors: Object.keys(checkpoint.tensors),
      order: checkpoint.order !== null,
    },
  };
  const who = `The run ${record.id}`;
  check(runSchema, json, who);
  checkRun(run, who);
  const column = (name: string, values: Float32Array | Int32Array): [string, PackedTensor] => [
    name,
    { shape: [values.length], dtype: values instanceof Int32Array ? 'int32' : 'float32', values },
  ];
  const tensors = [
    column('curve.steps', curve.steps),
    column('curve.seconds', curve.seconds),
    ...Object.entries(curve.columns).map(([metric, values]) => column(`curve.${metric}`, values)),
    ...Object.entries(checkpoint?.tensors ?? {}),
    ...(checkpoint?.order ? [column('order', checkpoint.order)] : []),
  ];
  return { 'run.json': text(json), 'run.safetensors': writeSafetensors(tensors, { format: 'unlabeled-run' }) };
}
