import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Experiment } from '../../demos/app/experiment/record.ts';
import { archive } from './forms.ts';
import { labEach, onSite } from './lab.ts';
import { stored } from './stored.ts';

const lab = labEach(onSite());

const steps = 300;

/** Fills in the form: two values × two seeds of a small flow. */
async function plan(page: Page): Promise<void> {
  const form = page.getByRole('form', { name: 'New experiment' });
  await form.getByRole('checkbox', { name: 'Real NVP' }).check();
  await form.getByRole('checkbox', { name: 'SimCLR' }).uncheck();
  await form.getByRole('checkbox', { name: 'Two moons' }).check();
  await form.getByRole('checkbox', { name: 'MNIST' }).uncheck();
  for (const [at, setting, words, values] of [
    [0, 'couplings', 'couplings', '1, 2'],
    [1, 'width', 'width', '8'],
    [2, 'batchSize', 'batch size', '32'],
  ] as const) {
    if (at > 0) await form.getByRole('button', { name: 'Add a setting' }).click();
    await form.getByRole('combobox', { name: 'Setting', exact: true }).nth(at).selectOption(setting);
    await form.getByRole('textbox', { name: `Values of ${words}` }).fill(values);
  }
  await form.getByRole('textbox', { name: 'Seeds' }).fill('3, 4');
  await form.getByRole('textbox', { name: 'How many steps' }).fill(String(steps));
  await form.getByRole('textbox', { name: 'How many steps' }).press('Enter');
  await form.getByText(/^4 runs of 2 configurations/).waitFor();
}

/** Fills in the rest of the form for a short experiment of one run of this method and data. */
async function quick(page: Page, method: string, data: string, name: string): Promise<void> {
  const form = page.getByRole('form', { name: 'New experiment' });
  if (method !== 'SimCLR') {
    await form.getByRole('checkbox', { name: method }).check();
    await form.getByRole('checkbox', { name: 'SimCLR' }).uncheck();
  }
  await form.getByRole('checkbox', { name: data }).check();
  if (await form.getByRole('checkbox', { name: 'MNIST' }).isVisible()) await form.getByRole('checkbox', { name: 'MNIST' }).uncheck();
  await form.getByRole('combobox', { name: 'Setting', exact: true }).selectOption('batchSize');
  await form.getByRole('textbox', { name: 'Values of batch size' }).fill('16');
  await form.getByRole('textbox', { name: 'Seeds' }).fill('0');
  await form.getByRole('textbox', { name: 'How many steps' }).fill('20');
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  await form.getByText(/^One run/).waitFor();
  await form.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/#\/experiment\/[-0-9a-f]{36}$/);
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** The notes of all experiments that lie there. */
const notes = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const asked = indexedDB.open('unlabeled');
        asked.onerror = () => reject(asked.error);
        asked.onsuccess = () => {
          const all = asked.result.transaction('experiments').objectStore('experiments').getAll();
          all.onsuccess = () => resolve(all.result.map(({ note }: Experiment) => note));
        };
      }),
  );

test('an experiment trains to its end in the background, over a reload, each run once; then its runs are compared', async () => {
  const { page, open, go, errors } = lab;
  await open('#/experiments');
  await plan(page);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/#\/experiment\/[-0-9a-f]{36}$/);
  const address = page.url();
  const runs = page.getByRole('list', { name: 'Runs by configuration' });
  await runs.getByText('done', { exact: true }).first().waitFor();

  // It goes on whatever page is open, and says so; a reload of any page lets it go on by itself.
  await go('#/data');
  const chip = page.getByRole('banner').getByRole('link', { name: /^Real NVP/ });
  await chip.waitFor();
  await page.reload();
  await chip.click();
  expect(page.url()).toBe(address);
  await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
  expect(await runs.getByText('done', { exact: true }).count()).toBe(4);
  expect(await runs.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['couplings 1', 'couplings 2']);

  const link = await page.getByRole('link', { name: 'Compare the runs' }).getAttribute('href');
  const [path, query] = new URL(link!, page.url()).hash.split('?');
  const { runs: ids, ...more } = Object.fromEntries(new URLSearchParams(query));
  expect([path, more]).toEqual(['#/compare', { group: 'seeds' }]);
  const kept = await stored(page);
  expect(kept.runs.map(({ id }) => id).sort()).toEqual(ids!.split(',').sort());
  for (const { status, step, scores, experiment } of kept.runs) {
    expect([status, step, scores.map((each) => each.step)]).toEqual(['done', steps, [steps]]);
    expect(address).toContain(experiment);
  }
  for (const curve of Object.values(kept.curves)) expect(curve.steps).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
  expect(errors).toEqual([]);
});

