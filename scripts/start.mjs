/** `npm start [-- --port N …]`: set-up, data, then the lab; what follows `--` is for Vite's server. */
import { main, root, setup } from './setup.mjs';

await main(async () => {
  await setup();
  const { prepareOrWarn } = await import('./data.mjs');
  await prepareOrWarn();
  process.chdir(root);
  await import('../node_modules/vite/bin/vite.js');
});
