import { describe, expect, test } from 'vitest';
import { type LayerName, layers, parseStack, readStack, stackPattern, worksOn } from '../../src/nets/stack.ts';
import { stack } from '../../src/nets/transforms/index.ts';

const whole = new RegExp(`^(?:${stackPattern.source})$`);

describe('the language of stacks', () => {
  test.each([
    ['abs', ['abs']],
    ['fold, spline×3', ['fold', 'spline', 'spline', 'spline']],
    [' linear * 2 ,swap', ['linear', 'linear', 'swap']],
    ['(linear, affine×2)×2, max', ['linear', 'affine', 'affine', 'linear', 'affine', 'affine', 'max']],
  ])('%s', (text, names) => {
    expect(text).toMatch(whole);
    expect(parseStack(text)).toEqual(names);
  });

  test.each(['', 'abs,', 'abs spline', 'abs×', '(abs', '((abs, swap), swap)', 'abs; swap', 'abs×2.5', 'abs×-1'])('refuses %j', (text) => {
    expect(text).not.toMatch(whole);
  });

  test.each([
    ['fold, splin×4', /no layer "splin"; did you mean spline\?/],
    ['abs×0', /repeats abs 0 times/],
    ['(abs, swap)×0', /repeats \(abs, swap\) 0 times/],
    ['(affine, affine)×30', /more than 40 layers/],
  ])('%s: says what is wrong', (text, wrong) => {
    expect(text).toMatch(whole);
    expect(() => parseStack(text)).toThrow(wrong);
  });
});

describe('a stack', () => {
  test.each([
    ['max, spline', [2], /Layer 2 of the stack, spline, needs at least 2 numbers, and 1 arrives there/],
    ['slice, slice', [2], /Layer 2 of the stack, slice, needs at least 2 numbers/],
    ['squeeze', [2], /Layer 1 of the stack, squeeze, works on images only/],
    ['dequantize, abs', [4, 4, 1], /Layer 2 of the stack, abs, works on numbers only/],
    ['dequantize, squeeze, max, squeeze', [28, 28, 1], /Layer 4 of the stack, squeeze, halves the image, and 7 × 7 arrives there/],
    ['dequantize, affine', [4, 4, 1], /Layer 2 of the stack, affine, needs at least 2 channels/],
    ['squeeze', [4, 4, 1], /Layer 1 of the stack, squeeze, cannot be the first on images: that is dequantize or vardequantize/],
    ['sort, equivariant, augment', [8, 2], /Layer 3 of the stack, augment, works on numbers only/],
    ['dequantize', [8, 2], /Layer 1 of the stack, dequantize, works on images only/],
    ['equivariant', [2], /Layer 1 of the stack, equivariant, works on sets of points only/],
    ['max', [8, 2], /Layer 1 of the stack, max, works on numbers and images only/],
    ['dequantize, vardequantize', [4, 4, 1], /Layer 2 of the stack, vardequantize, belongs at the start/],
    ['dequantize×2', [4, 4, 1], /Layer 2 of the stack, dequantize, belongs at the start/],
  ] as const)('%s on %j: names the layer that cannot stand there', (text, row, wrong) => {
    expect(() => stack(text, row, 8)).toThrow(wrong);
  });

  test.each([
    ['fold, spline×4', [2], [2], true],
    ['slice, curve', [5], [2], true],
    ['augment, affine, max', [2], [1], false],
    ['vae', [3], [3], false],
    ['sort, spline, linear', [5, 2], [5, 2], true],
    ['shuffle, affine', [5, 2], [5, 2], false],
    ['equivariant×2', [5, 2], [5, 2], true],
    ['dequantize, squeeze, linear, max', [28, 28, 1], [7, 7, 4], false],
  ] as const)('%s of %j ends in %j; exact: %s', (text, from, to, exact) => {
    expect(stack(text, from, 8)).toMatchObject({ from, to, exact });
    expect(readStack(text, from)).toMatchObject({ exact });
    expect(readStack(text, from).rows.at(-1)).toEqual(to);
  });

  test.each(Object.keys(layers))('%s: the language and the transform agree on its rows and its exactness', (name) => {
    for (const row of [[4], [4, 2], [8, 8, 2]] as const) {
      if (!worksOn(name as LayerName, row)) continue;
      const text = row.length < 3 || name.endsWith('dequantize') ? name : `dequantize, ${name}`;
      const { steps } = stack(text, row, 8);
      const { rows, exact } = readStack(text, row);
      expect(steps.map(({ to }) => to)).toEqual(rows.slice(1));
      expect(steps.every((step) => step.exact)).toBe(exact);
    }
  });
});