test('an experiment is paused, renamed, deleted and brought back', async () => {
  const { page, open } = lab;
  await open('#/experiments');
  await page.getByRole('button', { name: 'Change first: How many couplings does a flow need?' }).click();
  await page.getByText(/^10 runs of 5 configurations/).waitFor();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Training' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('status').filter({ hasText: 'Paused' }).waitFor();
  await page.getByText('What to look at').waitFor();
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name of the experiment' }).fill('Mine');
  await page.getByRole('textbox', { name: 'Name of the experiment' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor();
  await page.getByRole('textbox', { name: 'Note' }).fill('Four will do.');
  // Kept while it is typed, not only when the field is left.
  await expect.poll(() => notes(page)).toEqual(['Four will do.']);
  // What was paused does not go on by itself.
  await page.reload();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('Four will do.');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“Mine” was deleted').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'Mine' }).click();
  await page.getByRole('button', { name: 'Stop here' }).click();
  await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
});

test('images of one’s own are offered, and a second experiment waits for the first, over a reload, and can be taken out of the line', async () => {
  const { page, open, go, errors } = lab;
  await open('#/data?set=own');
  await page.getByLabel('Files of images').setInputFiles(archive());
  await page.getByRole('textbox', { name: 'Name' }).fill('My forms');
  await page.getByRole('button', { name: 'Keep this set' }).click();
  await page.getByText('“My forms” is kept.').waitFor();

  await go('#/experiments');
  await page.getByRole('button', { name: 'Start: Temperature of NT-Xent' }).click();
  await page.getByRole('status').filter({ hasText: 'Training' }).waitFor();
  const first = page.url();
  await go('#/experiments');
  await quick(page, 'SimCLR', 'My forms', 'Mine');
  const second = page.url();
  const waits = page.getByRole('status').filter({ hasText: 'Waits for “Temperature of NT-Xent”' });
  await waits.waitFor();
  await go('#/experiments');
  await quick(page, 'Real NVP', 'Two moons', 'Third');
  await page.getByRole('status').filter({ hasText: 'Waits for “Mine”' }).waitFor();
  await page.getByRole('button', { name: 'Do not wait' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  await page.goto(second);
  await page.reload();
  await waits.waitFor();

  // The page of the run that is being trained names the experiment.
  await page.goto(first);
  const runs = page.getByRole('list', { name: 'Runs by configuration' });
  await runs.getByText('training', { exact: true }).waitFor();
  await expect.poll(async () => (await stored(page)).runs.length).toBe(1);
  const { id } = (await stored(page)).runs[0]!;
  await go(`#/method/simclr?run=${id}`);
  await page.getByText('The experiment “Temperature of NT-Xent” is training this run.').waitFor();
  await page.getByRole('link', { name: 'Open the experiment' }).click();
  expect(page.url()).toBe(first);

  await page.getByText('Then “Mine”').waitFor();
  await page.getByRole('button', { name: 'Stop here' }).click();
  await page.goto(second);
  await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
  expect(await runs.getByText('done', { exact: true }).count()).toBe(1);
  expect((await stored(page)).runs.map(({ spec, status }) => [spec.data.slice(0, 4), status])).toContainEqual(['own-', 'done']);
  expect(errors).toEqual([]);
});
