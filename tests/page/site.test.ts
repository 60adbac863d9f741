import { expect, test } from 'vitest';
import { type Served, serveStatic } from './browser.ts';
import { onSite } from './lab.ts';

const here = onSite();

/** Opens the site → what failed on the way, whether threads may be used, and the state of one data file. */
async function visit(served: Served) {
  const page = await here.browser.newPage();
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('response', (response) => response.status() >= 400 && failures.push(`${response.status()} ${response.url()}`));
  await page.goto(served.url);
  // The page loads its parts one after another; on a busy machine the network is idle in between.
  await page.locator('h1').waitFor({ timeout: 120_000 });
  const isolated = await page.evaluate(() => crossOriginIsolated);
  const dataBytes = await page.evaluate(async () => (await (await fetch('data/mnist/t10k-labels-idx1-ubyte')).arrayBuffer()).byteLength);
  const headings = await page.locator('h1').count();
  await page.close();
  return { failures, isolated, dataBytes, headings };
}

test('npm run preview: the page may use threads, and its data are there', async () => {
  expect(await visit(here.site)).toEqual({ failures: [], isolated: true, dataBytes: 2008, headings: 1 });
});

test('a plain host, from a sub-path, without headers: everything is found', async () => {
  const site = await serveStatic();
  expect(await visit(site)).toEqual({ failures: [], isolated: false, dataBytes: 2008, headings: 1 });
  await site.close();
});

test('a method that cannot be loaded says so, and is loaded when asked again', async () => {
  const page = await here.browser.newPage({ serviceWorkers: 'block' });
  await page.route(/\/assets\/simclr-/, (route) => route.abort());
  await page.goto(`${here.site.url}#/method/simclr`);
  await page.getByRole('alert').getByText('This page could not be shown.').waitFor();
  await page.unroute(/\/assets\/simclr-/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'SimCLR' }).waitFor();
  await page.close();
});
