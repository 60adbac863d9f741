import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRecording } from '../../scripts/record-pack.ts';
import { datasets } from '../../src/data/datasets.ts';
import { methods } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';
import { parseRecording, recordingName } from '../../src/train/recording.ts';
import { acceptedData, parseSettings } from '../../src/train/settings.ts';
import { sampleRecording } from '../demos/sample-recording.ts';

const sample = sampleRecording();
const text = packRecording(sample);
const { bytes } = JSON.parse(text) as { bytes: string };
type Node = { [key: string]: Node };
/** The text with the part of its JSON at a path replaced, or left out. */
function changed(path: string, value?: unknown): string {
  const file = JSON.parse(text);
  const names = path.split('.');
  const last = names.pop()!;
  const parent = names.reduce<Node>((node, name) => node[name]!, file);
  if (value === undefined) delete parent[last];
  else parent[last] = value as Node;
  return JSON.stringify(file);
}
const reading = (broken: string) => () => parseRecording(broken, 'x.json');

describe('a recording', () => {
  const read = parseRecording(text, 'x.json');

  it('is read as it was written', () => {
    const plain = ({ runs: _, moments: __, ...rest }: typeof read) => rest;
    expect(plain(read)).toEqual(plain(sample));
    expect(read.runs.map(({ seed, seconds, scores }) => ({ seed, seconds, scores }))).toEqual(
      sample.runs.map(({ seed, seconds, scores }) => ({ seed, seconds, scores })),
    );
    expect(read.moments.map(({ step }) => step)).toEqual([0, 10, 40]);
  });

  it('keeps curves to 2⁻¹⁶ of each value, and gaps as gaps', () => {
    read.runs.forEach(({ columns }, i) => {
      for (const [name, values] of Object.entries(sample.runs[i]!.columns))
        values.forEach((value, step) => {
          const found = columns[name]![step]!;
          if (Number.isNaN(value)) expect(found).toBeNaN();
          else expect(Math.abs(found - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -16);
        });
    });
  });

  it('keeps numbers of pictures at least to half a 255th of their range, and bytes exactly', () => {
    read.moments.forEach(({ pictures: [density, samples] }, k) => {
      const [given, drawn] = sample.moments[k]!.pictures;
      if (density?.kind !== 'density' || given?.kind !== 'density') throw new Error('The first picture is a density');
      const half = (Math.max(...given.density) - Math.min(...given.density)) / 510;
      given.density.forEach((value, i) => {
        expect(Math.abs(density.density[i]! - value)).toBeLessThanOrEqual(half * 1.0001);
      });
      expect(Math.abs(density.density[15]! - given.density[15]!)).toBeLessThanOrEqual(given.density[15]! * 2 ** -16);
      expect(samples).toEqual(drawn);
    });
  });

  it('keeps few numbers finely, so that no edge stays no edge, and many as bytes', () => {
    const wave = (length: number) => Float32Array.from({ length }, (_, i) => (i % 3 ? Math.sin(i) : 0));
    const [weights, target] = [wave(400), wave(24 * 24)];
    const graph = { kind: 'graph' as const, truth: weights, learned: weights.map((v) => -v), searched: weights, edges: null };
    const draws = { points: wave(6), inGap: Uint8Array.of(0, 1, 0), logWeights: wave(3), stages: [] };
    // Where no draw lies on one side, its free energy is no number.
    const sampler = { ...draws, name: 'a', ess: 0.5, gap: 1 / 3, reverseKl: 1, freeEnergy: Number.POSITIVE_INFINITY };
    const weighted = { kind: 'weighted' as const, data: 'd', side: 24, extent: 3, target, freeEnergy: 2, samplers: [sampler] };
    const [first] = parseRecording(packRecording({ ...sample, moments: [{ step: 0, pictures: [graph, weighted] }] }), 'x.json').moments;
    const [edges, drawn] = first!.pictures;
    if (edges?.kind !== 'graph' || drawn?.kind !== 'weighted') throw new Error('Pictures come in their order');
    edges.learned.forEach((v, i) => {
      expect(Math.abs(v + weights[i]!)).toBeLessThanOrEqual(Math.abs(weights[i]!) * 2 ** -16);
    });
    drawn.target.forEach((v, i) => {
      expect(Math.abs(v - target[i]!)).toBeLessThanOrEqual((Math.max(...target) - Math.min(...target)) / 509);
    });
    // The ends of the range are exact.
    expect(Math.max(...drawn.target)).toBeCloseTo(Math.max(...target), 6);
    expect(drawn.samplers[0]!.freeEnergy).toBeNaN();
  });

  it('of any finite curve keeps each value that float32 can hold', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noDefaultInfinity: true }), { minLength: 1, maxLength: 50 }), (values) => {
        const curve = Float32Array.from(values, (v) => (Math.abs(v) > 3e38 ? 0 : v));
        const one = { ...sample, settings: { steps: curve.length }, moments: [], runs: [{ ...sample.runs[0]!, columns: { loss: curve } }] };
        const found = parseRecording(packRecording(one), 'x.json').runs[0]!.columns.loss!;
        // Below the smallest normal number the error is that of the smallest step.
        curve.forEach((value, i) => {
          if (Number.isNaN(value)) expect(found[i]).toBeNaN();
          else expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -16, 2 ** -141));
        });
      }),
    );
  });
});

