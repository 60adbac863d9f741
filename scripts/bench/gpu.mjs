/** GPU calls of one bench step, ours and stock, in headless Chromium with software graphics. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ownFolder } from '../bundle.mjs';
import { Failure, root } from '../setup.mjs';

/** Bundles the counting page; resolves to the folder. */
async function buildPage() {
  const { build } = await import('vite');
  const outDir = await ownFolder();
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir,
      target: 'es2022',
      minify: false,
      chunkSizeWarningLimit: 9999,
      rolldownOptions: { input: 'scripts/bench/gpu-page.ts', output: { entryFileNames: 'page.js', chunkFileNames: '[name]-[hash].js' } },
    },
  });
  return outDir;
}

/** One count in a page of its own: `{ calls, losses }`. Throws a `Failure` with the page's reason. */
async function countIn(browser, folder, backend, version) {
  const page = await browser.newPage();
  try {
    // localhost is a secure context, which WebGPU needs; nothing is served, the files are handed over.
    await page.route('http://localhost/**', async (route) => {
      const name = basename(new URL(route.request().url()).pathname);
      const body = name ? await readFile(join(folder, name)).catch(() => undefined) : '<script type="module" src="/page.js"></script>';
      await route.fulfill(body === undefined ? { status: 404 } : { body, contentType: name ? 'text/javascript' : 'text/html' });
    });
    await page.goto('http://localhost/');
    await page.waitForFunction(() => 'count' in globalThis);
    return await page.evaluate(([b, v]) => globalThis.count(b, v), [backend, version]);
  } catch (error) {
    throw new Failure(`${backend}, ${version}: ${error.message.split('\n')[0].replace('page.evaluate: ', '')}`);
  } finally {
    await page.close();
  }
}

/** `{ webgpuDispatches: { ours, stock }, webglDraws: { ours, stock } }`; what could not be counted goes to `reasons`. */
export async function countGpuCalls(browser, { say, reasons }) {
  const folder = await buildPage();
  const figures = {};
  for (const [figure, backend] of [
    ['webgpuDispatches', 'webgpu'],
    ['webglDraws', 'webgl'],
  ]) {
    figures[figure] = { ours: null, stock: null };
    const losses = {};
    for (const version of ['ours', 'stock']) {
      say(`${backend}, ${version}`);
      try {
        const counted = await countIn(browser, folder, backend, version);
        figures[figure][version] = counted.calls;
        losses[version] = counted.losses;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        reasons[`${figure}.${version}`] = error.message;
      }
    }
    const off = losses.ours && losses.stock && losses.ours.some((loss, i) => !(Math.abs(loss / losses.stock[i] - 1) < 1e-3));
    if (off) reasons[`${figure}.losses`] = `ours and stock disagree on ${backend}: losses ${losses.ours} and ${losses.stock}`;
  }
  return figures;
}
