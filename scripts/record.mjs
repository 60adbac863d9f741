/** `npm run record -- …`: set-up, data, then the recorder of reference runs, scripts/record.ts. */
import { main, setup } from './setup.mjs';

await main(async () => {
  await setup();
  const { prepareOrWarn } = await import('./data.mjs');
  await prepareOrWarn();
  const { runTypeScript } = await import('./bundle.mjs');
  await runTypeScript('scripts/record.ts', process.argv.slice(2));
});
