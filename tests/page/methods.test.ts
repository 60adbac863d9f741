import { describe, expect, it } from 'vitest';
import { labAll, onSite, status, trainToEnd } from './lab.ts';

const lab = labAll(onSite());

const ofRepresentations = ['Embedding', 'Neighbours', 'Clusters by class', 'Spectrum'];

/** A few small steps of each method, on real digits where it learns images, and the panels that its capabilities bring. */
const methods = [
  { id: 'simclr', name: 'SimCLR', settings: 'batchSize=32', steps: 10, panels: ['Views', ...ofRepresentations] },
  { id: 'byol', name: 'BYOL', settings: 'batchSize=32', steps: 10, panels: ['Views', ...ofRepresentations] },
  {
    id: 'relational',
    name: 'Relational reasoning',
    settings: 'batchSize=16&views=3',
    steps: 10,
    panels: ['Views', 'Relations', ...ofRepresentations],
  },
  {
    id: 'vae',
    name: 'VAE',
    settings: 'batchSize=32&latents=2',
    steps: 10,
    panels: [...ofRepresentations, 'Reconstructions', 'Samples', 'Memorization', 'Interpolation', 'Latent plane', 'Latent dimensions'],
  },
  {
    id: 'realnvp',
    name: 'Real NVP',
    settings: 'batchSize=8&couplings=1&width=8',
    steps: 4,
    panels: ['Samples', 'Memorization', 'Interpolation'],
  },
  {
    id: 'survae',
    name: 'SurVAE Flows',
    settings: 'batchSize=8&width=8&stack=dequantize,%20squeeze,%20affine,%20max',
    steps: 4,
    panels: ['Samples', 'Memorization'],
  },
  {
    id: 'deepcluster',
    name: 'DeepCluster',
    settings: 'batchSize=32&clusters=10&components=8',
    steps: 10,
    panels: ['Views', ...ofRepresentations, 'Clusters'],
  },
  { id: 'tre', name: 'TRE', data: 'simulated', settings: 'batchSize=32&pairs=4', steps: 10, panels: ['Bridges'] },
  {
    id: 'tre-images',
    name: 'Energy-based TRE',
    settings: 'batchSize=16&bridges=3&width=4&stages=6',
    steps: 4,
    panels: ['From noise to samples'],
  },
  {
    id: 'snf',
    name: 'Stochastic normalizing flow',
    data: 'double-well',
    settings: 'batchSize=32&couplings=2&width=8',
    steps: 4,
    panels: ['Samples and their weights'],
  },
  { id: 'notears', name: 'NOTEARS', data: 'simulated', settings: 'nodes=10&samples=100', steps: 10, panels: ['Graph'] },
  { id: 'slot-attention', name: 'Slot attention', data: 'shapes', settings: 'batchSize=4&width=8', steps: 4, panels: ['Slots'] },
  {
    id: 'slot-prediction',
    name: 'Set prediction with slots',
    data: 'shapes',
    settings: 'batchSize=4&width=8',
    steps: 4,
    panels: ['Objects'],
  },
  {
    id: 'local-contrastive',
    name: 'Global and local contrast',
    data: 'organs',
    settings: 'batchSize=4',
    steps: 6,
    panels: ['Segmentation'],
  },
  {
    id: 'gnm',
    name: 'Generative neurosymbolic machine',
    data: 'digit-scenes',
    settings: 'batchSize=4&what=4',
    steps: 4,
    panels: ['Samples', 'Things and edits'],
  },
  { id: 'psa', name: 'PSA', settings: 'batchSize=16&width=8', steps: 10, panels: ['Gradient estimators'] },
  {
    id: 'wmi',
    name: 'Weighted model integration',
    data: 'simulated',
    settings: 'variables=3&cells=6',
    steps: 5,
    panels: ['Regions and marginals'],
  },
];

describe('the front page', () => {
  it('lists every method, and each leads to its page', async () => {
    const { page, open } = lab;
    await open('');
    for (const { id, name } of methods) {
      const link = page.getByRole('link', { name: new RegExp(`^${name}`) });
      expect(await link.getAttribute('href')).toMatch(new RegExp(`#/method/${id}$`));
    }
    // A new method gets a line above.
    expect(await page.locator('a[href*="#/method/"]').count()).toBe(methods.length);
  });
});

describe('the page of a method', () => {
  it.each(methods)('$name learns', async ({ id, name, data = 'mnist', settings, steps, panels }) => {
    const { page, open, errors } = lab;
    await open(`#/method/${id}?data=${data}&backend=wasm&steps=${steps}&${settings}`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name);
    await status(page, 'Ready');
    const rows = await trainToEnd(lab);
    expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    // The curve is drawn.
    await page.locator('.recharts-line-curve').first().waitFor();
    for (const panel of panels) {
      const article = page.getByRole('article', { name: panel, exact: true });
      await article.scrollIntoViewIfNeeded();
      await article.locator('canvas, svg[role=img], [role=img]').first().waitFor();
      expect(await article.getByRole('alert').count()).toBe(0);
    }
    expect(await page.getByRole('region', { name: 'What it sees' }).getByRole('article').count()).toBe(panels.length);
    expect(errors).toEqual([]);
  });

  it('draws sets of points beside held-out ones, and scores them by the point', async () => {
    const { page, open, errors } = lab;
    await open('#/method/survae?data=mnist-points&backend=wasm&steps=4&batchSize=16&width=8&stack=sort,affine');
    await status(page, 'Ready');
    await trainToEnd(lab);
    const sets = page.getByRole('article', { name: 'Sets of points', exact: true });
    await sets.scrollIntoViewIfNeeded();
    await sets.getByRole('img', { name: '24 held-out sets of 32 points.' }).waitFor();
    await sets.getByRole('img', { name: '24 sets of 32 points drawn from the model at temperature 1.00.' }).waitFor();
    await page
      .getByText(/^floor: 1\.\d+ nats/)
      .first()
      .waitFor();
    expect(errors).toEqual([]);
  });

  it('shows a density of points, warped and measured', async () => {
    const { page, open, errors } = lab;
    await open('#/method/realnvp?data=two-moons&backend=wasm&steps=100&couplings=4&width=16&batchSize=128');
    await status(page, 'Ready');
    const rows = await trainToEnd(lab);
    expect(rows.at(-1)!.loss).toBeLessThan(rows[0]!.loss);
    const density = page.getByRole('article', { name: 'Density', exact: true });
    await density.scrollIntoViewIfNeeded();
    await density.getByText(/NLL .* nats against an entropy floor/).waitFor();
    expect(errors).toEqual([]);
  });
});
