import { store } from '../store.ts';
import type { Experiment } from './record.ts';

/** What was deleted last, so that it can be taken back; `withRuns` once its runs went too. */
export const thrown = store<{ readonly experiment: Experiment; readonly withRuns: boolean } | null>(null);
