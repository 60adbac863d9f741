import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { KeptRun } from '../../src/train/record.ts';
import { openRunFile, packComparison, packRun } from '../../src/train/run-file/index.ts';
import { migrations } from '../../src/train/run-file/migrate.ts';
import { readSafetensors, writeSafetensors } from '../../src/train/run-file/safetensors.ts';
import { runVersion } from '../../src/train/run-file/schema.ts';
import { floats, otherId, sampleRun } from './sample.ts';

type Json = { [key: string]: Json } & Json[];
/** The sample's file with its JSON edited. */
const edited = (edit: (json: Json) => void, run = sampleRun()): Uint8Array => {
  const files = unzipSync(packRun(run));
  const json = JSON.parse(strFromU8(files['run.json']!));
  edit(json);
  return zipSync({ ...files, 'run.json': strToU8(JSON.stringify(json)) });
};
/** The sample's file with its tensors edited. */
const retensored = (edit: (tensors: Map<string, ReturnType<typeof floats>>) => void): Uint8Array => {
  const files = unzipSync(packRun(sampleRun()));
  const tensors = new Map(readSafetensors(files['run.safetensors']!, 'it').tensors);
  edit(tensors);
  return zipSync({ ...files, 'run.safetensors': writeSafetensors([...tensors]) });
};
const only = (bytes: Uint8Array): KeptRun => {
  const { runs, comparison } = openRunFile(bytes);
  expect([runs.length, comparison]).toEqual([1, null]);
  return runs[0]!;
};

