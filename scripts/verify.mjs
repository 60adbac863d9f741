/** `npm run verify -- FILE …`: set-up, data, then scripts/verify.ts. */
import { launch } from './bundle.mjs';

await launch('scripts/verify.ts');
