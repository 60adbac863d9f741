import { describe, expect, it } from 'vitest';
import { sampleBench } from '../demos/sample-bench.ts';
import { violationsOf } from './axe.ts';
import { labAll, onSite, status, trainToEnd } from './lab.ts';
import { addRuns } from './synthetic.ts';

const here = onSite();

const routes = [
  '#/',
  '#/data',
  '#/compare',
  '#/compare?runs=a,b,c,gone&group=seeds&metric=loss,embeddingStd&off=c',
  '#/runs',
  '#/bench',
  '#/experiments',
  '#/experiment/made',
  '#/method/simclr?backend=wasm&batchSize=8&steps=2',
  '#/method/realnvp?data=two-moons&backend=wasm&batchSize=8&steps=2',
];

const screens = (['light', 'dark'] as const).flatMap((colorScheme) => [1440, 390].map((width) => ({ colorScheme, width })));

describe.each(screens)('in $colorScheme at $width px', ({ colorScheme, width }) => {
  const lab = labAll(here, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });

  it.each(routes)('%s has nothing that axe finds fault with, and nothing scrolls sideways', async (route) => {
    const { page, open } = lab;
    await open(route === '#/experiment/made' ? '#/experiments' : route);
    if (route === '#/experiments') {
      // With something wrong in its form.
      await page.getByRole('textbox', { name: 'Seeds' }).fill('no');
      await page.getByRole('textbox', { name: 'Values of learning rate' }).fill('99');
      await page.getByText(/seed must be a whole number/).waitFor();
      await page
        .getByRole('alert')
        .getByText(/learningRate must lie from/)
        .waitFor();
    }
    if (route === '#/experiment/made') {
      // With a run under way, and all kinds of buttons.
      await page.getByRole('button', { name: 'Start: How many couplings does a flow need?' }).click();
      await page
        .getByRole('button', { name: 'Compare so far' })
        .or(page.getByRole('link', { name: 'Compare so far' }))
        .waitFor();
      await page.getByRole('button', { name: 'Skip' }).last().click();
      await page.getByRole('button', { name: 'Train', exact: false }).first().waitFor();
    }
    if (route.startsWith('#/compare')) {
      await page
        .getByText('No run is kept on this device yet')
        .or(page.getByText('Choose runs'))
        .or(page.getByText('Runs on this device'))
        .first()
        .waitFor();
      if (route.includes('runs=')) {
        const scores = { knn: 0.8, linearProbe: 0.9 };
        await addRuns(page, [
          { id: 'a', scores },
          { id: 'b', seed: 1, scores },
          { id: 'c', method: 'byol' },
        ]);
        await page.reload();
        await page.locator('.compare-lines path').first().waitFor();
        await page.getByRole('button', { name: 'Choose runs' }).click();
      }
    }
    if (route === '#/bench') {
      // As it is after a measurement in which one backend failed.
      await page.evaluate((text) => localStorage.setItem('unlabeled.bench.1', text), JSON.stringify(sampleBench));
      await page.reload();
      await page.getByRole('button', { name: 'Measure' }).waitFor();
      await page.getByText('Show the JSON').click();
      await page.getByText('failed: the driver fell over').waitFor();
    }
    if (route === '#/runs') {
      // With the runs of the comparison before, one of them laid open.
      await page
        .getByRole('button', { name: /^Details of/ })
        .first()
        .click();
      await page
        .getByRole('checkbox', { name: /^Choose/ })
        .first()
        .check();
    }
    if (route.includes('method')) {
      await status(page, 'Ready');
      await trainToEnd(lab);
      await page.locator('.recharts-line-curve').first().waitFor();
      // The last rows are drawn: nothing is about to be switched on.
      await page.getByRole('button', { name: 'Keep on chart', disabled: false }).waitFor();
    }
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});

describe('the explanation of a control', () => {
  const lab = labAll(here, { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });

  it('shows under the mouse and the focus, is told with its control, keeps to the window, moves nothing, and goes on Escape', async () => {
    const { page, open } = lab;
    await open('#/');
    const control = page.getByRole('button', { name: /^Switch to the/ });
    const tip = page.getByRole('tooltip');
    const before = await control.boundingBox();
    await control.hover();
    await tip.waitFor();
    expect(await control.boundingBox()).toEqual(before);
    expect(await control.getAttribute('aria-describedby')).toBe(await tip.getAttribute('id'));
    const { x, y, width } = (await tip.boundingBox())!;
    expect(x).toBeGreaterThan(0);
    expect(x + width).toBeLessThan(390);
    // Above there is no room.
    expect(y).toBeGreaterThan(before!.y + before!.height);
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await tip.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Bench' }).focus();
    await page.keyboard.press('Tab');
    await tip.waitFor();
    await page.keyboard.press('Shift+Tab');
    await tip.waitFor({ state: 'detached' });
  });
});
