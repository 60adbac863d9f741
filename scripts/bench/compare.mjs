/** The Compare page of the built site with ten kept runs of 10,000 points, the first of which grows: tasks, paints and frames. */
import { Failure, root } from '../setup.mjs';
import { buildSite, serveSite } from './site.mjs';
import { endTrace, startTrace } from './trace.mjs';

const runs = 10;
const points = 10_000;
/** Milliseconds between two saves of the run that streams (the lab saves every three seconds), and the steps that each brings. */
const savesEvery = 250;
const stepsASave = 10;

/** The program that keeps runs, as text. */
async function keeperOfRuns() {
  const { build } = await import('vite');
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: { write: false, target: 'es2022', rolldownOptions: { input: 'scripts/bench/kept-runs.ts', output: { format: 'iife' } } },
  });
  return output.find(({ type }) => type === 'chunk').code;
}

/** What a reader does, by the keyboard and the pointer: each a name and the way to do it. */
const interactions = {
  hover: async (page) => {
    const { x, y, width } = await page
      .getByRole('slider', { name: /^Crosshair/ })
      .first()
      .boundingBox();
    for (let i = 0; i < 60; i++) {
      await page.mouse.move(x + (((i * 37) % 60) / 60) * width, y + 60);
      await page.waitForTimeout(30);
    }
    await page.mouse.move(5, 5);
  },
  toggle: async (page) => {
    for (let i = 0; i < 16; i++) {
      await page
        .getByRole('button', { name: /^Show [A-H],/ })
        .nth(i % 8)
        .focus();
      await page.keyboard.press('Space');
      await page.waitForTimeout(250);
    }
  },
  smooth: async (page) => {
    await page.getByRole('slider', { name: 'Smoothing' }).focus();
    for (let i = 0; i < 24; i++) {
      await page.keyboard.press(i % 8 < 4 ? 'ArrowRight' : 'ArrowLeft');
      await page.waitForTimeout(90);
    }
  },
  switches: async (page) => {
    for (const name of ['Log x', 'Log y', 'Seeds as one']) {
      for (let i = 0; i < 2; i++) {
        await page.getByRole('switch', { name }).focus();
        await page.keyboard.press('Space');
        await page.waitForTimeout(600);
      }
    }
  },
};

/** Does all of them once and tells what they cost. */
async function watch(browser, page) {
  await startTrace(browser, page);
  await page.evaluate(() => {
    const seen = { paints: [], frames: [], over: false };
    globalThis.seen = seen;
    globalThis.events = new PerformanceObserver((list) => {
      for (const { duration, interactionId } of list.getEntries()) if (interactionId > 0) seen.paints.push(duration);
    });
    globalThis.events.observe({ type: 'event', durationThreshold: 16 });
    let last = performance.now();
    const frame = (now) => {
      seen.frames.push(now - last);
      last = now;
      if (!seen.over) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  for (const act of Object.values(interactions)) await act(page);
  await page.waitForTimeout(500);
  const { paints, frames } = await page.evaluate(() => {
    globalThis.events.disconnect();
    globalThis.seen.over = true;
    return globalThis.seen;
  });
  const tasks = await endTrace(browser);
  const over = (all, limit) => all.filter((each) => each > limit).length;
  return {
    ...tasks,
    // The browser tells of none that was painted within 16 ms.
    paintMs: Math.max(0, ...paints),
    paintsOver100: over(paints, 100),
    frames: frames.length,
    frameMs: Math.max(...frames),
    framesOver50: over(frames, 50),
  };
}

/** `{ compare: { still, streaming } }`: what a reader's actions cost while nothing is saved and while a run is saved in another tab. */
export async function measureCompare(browser, { say, reasons }) {
  if (!browser) {
    reasons.compare = reasons.browser;
    return { compare: null };
  }
  say('building the site');
  const { folder } = await buildSite();
  const server = await serveSite(folder);
  const context = await browser.newContext({ viewport: { width: 1440, height: 1100 }, serviceWorkers: 'block' });
  let saving = null;
  try {
    const other = await context.newPage();
    await other.goto(`${server.url}screenshot.png`);
    await other.evaluate(await keeperOfRuns());
    const ids = await other.evaluate(([n, length]) => globalThis.keep(n, length), [runs, points]);
    const page = await context.newPage();
    await page.goto(`${server.url}#/compare?runs=${ids.join(',')}`);
    await page
      .getByRole('slider', { name: /^Crosshair/ })
      .first()
      .waitFor();
    await page.waitForTimeout(3000);
    say('nothing is saved');
    const still = await watch(browser, page);
    let over = false;
    let saves = 0;
    const stream = async () => {
      while (!over) {
        saves++;
        await other.evaluate((n) => globalThis.grow(n), points + stepsASave * saves);
        await other.waitForTimeout(savesEvery);
      }
    };
    saving = stream();
    await page.waitForTimeout(1000);
    say('a run is saved in another tab');
    const streaming = await watch(browser, page);
    over = true;
    await saving;
    const reached = Number(
      await page
        .getByRole('slider', { name: /^Crosshair/ })
        .first()
        .getAttribute('aria-valuemax'),
    );
    if (!(reached > points)) throw new Error(`the page shows the run that streams up to step ${reached}, not beyond ${points}`);
    return { compare: { runs, points, saves, still, streaming } };
  } catch (error) {
    throw new Failure(`the Compare page could not be measured: ${error.message.split('\n')[0]}`);
  } finally {
    await context.close();
    await saving?.catch(() => {});
    await server.close();
  }
}
