import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standalone } from '../../../demos/app/export/svg.ts';
import { curveCsv, digits, metadataTsv, scoresCsv, vectorsTsv } from '../../../demos/app/export/tables.ts';
import { sampleRun } from '../../run-file/sample.ts';

describe('tables', () => {
  it('a curve is CSV with an empty field where a step lacks a metric', () => {
    expect(curveCsv(sampleRun().curve)).toBe('step,seconds,loss,nmi.previous\r\n1,0.25,3.5,\r\n2,0.5,2.25,0.1\r\n3,0.75,1.125,\r\n');
  });

  it('quotes what has to be', () => {
    const columns = { 'a "b", c': Float32Array.of(1) };
    expect(curveCsv({ steps: Int32Array.of(1), seconds: Float32Array.of(0), columns })).toBe('step,seconds,"a ""b"", c"\r\n1,0,1\r\n');
  });

  it('scores are CSV, a row a scoring, empty where one lacks a score', () => {
    const scores = [
      { step: 1, scores: { knn: 0.5 } },
      { step: 3, scores: { linearProbe: 0.25, knn: Number.NaN } },
    ];
    expect(scoresCsv(scores)).toBe('step,knn,linearProbe\r\n1,0.5,\r\n3,,0.25\r\n');
  });

  it('every float32 comes back from its digits', () => {
    fc.assert(
      fc.property(fc.float({ noDefaultInfinity: true, noNaN: true }), (value) => Math.fround(Number(digits(value))) === value + 0),
      { seed: 1 },
    );
    expect([digits(Math.fround(0.1)), digits(Number.NaN), digits(Math.fround(1e-45))]).toEqual(['0.1', '', '1.4013e-45']);
  });

  it('embeddings are a pair of TSV files with as many rows', () => {
    expect(vectorsTsv(Float32Array.of(1, 0.5, -2, 3), 2)).toBe('1\t0.5\n-2\t3\n');
    expect(metadataTsv({ label: ['cat\tdog', '7'], index: [0, 1] })).toBe('label\tindex\ncat dog\t0\n7\t1\n');
    expect(metadataTsv({ label: ['a', 'b'] })).toBe('a\nb\n');
  });
});

describe('a chart as a file', () => {
  const picture = {
    width: 200,
    height: 100,
    title: 'Loss <now>',
    variable: (name: string) => ({ '--a': '#123456', '--b': 'var(--a)', '--font': '"Iowan Old Style", serif' })[name] ?? '',
    background: '#fff',
    color: '#000',
    font: 'system-ui, "Segoe UI"',
  };

  it('stands alone: variables are values, classes are gone, size, font and background are its own', () => {
    const xml =
      '<svg class="x" width="9" viewBox="0 0 200 100" style="width: 100%"><title></title><path class="y" stroke="var(--b)" style="fill: var(--c, var(--a)); font-family: var(--font)"/></svg>';
    expect(standalone(xml, picture)).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="200" height="100" viewBox="0 0 200 100" color="#000" font-family="system-ui, &quot;Segoe UI&quot;" font-size="12">' +
        '<title>Loss &lt;now&gt;</title><rect x="0" y="0" width="200" height="100" fill="#fff"/>' +
        `<path stroke="#123456" style="fill: #123456; font-family: 'Iowan Old Style', serif"/></svg>`,
    );
  });

  it('is not made of what is no chart, nor with a colour that has no value', () => {
    expect(() => standalone('<div/>', picture)).toThrow('this is none');
    expect(() => standalone('<svg><path stroke="var(--none)"/></svg>', picture)).toThrow('--none, which has no value');
  });
});
