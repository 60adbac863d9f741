import { Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { openImporter } from '../app/importing.ts';
import { lookForOwn, ownSets } from '../app/own.ts';
import { useStore } from '../app/store.ts';
import { useTitle } from '../app/useTitle.ts';
import { Busy, Problem } from '../components/Notice.tsx';
import { Choose } from '../components/own/Choose.tsx';
import { Kept, TrainOn } from '../components/own/Kept.tsx';
import css from '../components/own/own.module.css';
import { Review } from '../components/own/Review.tsx';

const open = () =>
  openImporter({
    connect: () => new Worker(new URL('../../src/worker/import.ts', import.meta.url), { type: 'module' }),
    id: () => `own-${crypto.randomUUID()}`,
    now: () => new Date().toISOString(),
    onKept: () => void lookForOwn().catch(() => {}),
  });

/** The reader's own images: choose, review, keep; and those that are kept. */
export function OwnData() {
  useTitle('Data: your own images');
  const [importer] = useState(open);
  const state = useStore(importer);
  const sets = useStore(ownSets);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  useEffect(() => {
    lookForOwn().catch((error: Error) => setUnreadable(error.message));
    return importer.cancel;
  }, [importer]);
  return (
    <>
      <div>
        <Title order={1} size="h2">
          Your own images
        </Title>
        <Text>They become small images that every method on images trains on. They stay in this browser: nothing is sent anywhere.</Text>
      </div>
      {unreadable && <Problem failure={{ message: unreadable, advice: '' }} />}
      {state.step === 'idle' && state.failure && <Problem failure={{ message: state.failure, advice: 'Nothing was kept.' }} />}
      {state.step === 'idle' && state.kept && (
        <div role="status" className={`card ${css.done}`}>
          <Text fw={600}>“{state.kept.name}” is kept.</Text>
          <TrainOn set={state.kept} />
        </div>
      )}
      {state.step === 'idle' && <Choose onFiles={importer.open} onTrouble={importer.complain} />}
      {state.step === 'opening' && <Busy label={`Looking into ${state.what}…`} />}
      {(state.step === 'review' || state.step === 'keeping') && (
        <Review review={state} keeping={state.step === 'keeping' ? state : null} importer={importer} />
      )}
      {sets ? <Kept sets={sets} /> : <Busy label="Looking for what is kept…" />}
    </>
  );
}
