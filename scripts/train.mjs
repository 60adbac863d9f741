/** `npm run train -- …`: set-up, data, then the headless trainer, scripts/train.ts. */
import { main, setup } from './setup.mjs';

await main(async () => {
  await setup();
  const { prepareOrWarn } = await import('./data.mjs');
  await prepareOrWarn();
  const { runTypeScript } = await import('./bundle.mjs');
  await runTypeScript('scripts/train.ts', process.argv.slice(2));
});
