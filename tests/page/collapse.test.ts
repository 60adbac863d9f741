import { expect, it } from 'vitest';
import { labEach, onSite, press, status } from './lab.ts';

const lab = labEach(onSite());

it('BYOL without predictor and stop-gradient: the page says “collapsed” within 200 steps, once, and scores it so', async () => {
  const { page, open, losses, errors } = lab;
  await open('#/method/byol?data=mnist&backend=wasm&predictor=false&stopGradient=false');
  await status(page, 'Ready');
  await press(page, 'Train');
  const alert = page.getByRole('alert').filter({ hasText: 'Collapsed' });
  await alert.waitFor();
  expect((await losses()).length).toBeLessThanOrEqual(200);
  const said = await alert.textContent();
  // Words that change are read out again.
  await page.evaluate(() => {
    const seen = { changes: 0 };
    Object.assign(globalThis, { seen });
    new MutationObserver(() => seen.changes++).observe(document.querySelector('[role=alert]')!, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const step = (await losses()).length;
  await expect.poll(async () => (await losses()).length, { timeout: 60_000 }).toBeGreaterThan(step + 30);
  await press(page, 'Pause');
  expect(await alert.count()).toBe(1);
  expect(await alert.textContent()).toBe(said);
  expect(await page.evaluate(() => (globalThis as unknown as { seen: { changes: number } }).seen.changes)).toBe(0);
  expect(errors).toEqual([]);
});

it('SimCLR: it never does; its scores come by group, with what they mean, and over training', async () => {
  const { page, open, errors } = lab;
  await open('#/method/simclr?data=mnist&backend=wasm&batchSize=32&steps=60');
  await status(page, 'Ready');
  await page.getByRole('combobox', { name: 'While training' }).selectOption('50');
  await press(page, 'Train');
  await status(page, 'Done');
  const scores = page.getByRole('region', { name: 'Scores', exact: true });
  await scores.getByText('after step 60', { exact: false }).waitFor();
  for (const group of ['Representation', 'Projection and collapse', 'Clusters'])
    await scores.getByRole('region', { name: group, exact: true }).waitFor();
  const representation = scores.getByRole('region', { name: 'Representation', exact: true });
  await representation.getByText('raw pixels').first().waitFor();
  await representation.getByText('What these say').click();
  await representation.getByText(/standardized by the training images/).waitFor();
  await scores.getByText('All 2 evaluations of this run').click();
  expect(await scores.getByRole('columnheader').allTextContents()).toEqual(['after step', '50', '60']);
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(errors).toEqual([]);
});
