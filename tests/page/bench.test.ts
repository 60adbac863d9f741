import { expect, it } from 'vitest';
import type { BenchResult } from '../../demos/app/bench-result.ts';
import { sampleBench } from '../demos/sample-bench.ts';
import { labAll, onSite, press, status } from './lab.ts';

const lab = labAll(onSite(), { permissions: ['clipboard-read', 'clipboard-write'] });

it('measures wasm, leaves software graphics alone, is copied, remembered, used for the time left, and forgotten', async () => {
  const { page, open, errors, workers } = lab;
  await open('#/bench');
  await page.getByText(/Press Measure/).waitFor();
  const measure = page.getByRole('button', { name: 'Measure' });
  await measure.waitFor();
  expect(await page.getByRole('checkbox', { name: /^WebGPU/ }).isChecked()).toBe(false);
  expect(await page.getByRole('checkbox', { name: /^WebGL/ }).isChecked()).toBe(false);
  await page.getByText(/WebGL runs in software here/).waitFor();
  await measure.click();
  await status(page, 'Wasm: round 2');
  expect(workers()).toBe(1);
  // Two methods, which come in their order, say enough.
  await status(page, 'a moment of Relational reasoning');
  await page.getByRole('button', { name: 'Stop' }).click();
  await status(page, 'Stopped');
  await expect.poll(workers, { timeout: 10_000 }).toBe(0);
  await page.locator('.recharts-bar-rectangle').first().waitFor();

  await page.getByRole('button', { name: 'Copy as JSON' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const copied: BenchResult = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(copied).toMatchObject({ format: 'unlabeled-bench-1', tfjs: '4.22.0', crossOriginIsolated: true, chosen: { name: 'wasm' } });
  expect(Date.now() - Date.parse(copied.date)).toBeLessThan(600_000);
  const [webgpu, webgl, wasm] = copied.backends;
  expect([webgpu!.state, webgl!.state, wasm!.state]).toEqual(['skipped', 'skipped', 'done']);
  expect(wasm!.rounds).toBeGreaterThan(0);
  // 15.46 GFLOP a step, as src/train/bench.ts counts them.
  expect((wasm!.gflops! * wasm!.stepMs!) / 1000).toBeCloseTo(15.46, 0);
  expect(wasm!.matmulGflops).toBeGreaterThan(0.1);
  expect(copied.methods.map(({ method }) => method)).toEqual(['simclr', 'byol']);

  await open('#/bench');
  await page.getByRole('row', { name: /^Wasm/ }).waitFor();
  await open('#/method/simclr?backend=wasm&steps=500');
  await status(page, 'Ready');
  await page.getByText(/about .* by your measurement/).waitFor();
  await open('#/method/simclr?backend=wasm&batchSize=16');
  await status(page, 'Ready');
  expect(await page.getByText(/by your measurement/).count()).toBe(0);

  await open('#/bench');
  await page.getByRole('button', { name: 'Forget all measurements' }).click();
  await page.getByText(/Press Measure/).waitFor();
  await page.reload();
  await page.getByText(/Press Measure/).waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('unlabeled.')))).toEqual([]);
  expect(errors).toEqual([]);
});

it('shows the JSON to be copied by hand where the clipboard is refused', async () => {
  const { page, open } = lab;
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));
  });
  await open('#/bench');
  await page.evaluate((text) => localStorage.setItem('unlabeled.bench.1', text), JSON.stringify(sampleBench));
  await page.reload();
  await page.getByRole('button', { name: 'Copy as JSON' }).click();
  await status(page, 'The browser refuses the clipboard');
  expect(JSON.parse(await page.getByRole('textbox', { name: 'The result as JSON' }).inputValue())).toEqual(sampleBench);
});

it('remembers the speed of a run', async () => {
  const { page, open, losses } = lab;
  const route = '#/method/realnvp?data=two-moons&backend=wasm&steps=50000&couplings=2&width=8&batchSize=32';
  await open(route);
  await status(page, 'Ready');
  await press(page, 'Train');
  await expect.poll(async () => (await losses()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  // Its speed is that of its last three seconds, and counts after four.
  await page.waitForTimeout(8000);
  await press(page, 'Pause');
  await status(page, 'Paused');
  await open(route);
  await status(page, 'Ready');
  await page.getByText(/about .* by your last run/).waitFor();
});
