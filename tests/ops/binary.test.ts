import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kernels } from '../../scripts/kernels.mjs';

test('the committed wasm kernels are what their sources compile to', async () => {
  const committed = readFileSync(fileURLToPath(new URL('../../src/ops/kernels/assembly/binary.ts', import.meta.url)), 'utf8');
  expect(committed === (await kernels()), 'src/ops/kernels/assembly/binary.ts is old: run `npm run kernels`').toBe(true);
});