describe('a run file', () => {
  it('gives the run back to the bit, and the same run makes the same bytes', () => {
    const run = sampleRun();
    const back = only(packRun(run));
    expect(back).toEqual(run);
    expect(Object.is(back.checkpoint!.tensors['params.encoder.0.b']!.values[0], -0)).toBe(true);
    expect(packRun(back)).toEqual(packRun(run));
  });

  it('keeps a NaN bit by bit, and a run that never began', () => {
    const run = sampleRun();
    const loss = new Float32Array(Uint32Array.of(0x7fc01234, 0xffc00001, 0x3f800000).buffer);
    const back = only(packRun({ ...run, curve: { ...run.curve, columns: { loss } } }));
    expect(new Uint32Array(back.curve.columns.loss!.buffer)).toEqual(new Uint32Array(loss.buffer));
    const empty: KeptRun = {
      record: { ...run.record, step: 0, changes: [], scores: [] },
      curve: { steps: new Int32Array(), seconds: new Float32Array(), columns: {} },
      checkpoint: null,
    };
    expect(only(packRun(empty))).toEqual(empty);
  });

  it('holds scores that are no numbers as text, and gives them back', () => {
    const files = unzipSync(packRun(sampleRun()));
    expect(JSON.parse(strFromU8(files['run.json']!)).record.scores[0].scores.linearProbe).toBe('NaN');
  });

  it('is not made of a run that no file can hold', () => {
    const run = sampleRun();
    const seconds = Float32Array.of(1);
    expect(() => packRun({ ...run, curve: { ...run.curve, seconds } })).toThrow('"curve.seconds" has 1 rows, and "curve.steps" 3');
    expect(() => packRun({ ...run, record: { ...run.record, id: 'run1' } })).toThrow(/record\.id: .*UUID/);
    const columns = { steps: Float32Array.of(1, 2, 3) };
    expect(() => packRun({ ...run, curve: { ...run.curve, columns } })).toThrow('a metric cannot be named "steps"');
  });

  const wrong: [string, (json: Json) => void, RegExp][] = [
    ['another format', (json) => Object.assign(json, { format: 'zip' }), /run\.json does not fit its schema \(format: /],
    ['a comparison in its place', (json) => Object.assign(json, { format: 'unlabeled-comparison' }), /expected "unlabeled-run"/],
    ['a newer version', (json) => Object.assign(json, { version: runVersion + 1 }), /made by a newer lab: its version is 2/],
    ['an unknown key', (json) => Object.assign(json.record!, { extra: 1 }), /record: Unrecognized key: "extra"/],
    ['a missing key', (json) => delete json.record!.spec, /record\.spec: expected object/],
    [
      'a setting that is a list',
      (json) => Object.assign(json.record!.spec!.settings!, { steps: [1] }),
      /settings\.steps: expected a finite number/,
    ],
    ['a wrong id', (json) => Object.assign(json.record!, { id: '../../x' }), /record\.id: expected a UUID/],
    ['a status of its own', (json) => Object.assign(json.record!, { status: 'well' }), /record\.status: /],
    [
      'changes out of order',
      (json) => json.record!.changes!.push({ step: 1, settings: {} } as unknown as Json),
      /record\.changes must be in the order/,
    ],
    ['a negative step', (json) => Object.assign(json.record!, { step: -1 }), /record\.step: Too small/],
    [
      "another run's checkpoint",
      (json) => Object.assign(json.checkpoint!.spec!, { seed: 9 }),
      /another run: its seed is 9, and the record's is 3/,
    ],
    ['a metric without tensor', (json) => json.curve!.metrics!.push('kl' as unknown as Json), /has no tensor "curve\.kl"/],
    ['a metric that comes twice', (json) => json.curve!.metrics!.push('loss' as unknown as Json), /names it twice/],
    [
      'a tensor that nobody names',
      (json) => json.curve!.metrics!.pop(),
      /has the tensor "curve\.nmi\.previous", which run\.json does not name/,
    ],
    ['an order that is not there', (json) => Object.assign(json.checkpoint!, { order: false }), /has the tensor "order"/],
    [
      'too few parameters',
      (json) => Object.assign(json.record!, { parameters: 3 }),
      /params\.\* have 4 numbers in all, but the record says 3/,
    ],
    ['no checkpoint for its tensors', (json) => Object.assign(json, { checkpoint: null }), /which run\.json does not name/],
  ];
  it.each(wrong)('is refused with %s', (_, edit, message) => {
    expect(() => openRunFile(edited(edit))).toThrow(message);
  });

  const wrongTensors: [string, Parameters<typeof retensored>[0], RegExp][] = [
    [
      'steps that fall',
      (t) => t.set('curve.steps', { ...t.get('curve.steps')!, values: Int32Array.of(1, 3, 2) }),
      /must rise from 1 on, but row 2 is step 2/,
    ],
    ['a step 0', (t) => t.set('curve.steps', { ...t.get('curve.steps')!, values: Int32Array.of(0, 1, 2) }), /row 0 is step 0/],
    [
      'steps that are floats',
      (t) => t.set('curve.steps', floats([3], 1, 2, 3)),
      /"curve\.steps" is float32 of shape \[3\]; expected int32/,
    ],
    ['an infinite loss', (t) => t.set('curve.loss', floats([3], 1, Number.POSITIVE_INFINITY, 2)), /"curve\.loss" is Infinity in row 1/],
    [
      'no time',
      (t) => t.set('curve.seconds', floats([3], 1, Number.NaN, 2)),
      /"curve\.seconds" is NaN in row 1; expected a finite number$/,
    ],
    ['a curve in two rows', (t) => t.set('curve.loss', floats([1, 3], 1, 2, 3)), /shape \[1,3\]; expected float32 in one row/],
    ['weights that are no numbers', (t) => t.set('m', floats([4], 1, 2, 3, Number.NaN)), /"m" holds numbers that are not finite/],
    ['moments of another network', (t) => t.set('v', floats([3], 1, 2, 3)), /"v" has the shape \[3\]; expected \[4\]/],
  ];
  it.each(wrongTensors)('is refused with %s', (_, edit, message) => {
    expect(() => openRunFile(retensored(edit))).toThrow(message);
  });

  it('is refused with a part missing, a part too many, a key twice and a bottomless nesting', () => {
    const files = unzipSync(packRun(sampleRun()));
    const text = strFromU8(files['run.json']!);
    const withJson = (json: string) => zipSync({ ...files, 'run.json': strToU8(json) });
    expect(() => openRunFile(zipSync({ 'run.json': files['run.json']! }))).toThrow('holds no run.safetensors');
    expect(() => openRunFile(zipSync({ ...files, 'evil.js': strToU8('') }))).toThrow('holds "evil.js"');
    expect(() => openRunFile(withJson(text.replace('"seed": 3', '"seed": 3, "seed": 4')))).toThrow('run.json has the key "seed" twice');
    expect(() => openRunFile(withJson('['.repeat(100_000) + ']'.repeat(100_000)))).toThrow(/nested deeper|is not JSON/);
    expect(() => openRunFile(withJson('{'))).toThrow('run.json is not JSON');
    expect(() => openRunFile(strToU8('nonsense'))).toThrow(/The run file has no directory/);
  });

  it('of version 0 is read: it had no clock', () => {
    const files = unzipSync(packRun(sampleRun()));
    const json = JSON.parse(strFromU8(files['run.json']!));
    json.version = 0;
    delete json.record.seconds;
    delete json.checkpoint.seconds;
    const tensors = new Map(readSafetensors(files['run.safetensors']!, 'it').tensors);
    tensors.delete('curve.seconds');
    const old = zipSync({ 'run.json': strToU8(JSON.stringify(json)), 'run.safetensors': writeSafetensors([...tensors]) });
    const run = sampleRun();
    expect(migrations).toHaveLength(runVersion);
    expect(only(old)).toEqual({
      record: { ...run.record, seconds: 0 },
      curve: { ...run.curve, seconds: new Float32Array(3) },
      checkpoint: { ...run.checkpoint, seconds: 0 },
    });
    // What claims to be of the newest version is not repaired.
    json.version = 1;
    expect(() => openRunFile(zipSync({ ...files, 'run.json': strToU8(JSON.stringify(json)) }))).toThrow('record.seconds');
  });
});

describe('a comparison file', () => {
  const runs = [sampleRun(), sampleRun(otherId)];
  const comparison = { name: 'Two', ids: runs.map(({ record }) => record.id), settings: { metric: 'loss', log: true, x: [1, null] } };

  it('gives all back', () => {
    expect(openRunFile(packComparison(comparison, runs))).toEqual({ runs, comparison });
  });

  it('names its runs, each once', () => {
    expect(() => packComparison({ ...comparison, ids: [otherId] }, runs)).toThrow(/expected 00000000-/);
    const files = unzipSync(packComparison(comparison, runs));
    const json = JSON.parse(strFromU8(files['comparison.json']!));
    const withIds = (ids: string[]) => zipSync({ ...files, 'comparison.json': strToU8(JSON.stringify({ ...json, ids })) });
    expect(() => openRunFile(withIds([otherId]))).toThrow(/holds "runs\/6f1c/);
    expect(() => openRunFile(withIds([otherId, otherId]))).toThrow(/holds no runs\//);
    const swapped = {
      ...files,
      [`runs/${otherId}/run.json`]: files[`runs/${comparison.ids[0]}/run.json`]!,
    };
    expect(() => openRunFile(zipSync(swapped))).toThrow(/The comparison's runs are/);
    expect(() => openRunFile(zipSync({ ...files, 'comparison.json': strToU8(JSON.stringify({ ...json, version: 2 })) }))).toThrow(
      'newer lab',
    );
  });
});
