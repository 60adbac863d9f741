import type { Embedding, Moment } from './embedding.ts';
import type { Library } from './library/library.ts';
import type { Session } from './run.ts';

/**
 * Keeps the moments of a run's embedding with the run: they are written whenever it rests, and come back with it. Moments of
 * another run are cleared away. Returns the end of it, which writes once more.
 */
export function keepMoments(
  session: Pick<Session, 'get' | 'subscribe'>,
  embedding: Embedding,
  library: () => Promise<Library>,
): () => void {
  let { id, status } = session.get();
  let written: readonly Moment[] | null = null;

  const write = (run: string) => {
    const { moments } = embedding.get();
    if (moments === written || moments.length < 2) return;
    written = moments;
    // Pictures are no reason to bother: where there is no room, the run's own saves say so.
    void library()
      .then((shelf) => shelf.saveMoments(run, embedding.kept()))
      .catch(() => {});
  };
  const bring = async (run: string) => {
    const kept = await library()
      .then((shelf) => shelf.moments(run))
      .catch(() => []);
    if (id === run) embedding.restore(kept);
  };
  const look = () => {
    const now = session.get();
    if (now.id !== id) {
      if (id) embedding.clear();
      id = now.id;
      // A run that has just got its name has nothing kept yet.
      if (id) void bring(id);
    }
    if (now.status === status) return;
    status = now.status;
    if (id && (status === 'paused' || status === 'done')) write(id);
  };
  if (id) void bring(id);
  const unsubscribe = session.subscribe(look);
  return () => {
    unsubscribe();
    if (id) write(id);
  };
}
