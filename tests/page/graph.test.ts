import { expect, it } from 'vitest';
import { labEach, onSite, status } from './lab.ts';

const lab = labEach(onSite());

/** A chain of four nodes, 0 → 1 → 2 → 3. */
const route = '#/method/notears?backend=wasm&nodes=4&samples=60&steps=10&edges=0%3E1+1%3E2+2%3E3';

it('is a graph whose nodes can be dragged, and whose edges can be drawn', async () => {
  const { page, open, errors } = lab;
  await open(route);
  await status(page, 'Ready');
  const graph = page.getByRole('article', { name: 'Graph', exact: true });
  await graph.scrollIntoViewIfNeeded();
  const node = (n: number) => graph.getByRole('button', { name: new RegExp(`^Node ${n}:`) });
  const placeOf = async (n: number) => {
    const { x, y, width, height } = (await node(n).boundingBox())!;
    return { x: x + width / 2, y: y + height / 2 };
  };
  await node(3).waitFor();
  const boxOf = async () => (await graph.getByRole('group', { name: /^Graph of 4 nodes/ }).boundingBox())!;
  const drawing = await boxOf();
  const [zero, three] = [await placeOf(0), await placeOf(3)];

  // To the middle of the drawing, in a few moves as a hand would make them.
  const to = { x: drawing.x + drawing.width / 2, y: drawing.y + drawing.height / 2 };
  await page.mouse.move(three.x, three.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await page.mouse.up();
  const now = await placeOf(3);
  expect(Math.hypot(now.x - to.x, now.y - to.y)).toBeLessThan(3);
  expect(await placeOf(0)).toEqual(zero);
  // A drag is no choice, and a node cannot leave the drawing.
  expect(await node(3).getAttribute('aria-pressed')).toBe('false');
  await page.mouse.down();
  await page.mouse.move(drawing.x - 300, drawing.y - 300, { steps: 5 });
  await page.mouse.up();
  const corner = await placeOf(3);
  expect(corner.x).toBeGreaterThan(drawing.x);
  expect(corner.y).toBeGreaterThan(drawing.y);

  // Two clicks draw an edge: the run begins anew with it, and the nodes stay where they were put.
  await node(0).click();
  expect(await node(0).getAttribute('aria-pressed')).toBe('true');
  await node(2).click();
  await graph.getByText('0 → 2 added; the run began anew.').waitFor();
  await expect.poll(() => new URL(page.url()).hash).toContain('0%3E2');
  await status(page, 'Ready');
  // Within the drawing: words above it may have moved the whole.
  const [kept, moved] = [await placeOf(3), await boxOf()];
  expect(Math.hypot(kept.x - moved.x - (corner.x - drawing.x), kept.y - moved.y - (corner.y - drawing.y))).toBeLessThan(3);
  // What would close a cycle is refused, in words.
  await node(3).click();
  await node(0).click();
  await graph.getByText('3 → 0 would close a cycle: the true graph must have none.').waitFor();
  expect(errors).toEqual([]);
});
