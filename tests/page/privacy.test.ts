/** The page keeps to itself: its policy, its requests, its use without a network, and how a new version comes. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { servePreview, serveStatic, siteFolder } from './browser.ts';
import { onSite, openLab, press, status, trainToEnd } from './lab.ts';

const here = onSite();

/** A lab that remembers what its policy stopped, and every request of its pages, workers and service worker. */
async function watched() {
  const lab = await openLab(here.browser, here.site.url, { serviceWorkers: 'allow' });
  const requests: string[] = [];
  lab.page.context().on('request', (request) => requests.push(request.url()));
  const violations: string[] = [];
  await lab.page.exposeFunction('tellViolation', (text: string) => violations.push(text));
  await lab.page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) =>
      (globalThis as unknown as { tellViolation(text: string): void }).tellViolation(`${effectiveDirective} ${blockedURI} ${sourceFile}`),
    );
  });
  const foreign = () => requests.filter((url) => !url.startsWith(here.site.url) && !/^(blob|data|about):/.test(url));
  return { ...lab, requests, violations, foreign };
}

/** Waits until the service worker has kept the site and answers for this page. */
const kept = (page: Page) =>
  page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated', undefined, { timeout: 60_000 });

describe('on the built site', () => {
  it('nothing on any page while training breaks the policy, or asks another host', async () => {
    const lab = await watched();
    for (const route of ['#/', '#/runs', '#/data', '#/bench']) {
      await lab.open(route);
      await lab.page.waitForLoadState('networkidle');
    }
    for (const id of Object.keys(methods)) {
      await lab.open(`#/method/${id}?backend=wasm&batchSize=8&steps=2`);
      await status(lab.page, 'Ready');
      await trainToEnd(lab);
      await lab.page.locator('.recharts-line-curve').first().waitFor();
    }
    await kept(lab.page);
    expect(lab.violations).toEqual([]);
    expect(lab.errors).toEqual([]);
    expect(lab.requests.length).toBeGreaterThan(50);
    expect(lab.foreign()).toEqual([]);
    await lab.close();
  });

  it('the policy stops what would leave the page, and code made of text, in the page and in its worker', async () => {
    const lab = await watched();
    await lab.open('#/method/realnvp?data=two-moons&backend=wasm&batchSize=8&steps=2');
    await status(lab.page, 'Ready');
    /** In a task of its own: what the debugger calls directly may do what the page may not. */
    const breakOut = () =>
      new Promise<string[]>((resolve) =>
        setTimeout(async () => {
          const fetched = await fetch('http://127.0.0.1:9/secret').then(
            () => 'sent',
            () => 'refused',
          );
          try {
            resolve([fetched, new Function('return "made"')()]);
          } catch (error) {
            resolve([fetched, (error as Error).name]);
          }
        }),
      );
    expect(await lab.page.evaluate(breakOut)).toEqual(['refused', 'EvalError']);
    const worker = lab.page.workers().find((each) => /\/worker-[^/]*\.js$/.test(each.url()))!;
    expect(await worker.evaluate(breakOut)).toEqual(['refused', 'EvalError']);
    // They are told a moment later.
    await expect.poll(() => lab.violations.map((text) => text.split(' ')[0])).toEqual(['connect-src', 'script-src']);
    expect(lab.foreign()).toEqual([]);
    await lab.close();
  });
});

describe('without a network', () => {
  it('what was visited once works: it loads, is isolated, and trains on the data that were read', async () => {
    const site = await servePreview();
    const lab = await openLab(here.browser, site.url, { serviceWorkers: 'allow' });
    await lab.open('#/method/simclr?data=mnist&backend=wasm&batchSize=8&steps=3');
    await status(lab.page, 'Ready');
    const online = await trainToEnd(lab);
    await kept(lab.page);
    await site.close();
    await lab.page.context().setOffline(true);
    // A page that was never opened, and the one that was.
    await lab.open('#/method/vae?data=mnist&backend=wasm&batchSize=8&steps=2');
    expect(await lab.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await status(lab.page, 'Ready');
    expect(await trainToEnd(lab)).toHaveLength(2);
    await lab.open('#/method/simclr?data=mnist&backend=wasm&batchSize=8&steps=3');
    await status(lab.page, 'Ready');
    expect(await trainToEnd(lab)).toEqual(online);
    expect(lab.errors).toEqual([]);
    // Of what was never read it says what is the matter.
    await lab.open('#/method/vae?data=cifar10&backend=wasm&batchSize=8&steps=2');
    await lab.page
      .getByText(/The server did not answer/)
      .first()
      .waitFor();
    await lab.close();
  });

  it('a host without headers is not made to look isolated', async () => {
    const site = await serveStatic();
    const lab = await openLab(here.browser, site.url, { serviceWorkers: 'allow' });
    await lab.open('#/');
    await kept(lab.page);
    await site.close();
    await lab.page.context().setOffline(true);
    await lab.open('#/data');
    expect(await lab.page.evaluate(() => crossOriginIsolated)).toBe(false);
    await lab.close();
  });
});

describe('a new version', () => {
  it('waits, whole, until the reader takes it; a run trains on meanwhile, and pages stay of one version', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unlabeled-update-'));
    await cp(siteFolder(), folder, { recursive: true, filter: (path) => !path.startsWith(join(siteFolder(), 'data') + sep) });
    const site = await serveStatic('/', folder);
    const lab = await openLab(here.browser, site.url, { serviceWorkers: 'allow' });
    const { page } = lab;
    await lab.open('#/method/realnvp?data=two-moons&backend=wasm&batchSize=8&steps=100000');
    await status(page, 'Ready');
    await kept(page);
    await press(page, 'Train');
    await expect.poll(async () => (await lab.losses()).length).toBeGreaterThan(3);

    // The same site with another description, as a build would write it.
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    const next = html.replace('A lab in the browser', 'The newest lab in the browser');
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const worker = await readFile(join(folder, 'sw.js'), 'utf8');
    expect(worker).toContain(hash(html));
    const [version] = /(?<="version":")[0-9a-f]{16}/.exec(worker)!;
    const newer = worker.replace(hash(html), hash(next)).replace(version, '0123456789abcdef');
    const ask = () => page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
    const caches = () => page.evaluate(async () => (await globalThis.caches.keys()).filter((name) => name.startsWith('unlabeled-site')));

    // A host that is half changed: the list is new, the page is not. Nothing of it may be taken.
    await writeFile(join(folder, 'sw.js'), newer);
    await ask();
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).installing === null);
    expect(await page.getByText('A new version is ready').count()).toBe(0);

    await writeFile(join(folder, 'index.html'), next);
    await ask();
    await page.getByText('A new version is ready').waitFor();
    const before = (await lab.losses()).length;
    await expect.poll(async () => (await lab.losses()).length).toBeGreaterThan(before);
    const description = (of: Page) => of.locator('meta[name=description]').getAttribute('content');
    const other = await page.context().newPage();
    await other.goto(site.url);
    await other.getByRole('heading', { level: 1 }).waitFor();
    expect(await description(other)).toMatch(/^A lab/);
    await other.close();

    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await page.locator('meta[name=description][content^="The newest"]').waitFor({ state: 'attached' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.getByText('A new version is ready').count()).toBe(0);
    expect((await caches()).sort()).toEqual([`unlabeled-site-${version}`, 'unlabeled-site-0123456789abcdef'].sort());
    expect(lab.errors.filter((text) => !/not the file/.test(text))).toEqual([]);
    await lab.close();
    await site.close();
    await rm(folder, { recursive: true, force: true });
  });
});
