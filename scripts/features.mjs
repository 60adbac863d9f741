/** `node scripts/features.mjs`: trains the classifiers in whose features samples are compared with data, and writes src/evaluate/features. */
import { launch } from './bundle.mjs';

await launch('scripts/features.ts');
