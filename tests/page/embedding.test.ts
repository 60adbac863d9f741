import { readFile } from 'node:fs/promises';
import type { Download, Locator } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { labEach, onSite, press, status } from './lab.ts';

const lab = labEach(onSite(), { reducedMotion: 'reduce' });
let panel: Locator;
beforeEach(() => {
  panel = lab.page.getByRole('article', { name: 'Embedding' });
});
afterEach(() => expect(lab.errors).toEqual([]));

const plot = () => panel.getByRole('img', { name: /^Scatter plot/ });
const trust = () => panel.getByText(/^Trustworthiness [01]\.\d{3}/);
/** A ready run whose first picture is drawn. */
async function ready(steps = 6) {
  await lab.open(`#/method/vae?backend=wasm&batchSize=32&steps=${steps}`);
  await status(lab.page, 'Ready');
  await panel.scrollIntoViewIfNeeded();
  await trust().waitFor();
}

describe('the embedding view', () => {
  it('goes from PCA to UMAP, tells how far each can be trusted, and goes back in training time', async () => {
    await ready();
    const byPca = await trust().textContent();
    expect(byPca).toMatch(/the 10 nearest dots .* 1,000 held-out images, k = 10/);
    // One step, a picture; the end, another.
    await press(lab.page, 'Step');
    await panel.scrollIntoViewIfNeeded();
    await panel.getByText('The run as it is: step 1.').waitFor();
    await press(lab.page, 'Resume');
    await status(lab.page, 'Done');
    await panel.scrollIntoViewIfNeeded();
    await panel.getByText('The run as it is: step 6.').waitFor();
    await panel.getByText('UMAP', { exact: true }).click();
    await plot()
      .and(panel.getByRole('img', { name: /by UMAP of 1,000 held-out images .* after 6 steps, in 10 classes/ }))
      .waitFor();
    await trust().waitFor();
    expect(await trust().textContent()).not.toBe(byPca);
    // The slider is worked by keys: Home is the first picture.
    const slider = panel.getByRole('slider', { name: 'Training time' });
    await slider.focus();
    await slider.press('Home');
    await panel.getByText('The run as it was after step 0.').waitFor();
    await plot()
      .and(panel.getByRole('img', { name: /after 0 steps/ }))
      .waitFor();
    await trust().waitFor();
    await slider.press('End');
    await panel.getByText('The run as it is: step 6.').waitFor();
    // What was seen while it trained is kept with the run.
    expect(lab.page.url()).toContain('run=');
    await lab.page.reload();
    await status(lab.page, 'Done');
    await panel.scrollIntoViewIfNeeded();
    await panel.getByText('The run as it is: step 6.').waitFor();
    await slider.focus();
    await slider.press('Home');
    await panel.getByText('The run as it was after step 0.').waitFor();
  });

  it('lists the images of a lasso, and of what is in view without a mouse; shows the image of a dot', async () => {
    await ready();
    const { page } = lab;
    await panel.getByText('Lasso', { exact: true }).click();
    const chosen = panel.getByRole('region', { name: 'Images chosen' });
    // In the middle, as the run's bar stays at the top. Other panels may still be filling, and move the plot away: then once more.
    await vi.waitFor(
      async () => {
        await plot().evaluate((canvas) => canvas.scrollIntoView({ block: 'center' }));
        const box = (await plot().boundingBox())!;
        const go = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
        await go(0.02, 0.02);
        await page.mouse.down();
        await go(0.98, 0.02);
        await go(0.98, 0.98);
        await go(0.02, 0.98);
        await page.mouse.up();
        await chosen.getByText('1,000 images chosen').waitFor({ timeout: 3000 });
      },
      { timeout: 60_000, interval: 500 },
    );
    await chosen.getByRole('img', { name: '60 of the 1000 images chosen.' }).waitFor();
    // All of it can be taken along, for other projectors.
    const files: Download[] = [];
    page.on('download', (file) => files.push(file));
    await panel.getByText('Save the points').click();
    await panel.getByRole('button', { name: 'This picture, two TSV files' }).click();
    await expect.poll(() => files.length).toBe(2);
    const [vectors, known] = await Promise.all(files.map(async (file) => (await readFile(await file.path(), 'utf8')).trim().split('\n')));
    expect([vectors!.length, vectors![0]!.split('\t').length, known!.length, known![0]]).toEqual([1000, 2, 1001, 'label\trow']);
    const counts = await chosen.getByRole('listitem').allTextContents();
    expect(counts).toHaveLength(10);
    expect(counts.reduce((sum, text) => sum + Number(text.split(':')[1]), 0)).toBe(1000);
    await chosen.getByRole('button', { name: 'Clear' }).click();
    expect(await chosen.count()).toBe(0);
    // By keys: fewer are in view once it is enlarged, and a hidden class is not chosen.
    await plot().focus();
    for (const key of ['+', '+', '+']) await page.keyboard.press(key);
    await panel.getByRole('button', { name: '1', exact: true }).click();
    await panel.getByRole('button', { name: 'List what is in view' }).press('Enter');
    const some = Number((await chosen.getByText(/images chosen/).textContent())!.split(' ')[0]);
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(1000);
    expect((await chosen.getByRole('listitem').allTextContents()).some((text) => text.startsWith('1:'))).toBe(false);
    await plot().focus();
    await page.keyboard.press('0');
    await page.keyboard.press('ArrowRight');
    await panel.getByText(/^\d, held-out image \d+$/).waitFor();
  });

  it('draws more images on demand, those of training after the held-out ones', async () => {
    await ready();
    await panel.getByRole('combobox', { name: 'Number of images' }).selectOption('5000');
    await panel.getByText('2,000 held-out images and 3,000 training images').waitFor();
    await trust().waitFor();
    expect(await trust().textContent()).toContain('Over 2,000 held-out images');
    await panel.getByText('t-SNE', { exact: true }).click();
    await panel.getByText(/finding neighbours|rounds/).waitFor();
    // Stopping ends the worker in the middle of its work, and keeps how far that had come.
    await panel.getByText(/: [1-9]\d* of 600 rounds/).waitFor();
    await panel.getByRole('button', { name: 'Stop' }).click();
    const said = await panel.getByText(/^Stopped after \d+ of 600 rounds\.$/).textContent();
    const reached = Number(said!.split(' ')[2]);
    expect(reached).toBeGreaterThan(0);
    await panel.getByText('Trustworthiness: follows with the finished picture.').waitFor();
    await panel.getByRole('button', { name: 'Go on' }).click();
    const round = /: (\d+) of 600 rounds/;
    expect(Number(round.exec((await panel.getByText(round).textContent())!)![1])).toBeGreaterThanOrEqual(reached);
    await panel.getByText('PCA', { exact: true }).click();
    await panel.getByText('2,000 held-out images and 3,000 training images').waitFor();
    await trust().waitFor();
  });
});
