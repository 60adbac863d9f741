/** The bench processes' bundles. Stock differs from ours by a list of modules, so src/ needs no switch. */
import { join, relative } from 'node:path';
import { bundleTypeScript } from '../bundle.mjs';
import { root } from '../setup.mjs';
import { start } from './children.mjs';

/** Our module → what a user of tfjs would have written. Both export the same names. */
export const stockModules = {
  'src/ops/fused.ts': 'scripts/bench/stock/fused.ts',
  'src/ops/adam.ts': 'scripts/bench/stock/adam.ts',
  'src/ops/row-math.ts': 'scripts/bench/stock/row-math.ts',
  'src/losses/contrastive.ts': 'scripts/bench/stock/contrastive.ts',
};

/** Vite plugin: every import of a module in `stockModules` gets its stand-in. */
export const swapForStock = () => ({
  name: 'unlabeled:stock',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (!importer || !source.startsWith('.')) return null;
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    const path = found && relative(root, found.id).replaceAll('\\', '/');
    return path && Object.hasOwn(stockModules, path) ? join(root, stockModules[path]) : null;
  },
});

export const startOurs = async () => start('ours', process.execPath, [await bundleTypeScript('scripts/bench/ours.ts')]);
export const startStock = async () =>
  start('stock tfjs', process.execPath, [await bundleTypeScript('scripts/bench/stock.ts', [swapForStock()])]);
