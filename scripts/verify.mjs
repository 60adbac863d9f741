/** `npm run verify -- FILE …`: set-up, data, then scripts/verify.ts. */
import { main, setup } from './setup.mjs';

await main(async () => {
  await setup();
  const { prepareOrWarn } = await import('./data.mjs');
  await prepareOrWarn();
  const { runTypeScript } = await import('./bundle.mjs');
  await runTypeScript('scripts/verify.ts', process.argv.slice(2));
});
