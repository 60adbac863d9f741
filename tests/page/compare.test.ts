import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { labAll, onSite, openLab, press, status, trainToEnd } from './lab.ts';
import { addRuns } from './synthetic.ts';

const here = onSite();
const lab = labAll(here, { permissions: ['clipboard-read', 'clipboard-write'] });
beforeAll(async () => {
  await lab.open('#/runs');
  await lab.page
    .getByRole('main')
    .getByText(/No runs|No run/)
    .first()
    .waitFor();
  await addRuns(lab.page, [
    { id: 'warm-0', seed: 0, scores: { knn: 0.8 } },
    { id: 'warm-1', seed: 1, scores: { knn: 0.9 } },
    { id: 'warm-2', seed: 2, steps: 60, settings: { steps: 100 }, scores: { knn: 0.7 } },
    { id: 'cold', settings: { temperature: 0.1, batchSize: 64 }, scores: { knn: 0.95 }, name: 'the cold one' },
    ...Array.from({ length: 6 }, (_, i) => ({ id: `more-${i}`, seed: 10 + i })),
  ]);
});
beforeEach(() => {
  lab.errors.length = 0;
});

const four = 'runs=warm-0,warm-1,warm-2,cold';
const lines = () => lab.page.locator('.compare-lines path[fill="none"]');
const query = () => new URLSearchParams(new URL(lab.page.url()).hash.split('?')[1]);
const cells = (region: string, row: string) =>
  lab.page
    .getByRole('region', { name: region, exact: true })
    .getByRole('row', { name: new RegExp(`^${row}`) })
    .getByRole('cell');

it('draws runs, says what differs and what came out, and names those that are not there', async () => {
  const { page, open, errors } = lab;
  await open(`#/compare?${four},gone`);
  await expect.poll(() => lines().count()).toBe(4);
  await page.getByText('Not on this device, or deleted: gone.').waitFor();
  await page.getByText('4 runs: SimCLR on MNIST.').waitFor();
  await page.getByText(/The loss may depend on what differs \(temperature\)/).waitFor();
  expect(await cells('What differs', 'temperature').allTextContents()).toEqual(['0.5', '0.5', '0.5', '0.1'].map((text) => ` ${text}`));
  expect(await cells('What differs', 'seed').count()).toBe(4);
  expect(
    await page
      .getByRole('region', { name: 'What differs', exact: true })
      .getByRole('row', { name: /^method/ })
      .count(),
  ).toBe(0);
  expect((await cells('What came out', 'Nearest').allTextContents()).map((text) => text.trim())).toEqual([
    '80.0 %',
    '90.0 %',
    '70.0 %',
    '★ 95.0 %',
  ]);
  await page.getByRole('button', { name: 'Copy the table What came out' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Nearest neighbours\t80.0 %\t90.0 %\t70.0 %\t95.0 %');
  expect(errors).toEqual([]);
});

it('takes seeds of one configuration together, as mean and band where all have values', async () => {
  const { page, open } = lab;
  await open(`#/compare?${four}&x=images`);
  await expect.poll(() => lines().count()).toBe(4);
  await page.getByRole('switch', { name: 'Seeds as one' }).check();
  await expect.poll(() => lines().count()).toBe(2);
  expect(await page.locator('.compare-lines path[fill-opacity]').count()).toBe(1);
  await page.getByText('A: 3 seeds').waitFor();
  expect((await cells('What came out', 'Nearest').allTextContents())[0]!.trim()).toBe('80.0 % ± 10.0 %');
  // 60 steps of 128 images: the shortest of the three.
  const slider = page.getByRole('slider', { name: 'Crosshair on loss' });
  await slider.focus();
  await page.keyboard.press('End');
  await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^images seen 12,800: A –, B –$/);
  await page.keyboard.press('Home');
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowRight');
  await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^images seen 3,840: A 0\.\d+, B 0\.\d+$/);
  expect(Object.fromEntries(query())).toEqual({ runs: 'warm-0,warm-1,warm-2,cold', x: 'images', group: 'seeds' });
});

