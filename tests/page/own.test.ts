import { strToU8, zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { violationsOf } from './axe.ts';
import { archive, forms, picture } from './forms.ts';
import { labEach, onSite, status, trainToEnd } from './lab.ts';

const here = onSite();

const choose = (page: Page, file: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) =>
  page.getByLabel('Files of images').setInputFiles(file);
const review = (page: Page) => page.getByRole('region', { name: 'Review' });
const kept = (page: Page) => page.getByRole('region', { name: 'Kept on this device' });

describe('images of one’s own', () => {
  const lab = labEach(here);

  it('from a zip archive of real PNG pictures are reviewed, kept, listed, trained on and found again', async () => {
    const { page, open, errors } = lab;
    await open('#/data?set=own');
    await choose(page, archive());
    await review(page).getByRole('heading', { name: '60 images from PNG, JPEG or WebP pictures' }).waitFor();
    await expect.poll(() => review(page).locator('figure li').count()).toBe(24);
    expect(await review(page).getByRole('row').allInnerTexts()).toEqual([
      expect.stringContaining('Label'),
      ...forms.map((name) => expect.stringMatching(new RegExp(`${name}\\s+20`))),
    ]);
    await page.getByRole('textbox', { name: 'Name' }).fill('My forms');
    await page.getByRole('button', { name: 'Keep this set' }).click();
    await page.getByText('“My forms” is kept.').waitFor();
    await kept(page)
      .getByText(/32 × 32 × 3 · 48 training and 12 held-out images · 3 labels/)
      .waitFor();
    await kept(page).getByRole('link', { name: 'SimCLR' }).click();
    await expect.poll(() => page.url()).toMatch(/#\/method\/simclr\?data=own-[0-9a-f-]{36}&batchSize=32$/);
    const address = page.url();
    await page.goto('about:blank');
    await page.goto(`${address.replace('&batchSize=32', '')}&backend=wasm&batchSize=8&steps=3`);
    await status(page, 'Ready');
    expect(await page.getByRole('combobox', { name: 'Data' }).locator('option:checked').textContent()).toBe('My forms');
    expect(await trainToEnd(lab)).toHaveLength(3);
    // Scores need labels, and these are there.
    await page.getByText('Linear probe').first().waitFor();
    // A picture is made once it is seen.
    await page.getByRole('article', { name: 'Embedding', exact: true }).scrollIntoViewIfNeeded();
    await page.getByRole('group', { name: 'Classes shown' }).getByRole('button', { name: 'stripes' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('JPEG and WebP are decoded by the browser itself, in colour and place', async () => {
    const { page, open } = lab;
    await open('#/data?set=own');
    const encoded = await page.evaluate(async () => {
      const out: Record<string, number[]> = {};
      for (const type of ['jpeg', 'webp'])
        for (let n = 0; n < 15; n++) {
          const canvas = new OffscreenCanvas(64, 64);
          const context = canvas.getContext('2d')!;
          context.fillStyle = '#e02020';
          context.fillRect(0, 0, 64, 64);
          context.fillStyle = '#2020e0';
          context.fillRect(32, 0, 32, 64);
          const blob = await canvas.convertToBlob({ type: `image/${type}`, quality: 0.95 });
          out[`p/${type}/${n}.${type}`] = [...new Uint8Array(await blob.arrayBuffer())];
        }
      return out;
    });
    const files = Object.fromEntries(Object.entries(encoded).map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
    await choose(page, { name: 'p.zip', mimeType: 'application/zip', buffer: Buffer.from(zipSync(files, { level: 0 })) });
    await page.getByRole('button', { name: 'Keep this set' }).click();
    await page.getByText('“p” is kept.').waitFor();
    const pixels = await page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('unlabeled-data');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const all = await new Promise<{ train: { size: number; pixels: Uint8Array } }[]>((resolve) => {
        const asked = db.transaction('pixels').objectStore('pixels').getAll();
        asked.onsuccess = () => resolve(asked.result);
      });
      const { size, pixels: bytes } = all[0]!.train;
      const at = (image: number, x: number) => [...bytes.subarray(image * 3072 + (16 * 32 + x) * 3, image * 3072 + (16 * 32 + x) * 3 + 3)];
      return Array.from({ length: size }, (_, i) => [at(i, 4), at(i, 28)]);
    });
    expect(pixels).toHaveLength(24);
    for (const [left, right] of pixels) {
      for (const [channel, wanted] of [224, 32, 32].entries()) expect(Math.abs(left![channel]! - wanted)).toBeLessThan(12);
      for (const [channel, wanted] of [32, 32, 224].entries()) expect(Math.abs(right![channel]! - wanted)).toBeLessThan(12);
    }
  });

  it('with broken files are refused in words, and kept without them when that is asked for', async () => {
    const { page, open } = lab;
    await open('#/data?set=own');
    await choose(page, archive({ 'forms/circle/bad.png': picture(1).slice(0, 90), 'forms/notes.txt': strToU8('notes') }));
    await review(page).getByText('forms/notes.txt is no kind of file that is read').waitFor();
    expect(await page.getByRole('button', { name: 'Keep this set' }).isDisabled()).toBe(true);
    await page.getByLabel('Leave out every file with a problem').check();
    await page.getByRole('button', { name: 'Keep this set' }).click();
    await kept(page)
      .getByText(/48 training and 12 held-out images .* 2 left out/)
      .waitFor();
  });

  it('with very many broken files list the first hundred of them', async () => {
    const { page, open } = lab;
    await open('#/data?set=own');
    await choose(page, archive(Object.fromEntries(Array.from({ length: 103 }, (_, n) => [`forms/${n}.txt`, strToU8('notes')]))));
    await review(page).getByText('103 files have problems').click();
    await review(page).getByText('and 3 more').waitFor();
    expect(await review(page).locator('details li').count()).toBe(101);
  });

  it('are read once when their page comes up, however often it is drawn', async () => {
    const { page, open, go } = lab;
    await page.addInitScript(() => {
      const counted = Object.assign(globalThis, { reads: 0 });
      const { get } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.get = function (key) {
        if (this.name === 'pixels') counted.reads++;
        return get.call(this, key);
      };
    });
    const reads = () => page.evaluate(() => (globalThis as unknown as { reads: number }).reads);
    await open('#/data?set=own');
    await choose(page, archive());
    await page.getByRole('button', { name: 'Keep this set' }).click();
    await kept(page).getByRole('link', { name: 'forms', exact: true }).click();
    await page.getByText('The first training images of each class').waitFor();
    const address = page.url().replace(/.*#/, '#');
    // Drawn at once with what is known of the set, and again after the storage was asked once more.
    await go('#/data?set=own');
    await kept(page).waitFor();
    const before = await reads();
    await go(address);
    await page.getByText('The first training images of each class').waitFor();
    await go('#/');
    await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'forms' }).waitFor();
    await go(address);
    await page.getByText('The first training images of each class').waitFor();
    await page.waitForTimeout(500);
    expect((await reads()) - before).toBe(2);
  });

  it('that are none, encrypted or hostile are refused, and the next try works', async () => {
    const { page, open } = lab;
    await open('#/data?set=own');
    const refused = async (name: string, bytes: Uint8Array, sentence: RegExp) => {
      await choose(page, { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
      await page.getByRole('alert').getByText(sentence).waitFor();
    };
    await refused('words.txt', strToU8('words'), /words\.txt is no kind of file that is read/);
    await refused('up.zip', zipSync({ '../up.png': picture(0) }), /a path that leaves its folder/);
    const locked = new Uint8Array(archive().buffer);
    const view = new DataView(locked.buffer, locked.byteOffset);
    const directory = view.getUint32(locked.length - 6, true);
    locked[directory + 8] = 1;
    await refused('locked.zip', locked, /encrypted; expected files without a password/);
    await choose(page, archive());
    await review(page).waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await kept(page).getByText('None yet.').waitFor();
  });

  it('are renamed, deleted and brought back; an address of one that is gone says so', async () => {
    const { page, open } = lab;
    await open('#/data?set=own');
    await choose(page, archive());
    await page.getByLabel('Labels').selectOption('none');
    await page.getByRole('button', { name: 'Keep this set' }).click();
    await kept(page)
      .getByText(/no labels/)
      .waitFor();
    const link = (await kept(page).getByRole('link', { name: 'VAE', exact: true }).getAttribute('href'))!;
    await kept(page).getByRole('button', { name: 'Rename forms' }).click();
    await page.getByRole('textbox', { name: 'New name of forms' }).fill('Shapes');
    await page.keyboard.press('Enter');
    await kept(page).getByRole('link', { name: 'Shapes' }).waitFor();
    await kept(page).getByRole('button', { name: 'Delete Shapes' }).click();
    await page.getByText('“Shapes” is deleted.').waitFor();
    await kept(page).getByText('None yet.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await kept(page).getByRole('link', { name: 'Shapes' }).waitFor();
    await kept(page).getByRole('button', { name: 'Delete Shapes' }).click();
    await kept(page).getByText('None yet.').waitFor();
    await open(link);
    await page
      .getByText(
        /data names a set of your own that is not on this device \(own-[0-9a-f-]+\): import it on the Data page; "mnist" is used instead/,
      )
      .waitFor();
    await open(link.replace(/method.*data=/, 'data?set=').replace(/&.*/, ''));
    await page.getByText('The set of your own that this address names is not on this device').waitFor();
  });
});

describe.each([
  ['light', 1440],
  ['dark', 390],
] as const)('the review in %s at %i px', (colorScheme, width) => {
  const lab = labEach(here, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });

  it('passes axe, fits, and is worked by keyboard', async () => {
    const { page, open } = lab;
    await open('#/data?set=own');
    const check = async () => {
      expect(await violationsOf(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    };
    await check();
    await choose(page, archive({ 'forms/notes.txt': strToU8('notes') }));
    await review(page).locator('figure li').first().waitFor();
    await check();
    await page.getByLabel('Leave out every file with a problem').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('“forms” is kept.').waitFor();
    await check();
  });
});
