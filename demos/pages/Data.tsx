import { Button, Stack, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { type Dataset, isOwn } from '../../src/data/dataset.ts';
import type { DatasetInfo } from '../../src/data/datasets.ts';
import type { OwnInfo } from '../../src/data/own/store.ts';
import type { Failure } from '../../src/worker/protocol.ts';
import { catalogue } from '../app/catalogue.ts';
import { ownStore, useOwn } from '../app/own.ts';
import { dataUrl } from '../app/run.ts';
import { useTitle } from '../app/useTitle.ts';
import { Busy, Problem } from '../components/Notice.tsx';
import { TrainOn } from '../components/own/Kept.tsx';
import css from './Data.module.css';
import { DataDescription } from './DataDescription.tsx';
import { OwnData } from './OwnData.tsx';

const route = getRouteApi('/data');

/** What each data set is, with real examples of it. */
export function Data() {
  const { set } = route.useSearch();
  const own = useOwn(true);
  const all = Object.values(catalogue.datasets).filter(({ kind }) => kind !== 'simulated');
  const adding = set === 'own';
  const info = adding ? null : (all.find(({ id }) => id === set) ?? all[0]!);
  return (
    <div className={css.page}>
      <nav aria-label="Data sets" className={css.list}>
        {[...all, { id: 'own', name: 'Your own images…' }].map(({ id, name }) => (
          <Link
            key={id}
            to="/data"
            search={{ set: id }}
            data-current={id === (info?.id ?? 'own') || undefined}
            aria-current={id === (info?.id ?? 'own') ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      <Stack gap="md" miw={0}>
        {!info ? (
          <OwnData />
        ) : set && isOwn(set) && !own ? (
          <Busy label="Looking for your images…" />
        ) : (
          <One info={info} set={set} own={own?.find(({ id }) => id === info.id)} />
        )}
      </Stack>
    </div>
  );
}

function One({ info, set, own }: { info: DatasetInfo; set: string | undefined; own: OwnInfo | undefined }) {
  useTitle(`Data: ${info.name}`);
  return (
    <>
      {set !== undefined && set !== info.id && (
        <Text role="status">
          {isOwn(set) ? 'The set of your own that this address names is not on this device' : `There is no data set “${set}”`}; this is{' '}
          {info.name}.
        </Text>
      )}
      <div>
        <Title order={1} size="h2">
          {info.name}
        </Title>
        <Text>{info.summary}</Text>
        {own && <TrainOn set={own} />}
      </div>
      <Loaded key={info.id} id={info.id} name={info.name} />
    </>
  );
}

type State = { readonly data: Dataset } | { readonly failure: Failure } | null;

/** The set itself, fetched into the page; or what is missing and how to get it. */
function Loaded({ id, name }: { id: string; name: string }) {
  const [state, setState] = useState<State>(null);
  const load = useCallback(() => {
    let current = true;
    setState(null);
    fetchDataset(id).then(
      (data) => current && setState({ data }),
      (error: unknown) => current && setState({ failure: explain(name, error) }),
    );
    return () => {
      current = false;
    };
  }, [id, name]);
  useEffect(load, [load]);

  if (!state) return <Busy label={`Loading ${name}…`} />;
  if ('failure' in state)
    return (
      <Problem failure={state.failure}>
        <Button size="xs" variant="default" onClick={load}>
          Try again
        </Button>
      </Problem>
    );
  return <DataDescription data={state.data} />;
}

async function fetchDataset(id: string): Promise<Dataset> {
  if (isOwn(id)) {
    const [{ toDataset }, store] = await Promise.all([import('../../src/data/own/store.ts'), ownStore()]);
    return toDataset(await store.get(id));
  }
  const [{ loadDataset }, { readData }] = await Promise.all([import('../../src/data/datasets.ts'), import('../../src/data/fetch.ts')]);
  return loadDataset(id, readData(dataUrl()));
}

function explain(name: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const missing = error instanceof Error && error.name === 'MissingData';
  return {
    message: missing ? `${name} is not here yet.` : `${name} could not be read.`,
    advice: missing ? `${message}. Every other data set works without it.` : message,
  };
}
