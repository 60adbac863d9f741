/** The built page: what it loads, and whether it stays smooth while it trains, in headless Chromium on wasm. */
import { gzipSync } from 'node:zlib';
import { Failure } from '../setup.mjs';
import { buildSite, serveSite } from './site.mjs';
import { endTrace, startTrace } from './trace.mjs';

const posix = (id) => id.replaceAll('\\', '/');

/**
 * The scripts that must have come before a method's page can be used (Train pressed, a setting changed): the entry, the page's own
 * chunk, all that these import statically, and the settings of one method, those of the longest. Charts, scores, panels, lesson,
 * source and the worker come later or beside.
 */
function neededScripts({ chunks }) {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const wanted = chunks.filter(
    ({ isEntry, facadeModuleId: id }) => (isEntry && !id?.includes('worker')) || (id && posix(id).endsWith('demos/pages/MethodPage.tsx')),
  );
  const needed = new Set();
  const add = (chunk) => {
    if (!chunk || needed.has(chunk)) return;
    needed.add(chunk);
    for (const file of chunk.imports) add(byFile.get(file));
  };
  for (const chunk of wanted) add(chunk);
  const settings = chunks.filter(({ facadeModuleId: id }) => id?.includes('virtual:catalogue/'));
  add(settings.sort((a, b) => b.code.length - a.code.length)[0]);
  return [...needed];
}

/** Trains at `route` for some seconds: time from Train to the first loss, steps a second, and the main thread's tasks. */
async function watchTraining(browser, folder, route, seconds) {
  const server = await serveSite(folder);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await page.addInitScript(() => {
      globalThis.steps = 0;
      globalThis.Worker = class extends Worker {
        constructor(address, options) {
          super(address, options);
          this.addEventListener('message', ({ data }) => {
            if (data.event?.type !== 'metrics') return;
            globalThis.steps += data.event.step.length;
          });
        }
      };
      // The first loss is on screen when the run's own line, the thick one, has a point: recorded runs are drawn before.
      const own = '.recharts-line-curve[stroke-width="2"][d], .recharts-line-dot';
      new MutationObserver(() => {
        if (globalThis.pressed && document.querySelector(own)) globalThis.shown ??= performance.now();
      }).observe(document, { subtree: true, childList: true, attributeFilter: ['d'] });
    });
    const address = `${server.url}${route}${route.includes('?') ? '&' : '?'}backend=wasm`;
    const ready = async () => {
      await page.goto('about:blank');
      await page.goto(address);
      await page.getByRole('status').filter({ hasText: 'Ready' }).first().waitFor({ timeout: 120_000 });
    };
    await ready();
    // The second time the cache is warm. Once the page has settled only training counts.
    await ready();
    await page.waitForTimeout(3000);
    await page.evaluate(() => {
      addEventListener(
        'keydown',
        () => {
          globalThis.pressed ??= performance.now();
        },
        { capture: true },
      );
    });
    // The key for Train: finding the button and clicking it would be a long task of the automation's own.
    await startTrace(browser, page);
    await page.keyboard.press('Space');
    await page.waitForTimeout(seconds * 1000);
    const tasks = await endTrace(browser);
    const { stepsPerSecond, firstLossMs } = await page.evaluate((time) => {
      const { steps, pressed, shown } = globalThis;
      return { stepsPerSecond: steps / time, firstLossMs: shown === undefined ? null : shown - pressed };
    }, seconds);
    return {
      stepsPerSecond,
      firstLossMs,
      longestTaskMs: tasks.taskMs,
      longestTaskProcessorMs: tasks.taskProcessorMs,
      longTasks: tasks.tasksOver50,
      longTasksProcessor: tasks.tasksOver50Processor,
    };
  } catch (error) {
    throw new Failure(`the page at ${route} did not train: ${error.message.split('\n')[0]}`);
  } finally {
    await page.close();
    await server.close();
  }
}

/** Gzipped bytes before a method's page can be used, and how it trains; what could not be measured goes to `reasons`. */
export async function measurePage(browser, { route, say, reasons }) {
  say('building the site');
  const site = await buildSite();
  const scripts = neededScripts(site);
  const pageJs = scripts
    .map(({ fileName, code, moduleIds }) => ({
      file: fileName,
      gzipBytes: gzipSync(code).length,
      tfjs: moduleIds.some((id) => posix(id).includes('/@tensorflow/')),
    }))
    .sort((a, b) => b.gzipBytes - a.gzipBytes);
  const figures = {
    pageJsGzipBytes: pageJs.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0),
    pageJs,
    tfjsInWorkerOnly: pageJs.every(({ tfjs }) => !tfjs),
    longestTaskMs: null,
  };
  if (!browser) return figures;
  say(`training at ${route}`);
  try {
    return { ...figures, ...(await watchTraining(browser, site.folder, route, 20)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    reasons.longestTaskMs = error.message;
    return figures;
  }
}
