import { expect, test } from 'vitest';
import { choice, defaults, flag, fromText, int, parse, problems, real, text } from '../src/hparams.ts';

const specs = {
  rate: real(0.5, { min: 0, max: 1, doc: 'a rate' }),
  size: int(8, { min: 2, max: 16, doc: 'a size' }),
  kind: choice('a', ['a', 'b'], { doc: 'a kind' }),
  on: flag(true, { doc: 'a switch' }),
};

test('parse fills in the defaults and keeps what is given, the ends of a range included', () => {
  expect(parse(specs)).toEqual({ rate: 0.5, size: 8, kind: 'a', on: true });
  expect(parse(specs, { rate: 1, size: 2, kind: 'b', on: false })).toEqual({ rate: 1, size: 2, kind: 'b', on: false });
  expect(defaults(specs)).toEqual(parse(specs));
});

test('every unknown key and every bad value is named in one error', () => {
  const given = { rate: 1.5, size: 2.5, kind: 'c', on: 'yes', rat: 1, toString: 1 };
  expect(Object.keys(problems(specs, given))).toEqual(Object.keys(given));
  expect(() => parse(specs, given)).toThrow(
    [
      'rate must lie from 0 to 1, got 1.5',
      'size must be a whole number from 2 to 16, got 2.5',
      'kind must be one of a, b, got "c"',
      'on must be true or false, got "yes"',
      'rat is not a hyperparameter (known: rate, size, kind, on)',
      'toString is not a hyperparameter (known: rate, size, kind, on)',
    ].join('\n'),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, '0.5', null, undefined, true])('%s is no number', (value) => {
  expect(problems(specs, { rate: value }).rate).toMatch(/must be a number from 0 to 1/);
  expect(problems(specs, { size: value }).size).toMatch(/must be a number from 2 to 16/);
});

test('a default outside of its own range is refused when it is declared', () => {
  expect(() => real(2, { min: 0, max: 1, doc: '' })).toThrow("A hyperparameter's own default must lie from 0 to 1, got 2");
  expect(() => int(0.5, { min: 0, max: 1, doc: '' })).toThrow(/own default must be a whole number/);
});

test('sizes restart a run and rates do not, unless told otherwise', () => {
  expect([specs.rate.when, specs.size.when, specs.kind.when, specs.on.when]).toEqual(['live', 'restart', 'restart', 'live']);
  expect(int(1, { min: 0, max: 2, doc: '', when: 'live' }).when).toBe('live');
});

test('fromText reads numbers and switches, and leaves the rest as text', () => {
  const read = ['0.5', '1e-3', '-2', 'true', 'false', 'v2', '', ' ', 'NaN', 'Infinity', 'True'].map(fromText);
  expect(read).toEqual([0.5, 0.001, -2, true, false, 'v2', '', ' ', 'NaN', 'Infinity', 'True']);
});

test('a text setting takes lines that its pattern matches as a whole', () => {
  const specs = {
    stack: text('affine, abs', { doc: 'layers', pattern: /(affine|abs)(, (affine|abs))*/, expected: 'affine and abs, with commas' }),
  };
  expect(parse(specs, { stack: 'abs' })).toEqual({ stack: 'abs' });
  for (const wrong of ['abs, sort', 'abs,', '', 3])
    expect(problems(specs, { stack: wrong })).toEqual({ stack: `must be affine and abs, with commas, got ${JSON.stringify(wrong)}` });
});
