import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Served, servePreview } from './browser.ts';
import { openLab, status, trainToEnd } from './lab.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let browser: Browser;
let site: Served;
beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), servePreview()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const routes = [
  '',
  '#/data',
  '#/method/simclr?backend=wasm&batchSize=8&steps=2',
  '#/method/realnvp?data=two-moons&backend=wasm&batchSize=8&steps=2',
];

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it.each([1440, 390])('at %i px axe finds nothing serious and nothing scrolls sideways', async (width) => {
    const lab = await openLab(browser, site.url, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    const { page, open } = lab;
    for (const route of routes) {
      await open(route);
      if (route.includes('method')) {
        await status(page, 'Ready');
        await trainToEnd(lab);
        await page.locator('.recharts-line-curve').first().waitFor();
      }
      await page.addScriptTag({ path: axe });
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
      const serious = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
      expect(serious, `${route || 'front page'}`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${route || 'front page'} is ${wide} px wide`).toBeLessThanOrEqual(width);
    }
    await lab.close();
  });
});
