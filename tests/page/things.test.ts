import { expect, it } from 'vitest';
import { violationsOf } from './axe.ts';
import { labEach, onSite, status } from './lab.ts';

const lab = labEach(onSite());

it('is a scene whose things can be dragged, moved by keys, swapped and removed, and are as they were again', async () => {
  const { page, open, errors } = lab;
  await open('#/method/gnm?backend=wasm&batchSize=4&what=4&steps=10');
  await status(page, 'Ready');
  const panel = page.getByRole('article', { name: 'Things and edits', exact: true });
  await panel.scrollIntoViewIfNeeded();
  const stage = panel.getByRole('group', { name: /^The scene drawn from its symbols/ });
  await stage.waitFor();
  const count = async () => Number(/with (\d+) things/.exec((await stage.getAttribute('aria-label'))!)![1]);
  const n = await count();
  expect(n).toBeGreaterThan(2);
  const thing = (index: number) => stage.getByRole('button', { name: new RegExp(`^Thing ${index},`) });
  const placeOf = async (index: number) => {
    const [, x, y] = /, (-?\d+) across and (-?\d+) down/.exec((await thing(index).getAttribute('aria-label'))!)!;
    return { x: Number(x), y: Number(y) };
  };

  // The last one lies on top of all others.
  const before = await placeOf(n);
  const [box, picture] = [(await thing(n).boundingBox())!, (await stage.boundingBox())!];
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - picture.width / 4, y - picture.height / 8, { steps: 5 });
  await page.mouse.up();
  const after = await placeOf(n);
  // A quarter and an eighth of 32 pixels.
  expect(Math.abs(before.x - after.x - 8)).toBeLessThanOrEqual(1);
  expect(Math.abs(before.y - after.y - 4)).toBeLessThanOrEqual(1);
  expect(await thing(n).getAttribute('aria-pressed')).toBe('false');
  await panel.getByText('rearranged, and drawn anew').waitFor();

  await thing(n).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => placeOf(n)).toEqual({ x: after.x + 1, y: after.y });
  await page.keyboard.press('Enter');
  const first = await placeOf(1);
  await thing(1).focus();
  await page.keyboard.press('Enter');
  await panel.getByText(`Things ${n} and 1 have swapped places.`).waitFor();
  expect(await placeOf(1)).toEqual({ x: after.x + 1, y: after.y });
  expect(await placeOf(n)).toEqual(first);
  await page.keyboard.press('Delete');
  await panel.getByText('Thing 1 removed.').waitFor();
  await expect.poll(count).toBe(n - 1);
  await panel.getByRole('button', { name: 'As it was' }).click();
  await expect.poll(count).toBe(n);
  expect(await placeOf(n)).toEqual(before);
  expect(await violationsOf(page)).toEqual([]);
  expect(errors).toEqual([]);
});
