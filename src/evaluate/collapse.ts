import type { Method } from '../methods/method.ts';
import type { Still } from '../train/session.ts';
import { embeddingStd } from './evaluate.ts';

/** Steps between two looks at a running run. */
export const watchEvery = 25;

/** Whether a run of this method can be watched for collapse: it must have a projection that its loss compares. */
export const isWatched = (method: Method): boolean => !!method.project;

/** What shows collapse while a run trains. Begins at once, so the weights may be replaced after the call. */
export async function collapseOf(session: Still): Promise<{ readonly embeddingStd: number }> {
  return { embeddingStd: session.data.kind === 'images' ? await embeddingStd(session, session.data) : Number.NaN };
}