describe('what is no recording is refused with the reason', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['no JSON', '<!doctype html>', /JSON/],
    ['a list', '[]', /expected object/],
    ['another format', changed('format', 'unlabeled run'), /format/],
    ['a later version', changed('version', 2), /version/],
    ['no settings', changed('settings'), /settings/],
    ['settings without steps', changed('settings.steps'), /settings\.steps/],
    ['a date that is none', changed('created', 'yesterday'), /created/],
    ['no runs', changed('runs', []), /runs/],
    ['a seed twice', changed('runs.1.seed', 0), /runs: their seeds must differ/],
    ['a score in words', changed('runs.0.scores.nll', 'good'), /runs\.0\.scores/],
    ['a curve that is too short', changed('runs.0.columns.loss.length', 39), /runs: every curve needs one value a step/],
    ['a curve of bytes', changed('runs.0.columns.loss.$', 'u8'), /runs\.0\.columns\.loss: expected packed numbers/],
    ['an array beyond the end', changed('runs.0.columns.loss.at', 1e6), /an array ends at byte 1000120 of \d+/],
    ['an array of another kind', changed('runs.0.columns.loss.$', 'f64'), /\$/],
    ['moments out of order', changed('moments.0.step', 10), /moments: their steps must rise/],
    ['a moment after the end', changed('moments.2.step', 41), /moments: their steps .* lie within the run/],
    ['a picture of no known kind', changed('moments.0.pictures.0.kind', 'film'), /moments\.0\.pictures\.0/],
    ['a density of another size', changed('moments.0.pictures.0.side', 5), /moments\.0\.pictures\.0: a density needs side × side values/],
    ['images of another size', changed('moments.1.pictures.1.images.n', 3), /moments\.1\.pictures\.1\.images: images need n × height/],
    ['bytes that are not base 64', changed('bytes', `#${bytes}`), /bytes/],
    ['bytes that are not compressed', changed('bytes', 'AAAA'), /not compressed/],
    ['truncated bytes', changed('bytes', bytes.slice(0, -8)), /its data/],
  ];
  it.each(cases)('%s', (_, broken, why) => {
    expect(reading(broken)).toThrow(why);
    expect(reading(broken)).toThrow(/^x\.json is not a recording of this lab .* run `npm run record` to make it anew$/s);
  });

  it('any changed character of its bytes that means anything', () => {
    const whole = parseRecording(text, 'x.json');
    let refused = 0;
    // Gzip's header (10 bytes) holds time and system, which nothing depends on; the last group has spare bits, and so has the last
    // byte before the checksum: what is not refused must read as if nothing had changed.
    fc.assert(
      fc.property(fc.integer({ min: 16, max: bytes.length - 5 }), fc.constantFrom('A', 'z', '7', '/'), (at, letter) => {
        fc.pre(bytes[at] !== letter);
        let found: unknown;
        try {
          found = reading(changed('bytes', bytes.slice(0, at) + letter + bytes.slice(at + 1)))();
        } catch {
          refused++;
          return;
        }
        expect(found).toEqual(whole);
      }),
    );
    expect(refused).toBeGreaterThan(90);
  });

  it('and is not written either', () => {
    const bare = { ...sample, moments: [{ step: 0, pictures: [{ kind: 'latents' as const, kl: Float32Array.of(1, Number.NaN) }] }] };
    expect(() => packRecording(bare)).toThrow(/finite/);
    expect(() => packRecording({ ...sample, settings: { steps: 41 } })).toThrow(/one value a step/);
  });
});

describe('the recordings of the site', () => {
  const folder = join(import.meta.dirname, '../../public/recorded');
  const names = readdirSync(folder)
    .filter((name) => name !== 'index.json')
    .map((name) => name.replace(/\.json$/, ''))
    .sort();
  const registry: Readonly<Record<string, Method>> = methods;

  it('are listed, each under 150 kB and all under 4 MB', () => {
    expect(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))).toEqual(names);
    const sizes = names.map((name) => readFileSync(join(folder, `${name}.json`)).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(150_000);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(4_000_000);
  });

  it.each(names)('%s can be read, and was made with the defaults of today', (name) => {
    const { method, data, settings, runs, moments } = parseRecording(readFileSync(join(folder, `${name}.json`), 'utf8'), name);
    expect(name).toBe(recordingName(method, data));
    expect(acceptedData(registry[method]!)).toContain(data);
    expect(settings, 'A default has changed: run `npm run record`').toEqual(
      parseSettings(registry[method]!, datasets[data as keyof typeof datasets], {}),
    );
    expect(runs[0]!.seed).toBe(0);
    for (const { columns } of runs) {
      // Long curves keep some of their values, their last among them.
      expect(columns.loss!.filter(Number.isFinite).length).toBeGreaterThanOrEqual(settings.steps > 6000 ? 1250 : settings.steps);
      expect(columns.loss!.at(-1)).toBeLessThan(Number.POSITIVE_INFINITY);
    }
    expect(moments[0]!.step).toBe(0);
    expect(moments.at(-1)!.step).toBe(settings.steps);
    expect(moments.every(({ pictures }) => pictures.length > 0)).toBe(true);
  });
});
