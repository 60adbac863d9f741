/** `npm run train -- …`: set-up, data, then the headless trainer, scripts/train.ts. */
import { launch } from './bundle.mjs';

await launch('scripts/train.ts');
