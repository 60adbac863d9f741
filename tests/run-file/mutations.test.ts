import fc from 'fast-check';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import type { KeptRun } from '../../src/train/record.ts';
import { openRunFile, packComparison, packRun } from '../../src/train/run-file/index.ts';
import { floats, otherId, sampleRun } from './sample.ts';

/** Words of engines and libraries, which tell a reader nothing. */
const engine =
  /undefined|is not a function|not iterable|Cannot read|Invalid typed array|call stack|Unexpected token|Offset is outside|out of range|start offset|byte length of|\[object|ZodError/i;

/** What opening gives: an error in our own words, or runs that are whole. */
function outcome(bytes: Uint8Array): 'refused' | 'opened' {
  let opened: ReturnType<typeof openRunFile>;
  try {
    opened = openRunFile(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    const { name, message } = error as Error;
    expect(name, message).toBe('Error');
    expect(message).not.toMatch(engine);
    expect(message.length).toBeGreaterThan(20);
    expect(message.length).toBeLessThan(1500);
    return 'refused';
  }
  const { runs, comparison } = opened;
  // Whole: it can be kept again, and comes back as the same.
  expect(openRunFile(comparison ? packComparison(comparison, runs) : packRun(runs[0]!))).toEqual(opened);
  return 'opened';
}

const files = [
  packRun(sampleRun()),
  packComparison({ name: 'Two', ids: [sampleRun().record.id, otherId], settings: { log: true } }, [sampleRun(), sampleRun(otherId)]),
];
const file = fc.constantFrom(...files);
/** Uniform in [0, 1), unlike fast-check's own doubles, of which most are tiny. */
const share = fc.noBias(fc.nat(2 ** 30 - 1)).map((n) => n / 2 ** 30);
const at = (place: number, length: number) => Math.floor(place * length);

const flipped = fc.tuple(file, fc.array(fc.tuple(share, fc.nat(7)), { minLength: 1, maxLength: 4 })).map(([bytes, flips]) => {
  const out = bytes.slice();
  for (const [place, bit] of flips) out[at(place, out.length)]! ^= 1 << bit;
  return out;
});
const cut = fc
  .tuple(file, share, share)
  .map(([bytes, from, to]) => bytes.slice(at(from > 0.8 ? Math.min(from, to) : 0, bytes.length), at(to, bytes.length)));

/** A file with one of its entries changed, and packed again with a right checksum. */
const repacked = (which: RegExp, change: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array>) =>
  fc.tuple(file, share, change).map(([bytes, place, edit]) => {
    const entries = unzipSync(bytes);
    const names = Object.keys(entries).filter((name) => which.test(name));
    const name = names.length ? names[at(place, names.length)]! : Object.keys(entries)[0]!;
    return zipSync({ ...entries, [name]: edit(entries[name]!) });
  });

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(null, -1, 0.5, 1e308, 2 ** 53, '', '__proto__', [], {}, 'NaN', true, 2 ** 31, '../x', { __proto__: null }),
);
/** One value somewhere in a JSON tree replaced, removed, or joined by another key. */
const jsonEdit = fc
  .tuple(share, fc.nat(8), fc.constantFrom('replace', 'remove', 'add'), odd)
  .map(([place, depth, how, value]) => (json: unknown) => {
    let node = json as Record<string, unknown>;
    let rest = place;
    for (let i = 0; i <= depth; i++) {
      const keys = Object.keys(node);
      if (keys.length === 0) break;
      const index = at(rest, keys.length);
      rest = (rest * keys.length) % 1;
      const next = node[keys[index]!];
      if (i < depth && typeof next === 'object' && next !== null) node = next as Record<string, unknown>;
      else if (how === 'remove') delete node[keys[index]!];
      else if (how === 'add') node[`x${index}`] = value;
      else node[keys[index]!] = value;
      if (node[keys[index]!] !== next || how === 'add') break;
    }
  });
const jsonEdited = repacked(
  /json$/,
  jsonEdit.map((edit) => (bytes) => {
    const json = JSON.parse(strFromU8(bytes));
    edit(json);
    return strToU8(JSON.stringify(json));
  }),
);
const textEdited = repacked(
  /json$/,
  fc.tuple(share, fc.nat(3), fc.string({ maxLength: 3, unit: 'binary' })).map(([place, gone, text]) => (bytes) => {
    const whole = strFromU8(bytes);
    const from = at(place, whole.length);
    return strToU8(whole.slice(0, from) + text + whole.slice(from + gone));
  }),
);
const headerEdited = repacked(
  /safetensors$/,
  fc.tuple(jsonEdit, fc.integer({ min: -3, max: 3 })).map(([edit, off]) => (bytes) => {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const header = JSON.parse(strFromU8(bytes.slice(8, 8 + length)));
    edit(header);
    const text = strToU8(JSON.stringify(header));
    const out = new Uint8Array(8 + text.length + bytes.length - 8 - length);
    new DataView(out.buffer).setBigUint64(0, BigInt(Math.max(0, text.length + (off > 1 ? off : 0))), true);
    out.set(text, 8);
    out.set(bytes.subarray(8 + length), 8 + text.length);
    return out;
  }),
);
const tensorsEdited = repacked(
  /safetensors$/,
  fc
    .tuple(share, fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.constantFrom(true, false, false, false))
    .map(([place, bytes, insert]) => (old) => {
      // Mostly among the numbers, which lie behind the longer header.
      const from = at(place ** 0.2, old.length);
      return Uint8Array.from([...old.subarray(0, from), ...bytes, ...old.subarray(from + (insert ? 0 : bytes.length))]);
    }),
);

it('a thousand mutated run files: a precise error or a correct import, nothing else', () => {
  const seen = new Map<string, number>();
  const mutated = fc.oneof(
    ...Object.entries({ flipped, cut, jsonEdited, textEdited, headerEdited, tensorsEdited }).map(([kind, arbitrary]) =>
      arbitrary.map((bytes) => ({ kind, bytes })),
    ),
  );
  fc.assert(
    fc.property(mutated, ({ kind, bytes }) => {
      const word = `${kind} ${outcome(bytes)}`;
      seen.set(word, (seen.get(word) ?? 0) + 1);
    }),
    { numRuns: 1000, seed: 4 },
  );
  // Each kind reached both ends where it can: a mutation that never bites, or is always stopped at the door, tests nothing.
  for (const word of [
    'flipped refused',
    'cut refused',
    'jsonEdited refused',
    'textEdited refused',
    'headerEdited refused',
    'tensorsEdited refused',
  ])
    expect(seen.get(word) ?? 0, word).toBeGreaterThan(20);
  for (const word of ['jsonEdited opened', 'textEdited opened', 'tensorsEdited opened'])
    expect(seen.get(word) ?? 0, word).toBeGreaterThan(5);
});

const finite = fc.double({ noDefaultInfinity: true, noNaN: true }).map((x) => x + 0);
const float32 = (allowed: { nan: boolean }) => fc.float({ noDefaultInfinity: true, noNaN: !allowed.nan });
const name = fc.stringMatching(/^[A-Za-z][\w.-]{0,20}$/).filter((text) => text !== 'steps' && text !== 'seconds');
const value = fc.oneof(finite, fc.boolean(), fc.string({ maxLength: 20 }));
const run: fc.Arbitrary<KeptRun> = fc
  .record({
    settings: fc.dictionary(name, value, { noNullPrototype: true }),
    rises: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 20 }),
    metrics: fc.uniqueArray(name, { maxLength: 4 }),
    column: fc.array(float32({ nan: true }), { minLength: 20, maxLength: 20 }),
    weights: fc.array(float32({ nan: false }), { minLength: 1, maxLength: 12 }),
    order: fc.option(fc.array(fc.nat(), { maxLength: 5 })),
    scores: fc.dictionary(name, fc.oneof(finite, fc.constant(Number.NaN), fc.array(finite)), { noNullPrototype: true }),
    note: fc.string({ unit: 'binary' }),
    began: fc.boolean(),
  })
  .map(({ settings, rises, metrics, column, weights, order, scores, note, began }) => {
    const base = sampleRun();
    let at = 0;
    const steps = Int32Array.from(rises, (rise) => (at += rise));
    const spec = { ...base.record.spec, settings };
    return {
      record: {
        ...base.record,
        spec,
        note,
        parameters: weights.length,
        scores: [{ step: at, scores, ...(began && { seconds: at / 3 }) }],
        changes: [{ step: at, settings }],
      },
      curve: {
        steps,
        seconds: Float32Array.from(steps, (step) => step / 7),
        columns: Object.fromEntries(metrics.map((metric, i) => [metric, Float32Array.from(steps, (_, row) => column[(row + i) % 20]!)])),
      },
      checkpoint: began
        ? {
            spec,
            seconds: 0.1,
            step: at,
            order: order && Int32Array.from(order),
            tensors: {
              'params.w': floats([weights.length], ...weights),
              m: floats([weights.length], ...weights),
              v: floats([weights.length], ...weights),
            },
          }
        : null,
    };
  });

it('any run comes back from its file as it was, to the bit', () => {
  fc.assert(
    fc.property(run, (kept) => {
      const back = openRunFile(packRun(kept)).runs[0]!;
      expect(back).toEqual(kept);
      const bits = ({ curve, checkpoint }: KeptRun) =>
        [curve.seconds, ...Object.values(curve.columns), ...Object.values(checkpoint?.tensors ?? {}).map(({ values }) => values)].map(
          ({ buffer }) => [...new Uint8Array(buffer)],
        );
      expect(bits(back)).toEqual(bits(kept));
    }),
    { numRuns: 200, seed: 5 },
  );
});