it('hands out a chart as a picture that stands alone, and the runs as a file', async () => {
  const { page, open, errors } = lab;
  await open(`#/compare?${four}`);
  await expect.poll(() => lines().count()).toBe(4);
  const take = async (menu: string, item: string) => {
    await page.locator('summary', { hasText: menu }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: item }).click()]);
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  };
  const svg = await take('Save loss', 'Chart as SVG');
  expect(svg.name).toBe('loss.svg');
  const text = svg.bytes.toString();
  expect(text.match(/<path/g)!.length).toBeGreaterThanOrEqual(4);
  expect(text).not.toMatch(/var\(--|<script|https?:\/\/(?!www\.w3\.org)/);
  const png = await take('Save loss', 'Chart as PNG');
  expect([...png.bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  // Its width: twice that of the chart.
  const width = await page
    .locator('svg.recharts-surface')
    .first()
    .evaluate((chart) => Math.round(chart.getBoundingClientRect().width));
  expect(png.bytes.readUInt32BE(16)).toBe(2 * width);
  expect(errors).toEqual([]);
});

it('shares one crosshair between its charts, by pointer and by key', async () => {
  const { page, open } = lab;
  await open(`#/compare?${four}&metric=loss,embeddingStd`);
  const [loss, spread] = ['loss', 'embedding std'].map((name) => page.getByRole('slider', { name: `Crosshair on ${name}` }));
  await loss!.hover();
  await expect.poll(() => spread!.getAttribute('aria-valuetext')).toMatch(/^step 50\b.*A 0\.\d+/);
  await page.mouse.move(5, 5);
  await expect.poll(() => spread!.getAttribute('aria-valuetext')).toBe('not set');
  await spread!.focus();
  await page.keyboard.press('PageDown');
  await expect.poll(() => loss!.getAttribute('aria-valuetext')).toMatch(/^step 90\b/);
  await page.keyboard.press('Escape');
  await expect.poll(() => loss!.getAttribute('aria-valuetext')).toBe('not set');
});

it('keeps its state in the address: a reload brings it back, the keyboard changes it', async () => {
  const { page, open } = lab;
  await open(`#/compare?${four}&x=seconds&smooth=0.9&logx&logy=true&off=cold`);
  await expect.poll(() => lines().count()).toBe(3);
  expect(await page.getByRole('radio', { name: 'Seconds' }).isChecked()).toBe(true);
  expect(await page.getByRole('switch', { name: 'Log x' }).isChecked()).toBe(true);
  const eye = page.getByRole('button', { name: /^Show D, the cold one/ });
  expect(await eye.getAttribute('aria-pressed')).toBe('false');
  await eye.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => lines().count()).toBe(4);
  await page.getByRole('slider', { name: 'Smoothing' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => query().get('smooth')).toBe('0.88');
  await page.getByRole('button', { name: /^Take B/ }).click();
  await expect.poll(() => lines().count()).toBe(3);
  await page.reload();
  await expect.poll(() => lines().count()).toBe(3);
  expect(Object.fromEntries(query())).toEqual({
    runs: 'warm-0,warm-2,cold',
    x: 'seconds',
    smooth: '0.88',
    logx: 'true',
    logy: 'true',
  });
});

it('shows eight of more, and lets runs be chosen where none is named', async () => {
  const { page, open } = lab;
  await open(`#/compare?${four},${Array.from({ length: 6 }, (_, i) => `more-${i}`).join(',')}`);
  await page.getByText('The address names 10 runs; the first eight are shown.').waitFor();
  await expect.poll(() => lines().count()).toBe(8);
  await open('#/compare');
  await page.getByRole('checkbox', { name: /^the cold one/ }).check();
  await page
    .getByRole('checkbox', { name: /^SimCLR on MNIST/ })
    .first()
    .check();
  await page.getByRole('button', { name: 'Compare 2 runs' }).click();
  await expect.poll(() => lines().count()).toBe(2);
  expect(query().get('runs')).toMatch(/^cold,more-\d$/);
});

it('follows a run that trains in another tab, and makes its picture from its weights', async () => {
  const { page } = lab;
  const other = await openLab(here.browser, here.site.url);
  const route = '#/method/realnvp?data=two-moons&backend=wasm&couplings=2&width=8&batchSize=32';
  await other.open(`${route}&steps=50000`);
  await status(other.page, 'Ready');
  await press(other.page, 'Train');
  // It has a name, and is kept, from its first checkpoint on.
  await expect.poll(() => new URL(other.page.url()).hash, { timeout: 60_000 }).toContain('run=');
  const id = new URLSearchParams(new URL(other.page.url()).hash.split('?')[1]).get('run')!;
  const beside = await other.page.context().newPage();
  await beside.goto(`${here.site.url}#/compare?runs=${id}`);
  const reached = () =>
    beside
      .getByRole('slider', { name: 'Crosshair on loss' })
      .getAttribute('aria-valuemax')
      .then(Number, () => 0);
  await expect.poll(reached, { timeout: 60_000 }).toBeGreaterThan(0);
  const before = await reached();
  await expect.poll(reached, { timeout: 60_000 }).toBeGreaterThan(before);
  await beside.close();
  await press(other.page, 'Pause');
  await status(other.page, 'Paused');

  // A run that is over, and one whose weights nobody kept.
  await other.open(`${route}&steps=5`);
  await status(other.page, 'Ready');
  await trainToEnd(other);
  await expect.poll(() => new URL(other.page.url()).hash).toContain('run=');
  const runOf = () => new URLSearchParams(new URL(other.page.url()).hash.split('?')[1]).get('run')!;
  const done = runOf();
  await other.open('#/method/slot-attention?data=shapes&backend=wasm&steps=2&width=8&batchSize=2');
  await status(other.page, 'Ready');
  await trainToEnd(other);
  await expect.poll(() => new URL(other.page.url()).hash).toContain('run=');
  const scenes = runOf();
  await other.go('#/runs');
  await other.page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
  await addRuns(other.page, [{ id: 'weightless', method: 'realnvp', data: 'two-moons' }]);
  await other.open(`#/compare?runs=weightless,${done},${scenes}`);
  await other.page.getByRole('button', { name: 'Make the pictures' }).click();
  await other.page.getByRole('img', { name: /^Density of B/ }).waitFor();
  await other.page.getByRole('img', { name: /held-out scenes, their true objects and what C found/ }).waitFor();
  await other.page.getByText('No weights of this run are kept.').waitFor();
  await expect.poll(other.workers).toBe(0);
  expect(other.errors).toEqual([]);
  await other.close();
  expect(page.isClosed()).toBe(false);
});
