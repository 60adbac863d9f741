import { describe, expect, it } from 'vitest';
import { labEach, onSite, press, status, trainToEnd } from './lab.ts';

const lab = labEach(onSite());

const long = '#/method/realnvp?data=two-moons&backend=wasm&steps=50000&couplings=2&width=8&batchSize=32';

describe('a run', () => {
  it('pauses, steps, goes on and is reset', async () => {
    const { page, open, losses } = lab;
    await open(long);
    await status(page, 'Ready');
    await press(page, 'Step');
    await status(page, 'Paused');
    expect((await losses()).map(({ step }) => step)).toEqual([1]);
    await press(page, 'Resume');
    await expect.poll(async () => (await losses()).length, { timeout: 60_000 }).toBeGreaterThan(10);
    await press(page, 'Pause');
    await status(page, 'Paused');
    const paused = await losses();
    await page.waitForTimeout(500);
    expect(await losses()).toEqual(paused);
    await press(page, 'Reset');
    await status(page, 'Ready');
    expect(await losses()).toEqual([]);
  });

  it('gives the same curve again for the same seed, and another for another', async () => {
    const { page, open, losses } = lab;
    const run = async (seed: number) => {
      await open(`#/method/realnvp?data=two-moons&backend=wasm&steps=5&couplings=2&width=8&batchSize=32&seed=${seed}`);
      await status(page, 'Ready');
      return trainToEnd(lab);
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    expect(await losses()).toHaveLength(5);
  });

  it('ends with its page', async () => {
    const { page, open, go, workers, losses } = lab;
    await open(long);
    await status(page, 'Ready');
    await press(page, 'Train');
    await expect.poll(async () => (await losses()).length, { timeout: 60_000 }).toBeGreaterThan(0);
    expect(workers()).toBe(1);
    await go('#/');
    await expect.poll(workers, { timeout: 10_000 }).toBe(0);
    // Leaving while the worker is still starting frees it too.
    await go('#/method/vae?backend=wasm');
    await expect.poll(workers, { timeout: 10_000 }).toBe(1);
    await go('#/method/byol?backend=wasm');
    await page.getByRole('heading', { level: 1, name: 'BYOL' }).waitFor();
    await status(page, 'Ready');
    expect(workers()).toBe(1);
  });
});

describe('the address', () => {
  it('holds the state: a reload brings it back, a control changes it', async () => {
    const { page, open } = lab;
    const route = '#/method/realnvp?data=checkerboard&seed=7&backend=wasm&couplings=3&learningRate=0.01';
    await open(route);
    await status(page, 'Ready');
    await page.reload();
    await status(page, 'Ready');
    expect(await page.getByRole('textbox', { name: 'Seed' }).inputValue()).toBe('7');
    expect(await page.getByRole('combobox', { name: 'Data' }).inputValue()).toBe('checkerboard');
    const query = new URLSearchParams(new URL(page.url()).hash.split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({ data: 'checkerboard', seed: '7', backend: 'wasm', couplings: '3', learningRate: '0.01' });
    await page.getByRole('textbox', { name: 'Seed' }).fill('8');
    await page.getByRole('textbox', { name: 'Seed' }).press('Enter');
    await expect.poll(() => page.url()).toContain('seed=8');
    await status(page, 'Ready');
    await page.goBack();
    await expect.poll(() => page.url()).toContain('seed=7');
  });

  it('names each bad value, and goes on with the defaults', async () => {
    const { page, open } = lab;
    await open('#/method/simclr?data=moons&seed=-3&temperature=99&colour=red&backend=wasm');
    for (const said of [
      /data must be one of mnist, cifar10, got "moons"/,
      /seed must be a whole number/,
      /temperature must lie from/,
      /colour is no setting/,
    ])
      await page.getByText(said).waitFor();
    await status(page, 'Ready');
    await expect.poll(() => page.url()).toMatch(/#\/method\/simclr\?backend=wasm$/);
  });

  it('of no method suggests the nearest', async () => {
    await lab.open('#/method/simcrl');
    await lab.page.getByText(/did you mean simclr\?/).waitFor();
  });
});

describe('missing data', () => {
  it('says what is missing and how to get it; other data work', async () => {
    const { page, open } = lab;
    await page.context().route('**/data/{manifest.json,cifar10/**}', (route) => route.fulfill({ status: 404, body: 'not found' }));
    await open('#/method/simclr?data=cifar10&backend=wasm');
    await page
      .getByRole('alert')
      .getByText(/is not there. Run `npm run data`/)
      .waitFor();
    await open('#/method/simclr?data=mnist&backend=wasm');
    await status(page, 'Ready');
  });
});
