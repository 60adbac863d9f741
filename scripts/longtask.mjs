/**
 * Measures the page while it trains: steps a second and the longest task on the main thread, in headless Chromium on wasm.
 * Usage: npm run build && node scripts/longtask.mjs [route]; a route is "#/method/simclr?data=mnist".
 */
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import { findBrowser } from './browser.mjs';

const route = process.argv[2] ?? '#/method/simclr?data=mnist';
const seconds = 20;
const server = await preview({ logLevel: 'warn', preview: { host: '127.0.0.1', port: 0, strictPort: false } });
const browser = await chromium.launch({ executablePath: await findBrowser(), args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.addInitScript(() => {
  globalThis.steps = 0;
  globalThis.Worker = class extends Worker {
    constructor(address, options) {
      super(address, options);
      this.addEventListener('message', ({ data }) => {
        if (data.event?.type === 'metrics') globalThis.steps += data.event.step.length;
      });
    }
  };
});
await page.goto(`${server.resolvedUrls.local[0]}${route}${route.includes('?') ? '&' : '?'}backend=wasm`);
await page.getByRole('status').filter({ hasText: 'Ready' }).first().waitFor({ timeout: 120_000 });
// Loading the page is over; from here on only training counts.
await page.waitForTimeout(3000);
await page.evaluate(() => {
  globalThis.tasks = [];
  new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: 'longtask',
  });
});
await page.keyboard.press('Space');
await page.waitForTimeout(seconds * 1000);
const { steps, tasks } = await page.evaluate(() => ({ steps: globalThis.steps, tasks: globalThis.tasks }));
await browser.close();
await server.close();
console.log(
  `${route}: ${(steps / seconds).toFixed(1)} steps/s; ${tasks.length} main-thread tasks over 50 ms, longest ${Math.max(0, ...tasks)} ms`,
);
