import { describe, expect, it } from 'vitest';
import { expectClose } from '../close.ts';
import { type Served, serveStatic } from './browser.ts';
import { onSite, openLab, press, status, trainToEnd } from './lab.ts';

const here = onSite();

/** Losses of a run, and what the page says it ran on. */
async function run(site: Served, route: string) {
  const lab = await openLab(here.browser, site.url);
  await lab.open(route);
  await status(lab.page, 'Ready');
  const rows = await trainToEnd(lab);
  const on = await lab.page.getByText(/^on (wasm|webgl|webgpu|cpu)/).textContent();
  expect(lab.errors).toEqual([]);
  const isolated = await lab.page.evaluate(() => globalThis.crossOriginIsolated);
  await lab.close();
  return { losses: rows.map(({ loss }) => loss), on, isolated };
}

describe('the built site', () => {
  it('works from a sub-path of a host that sets no headers, on one thread, data included', async () => {
    const site = await serveStatic();
    const { losses, on, isolated } = await run(site, '#/method/vae?data=mnist&batchSize=16&steps=5');
    await site.close();
    expect(isolated).toBe(false);
    expect(on).toBe('on wasm');
    expect(losses).toHaveLength(5);
  });
});

describe('the first losses', () => {
  // Rounding differs between processors and shaders; three optimizer steps let it grow, but not to a part in a thousand.
  it.each([
    ['a flow', '#/method/realnvp?data=two-moons&batchSize=32&couplings=2&width=8&steps=4'],
    ['convolutions', '#/method/vae?data=mnist&batchSize=4&steps=3'],
  ])('of %s are the same on WebGL, WebGPU and wasm within 1e-3', async (_, route) => {
    const wasm = await run(here.site, `${route}&backend=wasm`);
    expect(wasm.isolated).toBe(true);
    for (const backend of ['webgl', 'webgpu']) {
      const { losses, on } = await run(here.site, `${route}&backend=${backend}`);
      expect(on).toBe(`on ${backend}`);
      expectClose(losses, wasm.losses, { rtol: 1e-3 });
    }
  });
});

describe('on a machine of more cores', () => {
  it('wasm starts in a memory that threads share, and learns the same', async () => {
    const losses = async (cores: number | null) => {
      const lab = await openLab(here.browser, here.site.url);
      if (cores)
        await lab.page.route(/worker-[^/]*[.]js$/, async (route) => {
          const response = await route.fetch();
          const more = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${cores}, configurable: true });`;
          await route.fulfill({ response, body: more + (await response.text()) });
        });
      await lab.open('#/method/vae?data=mnist&batchSize=16&steps=4&backend=wasm');
      await status(lab.page, 'Ready');
      const rows = await trainToEnd(lab);
      const worker = lab.page.workers().find((one) => /worker-[^/]*[.]js$/.test(one.url()))!;
      if (cores) expect(await worker.evaluate(() => navigator.hardwareConcurrency)).toBe(6);
      expect(lab.errors).toEqual([]);
      await lab.close();
      return rows.map(({ loss }) => loss);
    };
    // Three threads of four cores, where tfjs's module sees twice as many.
    expectClose(await losses(4), await losses(null), { rtol: 1e-4 });
  });
});

describe('a lost graphics device', () => {
  it.each(['webgl', 'webgpu'] as const)('(%s) does not end the run: it goes on on wasm, and the page says so', async (backend) => {
    const lab = await openLab(here.browser, here.site.url);
    const { page } = lab;
    await lab.open(`#/method/realnvp?data=two-moons&batchSize=16&couplings=1&width=8&steps=3000&backend=${backend}`);
    await status(page, 'Ready');
    await press(page, 'Train');
    await expect.poll(async () => (await lab.losses()).length, { timeout: 60_000 }).toBeGreaterThan(2);
    const worker = page.workers().find((one) => /\/worker-[^/]*\.js$/.test(one.url()))!;
    await worker.evaluate((name) => {
      // The next call on the device is its last.
      type Methods = Record<string, (this: never, ...args: unknown[]) => unknown>;
      const webgl = name === 'webgl';
      const methods = (webgl ? WebGL2RenderingContext.prototype : GPUDevice.prototype) as unknown as Methods;
      const call = webgl ? 'drawElements' : 'createBindGroup';
      const original = methods[call]!;
      methods[call] = function (this: WebGL2RenderingContext & GPUDevice, ...args: unknown[]) {
        methods[call] = original;
        if (webgl) this.getExtension('WEBGL_lose_context')!.loseContext();
        else this.destroy();
        return original.apply(this as never, args);
      } as Methods[string];
    }, backend);
    await page.getByText(/The graphics device was lost.* The run goes on from step \d+ on wasm\./).waitFor();
    await page.getByText('on wasm', { exact: true }).waitFor();
    await status(page, 'Done');
    const rows = await lab.losses();
    expect(rows.at(-1)).toMatchObject({ step: 3000 });
    expect(rows.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(lab.workers()).toBe(1);
    await lab.close();
  });
});
