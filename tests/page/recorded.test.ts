import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { packRecording } from '../../scripts/record-pack.ts';
import { sampleRecording } from '../demos/sample-recording.ts';
import { violationsOf } from './axe.ts';
import { labEach, onSite, press, status, trainToEnd } from './lab.ts';

const route = '#/method/realnvp?data=two-moons&backend=wasm&steps=50000&couplings=2&width=8&batchSize=32';

const lab = labEach(onSite());

/** Serves these recordings instead of the site's own; a null is listed, but not there. */
async function serve(page: Page, files: Readonly<Record<string, string | null>>): Promise<void> {
  await page.context().route('**/recorded/*.json', (request) => {
    const name = /([^/]+)\.json$/.exec(request.request().url())![1]!;
    const body = name === 'index' ? JSON.stringify(Object.keys(files)) : files[name];
    return body == null ? request.fulfill({ status: 200, body: '<!doctype html>' }) : request.fulfill({ status: 200, body });
  });
}

const band = (page: Page) => page.locator('.recharts-area-area');
const player = (page: Page) => page.getByRole('button', { name: 'Play the recorded run' });
const legend = (page: Page) => page.getByRole('list', { name: 'Recorded runs on the chart' });

describe('a recording', () => {
  it('is a band behind the chart, which can be hidden', async () => {
    const { page, open } = lab;
    await serve(page, { 'realnvp-two-moons': packRecording(sampleRecording()) });
    await open(route);
    await band(page).waitFor();
    await legend(page).getByText('recorded: defaults, 3 seeds').waitFor();
    await page.getByRole('img', { name: /over 40 steps.*over a band: recorded/ }).waitFor();
    await page.getByRole('button', { name: 'Hide the recorded band' }).click();
    await expect.poll(() => band(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Show the recorded band' }).click();
    await band(page).waitFor();
  });

  it('plays before Train, labelled in every place, and is gone with it', async () => {
    const { page, open, losses, errors } = lab;
    await serve(page, { 'realnvp-two-moons': packRecording(sampleRecording()) });
    await open(route);
    await status(page, 'Ready');
    await player(page).click();
    await status(page, 'This is a recorded run (defaults, seed 0), not yours');
    const slider = page.getByRole('slider', { name: 'Step of the recorded run' });
    await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow'))).toBeGreaterThan(0.05);
    await page.getByRole('button', { name: 'Pause the recorded run' }).click();
    await slider.focus();
    await page.keyboard.press('End');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('step 40');
    const density = page.getByRole('article', { name: 'Density' });
    await density.getByText('recorded, step 40').waitFor();
    await density.getByText(/NLL 1\.000 nats against an entropy floor of 0\.900/).waitFor();
    await page.getByRole('group', { name: 'Metric' }).getByText('recorded').first().waitFor();
    await page.keyboard.press('Home');
    await density.getByText('recorded, step 0').waitFor();
    expect(await losses()).toEqual([]);

    expect(await violationsOf(page)).toEqual([]);

    await press(page, 'Train');
    await expect.poll(() => slider.count()).toBe(0);
    expect(await page.getByText('recorded, step').count()).toBe(0);
    await expect.poll(async () => (await losses()).length, { timeout: 60_000 }).toBeGreaterThan(10);
    // The band stays, behind the live curve.
    await band(page).waitFor();
    await page.locator('.recharts-line-curve[stroke="var(--lab-accent)"]').waitFor();
    expect(await player(page).count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('stands beside the scores of a run that is done', async () => {
    const { page, open } = lab;
    await serve(page, { 'realnvp-two-moons': packRecording(sampleRecording()) });
    await open(route.replace('50000', '5'));
    await status(page, 'Ready');
    await trainToEnd(lab);
    await page.getByText('recorded: 1.100 nats to 1.300 nats').waitFor();
  });

  it('is that of the data shown', async () => {
    const { page, open } = lab;
    await serve(page, { 'realnvp-two-moons': packRecording(sampleRecording()) });
    await open(route);
    await player(page).click();
    await page.getByRole('combobox', { name: 'Data' }).selectOption('checkerboard');
    await expect.poll(() => band(page).count()).toBe(0);
    expect(await page.getByText(/recorded/).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Data' }).selectOption('two-moons');
    await band(page).waitFor();
    await player(page).waitFor();
  });

  it.each([
    ['the site has none', {}],
    ['its file is missing', { 'realnvp-two-moons': null }],
    ['its file is damaged', { 'realnvp-two-moons': packRecording(sampleRecording()).slice(0, -40) }],
  ])('is left out, and the page is whole, where %s', async (_, files) => {
    const { page, open, errors } = lab;
    await serve(page, files);
    await open(route);
    await status(page, 'Ready');
    await page.getByText('the loss and its terms appear here').waitFor();
    await page.waitForTimeout(1500);
    expect(await band(page).count()).toBe(0);
    expect(await player(page).count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
