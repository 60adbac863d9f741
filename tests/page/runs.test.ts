import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { labAll, onSite, openLab, press, status } from './lab.ts';
import { stored } from './stored.ts';

const here = onSite();

const route = (more: string) => `#/method/realnvp?data=two-moons&backend=wasm&couplings=2&width=8&batchSize=32&${more}`;

/** Kills the page's process, as a crash or a killed tab does. */
async function kill(context: BrowserContext, page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  void session.send('Page.crash').catch(() => {});
  await crashed;
  await page.close();
}

/** Times that the tab is killed; the twenty take some minutes. */
const kills = Number(process.env.KILLS ?? 4);

describe('a run that is killed', () => {
  it('is listed, goes on from its last save, and gives the very curve of an uninterrupted run', async () => {
    const steps = 200 * (kills + 1);
    const whole = await openLab(here.browser, here.site.url);
    await whole.open(route(`steps=${steps}&seed=5`));
    await status(whole.page, 'Ready');
    await press(whole.page, 'Train');
    await status(whole.page, 'Done');
    await expect.poll(async () => (await stored(whole.page)).runs.map((run) => run.status)).toEqual(['done']);
    const [expected] = Object.values((await stored(whole.page)).curves);
    expect(expected!.steps).toHaveLength(steps);
    await whole.close();

    const context = await here.browser.newContext();
    const open = async (hash: string) => {
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(`${here.site.url}${hash}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    };
    let page = await open(route(`steps=${steps}&seed=5`));
    await status(page, 'Ready');
    let address = '';
    const reached: number[] = [];
    for (let i = 0; i < kills; i++) {
      await press(page, reached.at(-1) ? 'Resume' : 'Train');
      await expect.poll(() => page.url()).toContain('run=');
      address = page.url();
      // Moments spread over a save's period, the same in every test run.
      await page.waitForTimeout(200 + ((i * 617) % 3100));
      await kill(context, page);
      page = await open('#/runs');
      await page.getByRole('row', { name: /Real NVP on Two moons/ }).waitFor();
      const { runs, curves } = await stored(page);
      expect(runs).toHaveLength(1);
      const curve = curves[runs[0]!.id]!;
      // What is kept is whole, and a prefix of the very curve.
      expect(curve.steps.length).toBeGreaterThanOrEqual(runs[0]!.step);
      expect(curve.loss).toEqual(expected!.loss.slice(0, curve.loss.length));
      reached.push(runs[0]!.step);
      if (runs[0]!.status === 'done') break;
      await page.getByRole('cell', { name: /^Interrupted/ }).waitFor();
      await page.getByRole('link', { name: 'Real NVP on Two moons' }).click();
      await status(page, runs[0]!.step > 0 ? 'Paused' : 'Ready');
      expect(page.url()).toBe(address);
    }
    if ((await stored(page)).runs[0]!.status !== 'done') {
      await press(page, reached.at(-1) ? 'Resume' : 'Train');
      await status(page, 'Done');
    }
    await expect.poll(async () => (await stored(page)).runs.map((run) => run.status)).toEqual(['done']);
    expect(Object.values((await stored(page)).curves)).toEqual([expected]);
    console.info(`killed ${kills} times; steps kept each time: ${reached.join(', ')} of ${steps}`);
    await context.close();
  });
});

describe('the page of runs', () => {
  const lab = labAll(here);

  it('explains itself while it is empty', async () => {
    await lab.open('#/runs');
    await lab.page.getByText(/No run is kept yet/).waitFor();
  });

  it('lists runs, filters them, keeps names and notes, deletes and takes that back', async () => {
    const { page, open } = lab;
    for (const [i, seed] of [11, 23].entries()) {
      await open(route(`steps=5&seed=${seed}`));
      await status(page, 'Ready');
      await press(page, 'Train');
      await status(page, 'Done');
      await expect.poll(async () => (await stored(page)).runs.filter((run) => run.status === 'done').length).toBe(i + 1);
    }
    await open('#/runs');
    const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
    await expect.poll(() => rows.count()).toBe(2);
    await page
      .getByRole('searchbox', { name: 'Search' })
      .or(page.getByRole('textbox', { name: 'Search' }))
      .fill('seed 23');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole('button', { name: /^Details of/ }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('the second');
    // At once after the name, while that is not written yet.
    await page.getByRole('textbox', { name: 'Note' }).fill('sharp edges');
    await page.getByRole('link', { name: 'the second' }).waitFor();
    await page.getByRole('rowheader').getByText('sharp edges').waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'the second' }).waitFor();
    await page.getByText('sharp edges').first().waitFor();
    await page.getByRole('checkbox', { name: 'Choose the second' }).check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'the second' }).waitFor();
    expect((await stored(page)).runs.every(({ deleted }) => deleted === null)).toBe(true);
    expect(lab.errors).toEqual([]);
  });

  it('exports runs to a file that another browser takes in, and refuses a damaged one in words', async () => {
    const { page, open } = lab;
    await open('#/runs');
    await page.getByRole('checkbox', { name: 'Choose all runs shown' }).check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('toolbar').getByRole('button', { name: 'Export' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('2 runs.comparison.zip');
    const bytes = await readFile(await download.path());
    const mine = await stored(page);

    const other = await openLab(here.browser, here.site.url);
    await other.open('#/runs');
    const drop = (name: string, buffer: Buffer) =>
      other.page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/zip', buffer });
    await drop('cut.zip', bytes.subarray(0, bytes.length - 100));
    await other.page
      .getByRole('alert')
      .getByText(/cut\.zip/)
      .waitFor();
    expect((await stored(other.page)).runs).toEqual([]);
    await drop('whole.zip', bytes);
    await other.page.getByText('2 runs imported').waitFor();
    const theirs = await stored(other.page);
    expect(theirs.curves).toEqual(mine.curves);
    await drop('again.zip', bytes);
    await other.page.getByText(/2 runs of the file were here already/).waitFor();
    // It goes on there as it would here.
    await other.page.getByRole('link', { name: 'the second' }).click();
    await status(other.page, 'Done');
    await other.close();
  });

  it('verifies a run by training it again, and hands out its curve', async () => {
    const { page, open } = lab;
    await open('#/runs');
    await page.getByRole('button', { name: 'Details of the second' }).click();
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    await page.getByRole('button', { name: 'Copy a link to these settings' }).click();
    await page.getByRole('alert').getByText('The browser refuses the clipboard').waitFor();
    expect(await page.getByRole('link', { name: 'this link' }).getAttribute('href')).toContain('#/method/realnvp?');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.locator('[data-outcome=same]').waitFor();
    await page.getByText('Export', { exact: true }).last().click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Curve as CSV' }).click()]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    expect([lines.length, lines[0]]).toEqual([6, 'step,seconds,loss']);
  });

  it('does not give one run to two tabs', async () => {
    const { page, open } = lab;
    await open(route('steps=50000&seed=3'));
    await status(page, 'Ready');
    await press(page, 'Train');
    await expect.poll(() => page.url()).toContain('run=');
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByText('This run is open in another tab').waitFor();
    expect(other.url()).not.toContain('run=');
    await other.goto('about:blank');
    await other.goto(`${here.site.url}#/runs`);
    await other.getByRole('cell', { name: /^Training/ }).waitFor();
    await other.close();
  });

  it('says when a run of an address is not here', async () => {
    await lab.open(route('steps=5&run=00000000-0000-4000-8000-000000000000'));
    await lab.page.getByText('The run of this address is not on this device').waitFor();
    await status(lab.page, 'Ready');
  });
});
