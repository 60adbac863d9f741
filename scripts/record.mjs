/** `npm run record -- …`: set-up, data, then the recorder of reference runs, scripts/record.ts. */
import { launch } from './bundle.mjs';

await launch('scripts/record.ts');
