/** The lab under test: a browser, the site, and a page that tells what its worker told it and what went wrong in it. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { FromWorker } from '../../src/worker/protocol.ts';
import { launch, type Served, servePreview } from './browser.ts';

export type Lab = {
  readonly page: Page;
  /** Errors of the page and of its console. */
  readonly errors: string[];
  /** Loads the lab anew at a route, "#/method/vae?seed=3". */
  readonly open: (route: string) => Promise<void>;
  /** Goes to a route within the lab. */
  readonly go: (route: string) => Promise<void>;
  /** The losses so far, by step, of the run that began last. */
  readonly losses: () => Promise<{ readonly step: number; readonly loss: number }[]>;
  /** The training workers that are alive; the syntax highlighter's does not count. */
  readonly workers: () => number;
  readonly close: () => Promise<void>;
};

type Recorded = { messages: FromWorker[] };

export async function openLab(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Lab> {
  // A service worker would answer before a test can, and answer other tests from what it kept: only tests/page/privacy.test.ts lets it in.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block', ...options });
  const page = await context.newPage();
  // Scores are taken when a run is done, and pictures wait for them: seconds on a free machine, a minute on a busy one.
  page.setDefaultTimeout(120_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  // What workers say is recorded on its way to the page.
  await page.addInitScript(() => {
    const recorded: Recorded = { messages: [] };
    Object.assign(globalThis, recorded);
    globalThis.Worker = class extends Worker {
      constructor(address: string | URL, more?: WorkerOptions) {
        super(address, more);
        this.addEventListener('message', ({ data }) => recorded.messages.push(data));
      }
    };
  });
  return {
    page,
    errors,
    open: async (route) => {
      // Another hash alone would not load anything.
      await page.goto('about:blank');
      await page.goto(`${url}${route}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
    },
    go: (route) =>
      page.evaluate((hash) => {
        location.hash = hash;
      }, route),
    losses: () =>
      page.evaluate(() => {
        const { messages } = globalThis as unknown as Recorded;
        const last = messages.findLastIndex((m) => m.type === 'reply' && m.ok && m.answer !== null && 'parameters' in m.answer);
        return messages.slice(last + 1).flatMap((m) => {
          if (m.type !== 'event' || m.event.type !== 'metrics') return [];
          const { step, metrics } = m.event;
          return step.map((at, i) => ({ step: at, loss: metrics.loss?.[i] ?? Number.NaN }));
        });
      }),
    workers: () => page.workers().filter((worker) => /\/worker-[^/]*\.js$/.test(worker.url())).length,
    close: () => context.close(),
  };
}

/** Where labs are opened. */
export type Site = { readonly browser: Browser; readonly site: Served };

/** A browser and the built site (or what `serve` serves) for all tests of a file. To be read when tests or their hooks run. */
export function onSite(serve: () => Promise<Served> = servePreview): Site {
  const here: Partial<{ -readonly [K in keyof Site]: Site[K] }> = {};
  beforeAll(async () => {
    [here.browser, here.site] = await Promise.all([launch(), serve()]);
  });
  afterAll(async () => {
    await here.browser?.close();
    await here.site?.close();
  });
  return here as Site;
}

/** Opens a lab at `before` and closes it at `after`; what is returned is the lab that is open. */
const opened =
  (before: (hook: () => Promise<void>) => void, after: (hook: () => Promise<void>) => void) =>
  (here: Site, options?: BrowserContextOptions): Lab => {
    const lab: Partial<Lab> = {};
    before(async () => {
      Object.assign(lab, await openLab(here.browser, here.site.url, options));
    });
    after(async () => lab.close?.());
    return lab as Lab;
  };

/** A new lab for each test of a file or `describe`. To be read, and taken apart, inside of tests only. */
export const labEach = opened(beforeEach, afterEach);

/** One lab for all tests of a file or `describe`. To be read, and taken apart, inside of tests only. */
export const labAll = opened(beforeAll, afterAll);

/** Presses a button of the toolbar. */
export const press = (page: Page, name: 'Train' | 'Pause' | 'Resume' | 'Step' | 'Reset') =>
  page
    .getByRole('toolbar', { name: 'Run' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();

/** Waits until the run's status line says so. */
export const status = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).first().waitFor();

/** Presses Train and waits for the end of the run; returns its losses. */
export async function trainToEnd({ page, losses }: Lab) {
  await press(page, 'Train');
  await status(page, 'Done');
  const rows = await losses();
  expect(rows.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  return rows;
}
