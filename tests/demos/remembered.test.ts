import { describe, expect, it, test } from 'vitest';
import { hasNumbers, readBenchResult } from '../../demos/app/bench-result.ts';
import { about, measured } from '../../demos/app/format.ts';
import { remember, type Shelf } from '../../demos/app/remembered.ts';
import { readSpeeds, rememberSpeed, type Speed, type Speeds, speedOf, speedOfRun, workOf } from '../../demos/app/speeds.ts';
import { int, real } from '../../src/hparams.ts';
import { sampleBench as result } from './sample-bench.ts';

function shelf(texts: Record<string, string> = {}): Shelf & { readonly texts: Record<string, string> } {
  return {
    texts,
    getItem: (key) => texts[key] ?? null,
    setItem: (key, text) => {
      texts[key] = text;
    },
    removeItem: (key) => {
      delete texts[key];
    },
  };
}
const readNumber = (value: unknown) => (typeof value === 'number' ? value : null);

describe('what is remembered', () => {
  it('outlives the visit, and is forgotten on demand', () => {
    const device = shelf();
    remember('n', readNumber, 0, device).change((n) => n + 3);
    const later = remember('n', readNumber, 0, device);
    expect(later.get()).toBe(3);
    later.forget();
    expect([later.get(), device.texts]).toEqual([0, {}]);
  });

  it('is changed as it is now, not as it was when this tab opened', () => {
    const device = shelf();
    const [one, other] = [remember('n', readNumber, 0, device), remember('n', readNumber, 0, device)];
    one.change((n) => n + 1);
    other.change((n) => n + 1);
    expect(device.texts.n).toBe('2');
  });

  it.each(['"three"', '{', 'null'])('begins anew where %s lies', (text) => {
    expect(remember('n', readNumber, 7, shelf({ n: text })).get()).toBe(7);
  });

  it('lives as long as the page where nothing may be kept', () => {
    const refuse = () => {
      throw new Error('refused');
    };
    for (const device of [null, { getItem: refuse, setItem: refuse, removeItem: refuse }]) {
      const kept = remember('n', readNumber, 1, device);
      kept.change((n) => n + 1);
      kept.change((n) => n + 1);
      expect(kept.get()).toBe(3);
      kept.forget();
      expect(kept.get()).toBe(1);
    }
  });
});

describe('a stored result', () => {
  const stored = () => JSON.parse(JSON.stringify(result));
  it('is read as it was written', () => {
    expect(readBenchResult(stored())).toEqual(result);
  });
  it.each<[string, (stored: Record<string, never>) => unknown]>([
    ['nothing', () => null],
    ['a list', () => []],
    ['another version', (it) => ({ ...it, format: 'unlabeled-bench-0' })],
    ['no date', (it) => ({ ...it, date: 'yesterday' })],
    ['a missing field', ({ cores: _, ...it }) => it],
    ['an unknown backend', (it) => ({ ...it, backends: [{ ...result.backends[1], name: 'abacus' }] })],
    ['an unknown state', (it) => ({ ...it, backends: [{ ...result.backends[1], state: 'great' }] })],
    ['a time of 0', (it) => ({ ...it, backends: [{ ...result.backends[1], stepMs: 0 }] })],
    ['a time in words', (it) => ({ ...it, methods: [{ ...result.methods[0], msPerStep: '12' }] })],
    ['half a round', (it) => ({ ...it, backends: [{ ...result.backends[1], rounds: 0.5 }] })],
    ['backends that are no list', (it) => ({ ...it, backends: {} })],
  ])('with %s is none', (_, spoil) => {
    expect(readBenchResult(spoil(stored()))).toBe(null);
  });
  it('has numbers if anything was measured', () => {
    const backends = [result.backends[1]!];
    expect([hasNumbers(result), hasNumbers({ ...result, methods: [] }), hasNumbers({ backends, methods: [] })]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

const specs = {
  steps: int(1000, { min: 1, max: 9999, doc: 'steps of the run' }),
  width: int(8, { min: 1, max: 99, doc: 'of the network' }),
  batchSize: int(128, { min: 1, max: 999, doc: 'images a step' }),
  temperature: real(0.5, { min: 0, max: 1, doc: 'live' }),
};
const wasm = { name: 'wasm', threads: 1 };
const speed = (msPerStep: number, by: Speed['by'] = 'run'): Speed => ({ msPerStep, date: '2026-01-02T03:04:05.000Z', by });

describe('the speed of a run', () => {
  test('belongs to the settings that shape its work, in any order', () => {
    expect(workOf('m', 'd', { steps: 5, temperature: 0.1 }, specs)).toBe('m/d');
    expect(workOf('m', 'd', { width: 4, batchSize: 32 }, specs)).toBe('m/d?batchSize=32&width=4');
    expect(workOf('m', 'd', { batchSize: 32, width: 4 }, specs)).toBe('m/d?batchSize=32&width=4');
  });

  test('counts once it has trained beyond the window over which it is taken', () => {
    const now = new Date('2026-01-02T03:04:05.000Z');
    expect(speedOfRun(39, 10, now)).toBe(null);
    expect(speedOfRun(40, 10, now)).toEqual(speed(100));
    expect(speedOfRun(4, 0.5, now)).toBe(null);
    expect(speedOfRun(100, 0, now)).toBe(null);
  });

  test('the newest of the same work, backend and threads is the one', () => {
    const all = remember<Speeds>('s', readSpeeds, {}, shelf());
    rememberSpeed('m/d', wasm, speed(10, 'bench'), all);
    rememberSpeed('m/d', wasm, speed(20), all);
    rememberSpeed('m/d', { ...wasm, threads: 4 }, speed(5), all);
    expect(speedOf(all.get(), 'm/d', wasm)).toEqual(speed(20));
    expect(speedOf(all.get(), 'm/d', { ...wasm, threads: 4 })).toEqual(speed(5));
    expect(speedOf(all.get(), 'm/d', { name: 'webgl', threads: 1 })).toBe(null);
    expect(speedOf(all.get(), 'm/d?width=4', wasm)).toBe(null);
  });

  test('a hundred are kept; the one that was longest not seen goes', () => {
    const all = remember<Speeds>('s', readSpeeds, {}, null);
    for (let i = 0; i < 100; i++) rememberSpeed(`m${i}/d`, wasm, speed(1), all);
    rememberSpeed('m0/d', wasm, speed(2), all);
    rememberSpeed('new/d', wasm, speed(3), all);
    expect(Object.keys(all.get())).toHaveLength(100);
    expect(speedOf(all.get(), 'm0/d', wasm)).toEqual(speed(2));
    expect(speedOf(all.get(), 'm1/d', wasm)).toBe(null);
  });

  test('stored nonsense is left out', () => {
    const good = speed(1);
    expect(readSpeeds({ good, zero: speed(0), late: { ...good, date: 'x' }, who: { ...good, by: 'me' }, none: null })).toEqual({ good });
    expect(readSpeeds([good])).toBe(null);
  });
});

test('durations are guessed roughly', () => {
  expect([0.2, 7.4, 12, 94, 119, 425, 7100, 9000, Number.NaN].map(about)).toEqual([
    '1 s',
    '7 s',
    '12 s',
    '95 s',
    '2 min',
    '7 min',
    '118 min',
    '2.5 h',
    '–',
  ]);
});

test('measured numbers have three digits', () => {
  expect([1.2345, 29, 523.1, 999.9, 1234, 0.001, null].map(measured)).toEqual(['1.23', '29.0', '523', '1,000', '1,230', '0.001', '–']);
});
