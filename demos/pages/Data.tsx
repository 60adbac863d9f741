import { Button, Stack, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import {
  type Dataset,
  type ImageDataset,
  isOwn,
  type PointDataset,
  type SceneDataset,
  type SetDataset,
  type VolumeDataset,
} from '../../src/data/dataset.ts';
import type { DatasetInfo } from '../../src/data/datasets.ts';
import type { OwnInfo } from '../../src/data/own/store.ts';
import type { Failure } from '../../src/worker/protocol.ts';
import { catalogue } from '../app/catalogue.ts';
import { integer } from '../app/format.ts';
import { later } from '../app/later.ts';
import { ownStore, useOwn } from '../app/own.ts';
import { dataUrl } from '../app/run.ts';
import { useTitle } from '../app/useTitle.ts';
import { Cloud, Examples, Slices } from '../components/DataPictures.tsx';
import { Busy, Problem } from '../components/Notice.tsx';
import { TrainOn } from '../components/own/Kept.tsx';
import { SetPlots } from '../components/panels/SetPlots.tsx';
import css from './Data.module.css';
import { OwnData } from './OwnData.tsx';

const SceneExamples = later(() => import('../components/Scenes.tsx').then((module) => module.Scenes));

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
  const { data } = state;
  if (data.kind === 'simulated') return null;
  if (data.kind === 'volumes') return <Volumes data={data} />;
  if (data.kind === 'scenes') return <Scenes data={data} />;
  return data.kind === 'images' ? <Images data={data} /> : data.kind === 'sets' ? <Sets data={data} /> : <Points data={data} />;
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

function Facts({ facts }: { facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className={`${css.facts} numbers`}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Images({ data }: { data: ImageDataset }) {
  const narrow = useMediaQuery('(max-width: 700px)');
  const [height, width, channels] = data.shape;
  const counts = new Array<number>(data.classes.length).fill(0);
  for (const label of data.train.labels) counts[label]! += 1;
  return (
    <>
      <Facts
        facts={[
          ['Shape', `${height} × ${width} × ${channels} (${channels === 1 ? 'grey' : 'red, green, blue'})`],
          ['Training images', integer(data.train.size)],
          ['Held-out images', integer(data.test.size)],
          ['Classes', data.classes.length > 1 ? String(data.classes.length) : 'none'],
        ]}
      />
      {data.classes.length > 1 && (
        <Text size="sm" c="dimmed">
          Training never sees the labels. They colour the pictures and score the result.
        </Text>
      )}
      <table className={`${css.classes} numbers`}>
        <caption>The first training images{data.classes.length > 1 && ' of each class'}</caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Images</th>
            <th scope="col">Examples</th>
          </tr>
        </thead>
        <tbody>
          {data.classes.map((name, label) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{integer(counts[label]!)}</td>
              <td>
                <Examples data={data} label={label} count={narrow ? 6 : 12} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Scenes({ data }: { data: SceneDataset }) {
  const [height, width, channels] = data.shape;
  const { rule } = data;
  return (
    <>
      <Facts
        facts={[
          ['Shape', `${height} × ${width} × ${channels} (${channels === 1 ? 'grey' : 'red, green, blue'})`],
          ['Training scenes', integer(data.train.size)],
          ['Held-out scenes', integer(data.test.size)],
          ['Objects', rule ? '4' : `1 to ${data.classes.length}`],
        ]}
      />
      {rule && <Text>The rule: {rule.words}</Text>}
      <Text size="sm" c="dimmed">
        Drawn by a program when they are first needed, always the same: so the object of every pixel is known. Training never sees that; it
        scores the result.{' '}
        {rule
          ? 'The digits are those of MNIST that are easy to tell apart, at half their size; held-out scenes have others than those of training.'
          : 'At least half of every object is in sight.'}
      </Text>
      <Suspense fallback={<Busy label="Drawing…" />}>
        <SceneExamples data={data} />
      </Suspense>
    </>
  );
}

function Volumes({ data }: { data: VolumeDataset }) {
  const [height, width] = data.shape;
  return (
    <>
      <Facts
        facts={[
          ['Shape', `${data.slices} slices of ${height} × ${width} × 1 (grey)`],
          ['Training volumes', integer(data.train.volumes)],
          ['Held-out volumes', integer(data.test.volumes)],
          ['Classes of pixels', data.classes.join(', ')],
        ]}
      />
      <Text size="sm" c="dimmed">
        Three patients from bottom to top, above the class of each pixel. A heart stands on its tip over a stomach that looks like it and is
        no organ here; nor are a vessel, a spine and a spot. The same height shows the same anatomy in all patients and never looks quite
        the same: blood is brighter than the wall in some and darker in others.
      </Text>
      {[0, 1, 2].map((volume) => (
        <Slices key={volume} data={data} volume={volume} />
      ))}
    </>
  );
}

function Points({ data }: { data: PointDataset }) {
  return (
    <>
      <Facts
        facts={[
          ['Shape', 'points in the plane'],
          ['Samples', 'endless: every batch is drawn anew'],
          ['Entropy', `${data.entropy.nats.toFixed(3)} nats (${data.entropy.how})`],
        ]}
      />
      <Text size="sm" c="dimmed">
        No model’s mean negative log-likelihood can fall below the entropy: what is left above it is the model’s own error.
      </Text>
      <Cloud data={data} count={4000} />
    </>
  );
}

/** Sets of points, and what it is worth to know where they come from. */
function Sets({ data }: { data: SetDataset }) {
  const { shape, extent } = data;
  const [size] = shape;
  const [points, setPoints] = useState<Float32Array>(new Float32Array());
  useEffect(() => {
    let current = true;
    import('../../src/ops/numbers.ts').then(({ numbers }) => current && setPoints(data.sample(40, numbers(0), 'train')));
    return () => {
      current = false;
    };
  }, [data]);
  const { uniform, independent, floor } = useMemo(() => data.references(), [data]);
  return (
    <>
      <Facts
        facts={[
          ['Shape', `sets of ${size} points in the plane`],
          ['Sets', 'endless: each point is drawn anew'],
          ['Even density', `${uniform.toFixed(3)} nats a point`],
          ['Independent points', `${independent.toFixed(3)} nats a point`],
          ['Floor', `${floor.toFixed(3)} nats a point`],
        ]}
      />
      <Text size="sm" c="dimmed">
        Each set is drawn from one image: a pixel by its grey level, then evenly inside the pixel. The order of the points means nothing.
        The numbers say how well one predicts held-out points: knowing only the square, the mean of all training images, or the very image.
      </Text>
      <SetPlots
        {...{ points, size, extent }}
        label={`40 sets of ${size} points drawn from training images, on the square [−${extent}, ${extent}]²`}
      />
    </>
  );
}
