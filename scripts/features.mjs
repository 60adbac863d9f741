/** `node scripts/features.mjs`: trains the classifiers in whose features samples are compared with data, and writes src/evaluate/features. */
import { prepareOrWarn } from './data.mjs';
import { main, setup } from './setup.mjs';

await main(async () => {
  await setup();
  await prepareOrWarn();
  const { runTypeScript } = await import('./bundle.mjs');
  await runTypeScript('scripts/features.ts', process.argv.slice(2));
});
