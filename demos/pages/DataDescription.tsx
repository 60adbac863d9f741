import { Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Suspense, useEffect, useMemo, useState } from 'react';
import type { Dataset, ImageDataset, PointDataset, SceneDataset, SetDataset, VolumeDataset } from '../../src/data/dataset.ts';
import { integer } from '../app/format.ts';
import { later } from '../app/later.ts';
import { Cloud, Examples, Slices } from '../components/DataPictures.tsx';
import { Busy } from '../components/Notice.tsx';
import { SetPlots } from '../components/panels/SetPlots.tsx';
import css from './Data.module.css';

const SceneExamples = later(() => import('../components/Scenes.tsx').then((module) => module.Scenes));

/** What a data set holds, with real examples of it; nothing of what has no rows of its own. */
export function DataDescription({ data }: { data: Dataset }) {
  if (data.kind === 'simulated') return null;
  if (data.kind === 'volumes') return <Volumes data={data} />;
  if (data.kind === 'scenes') return <Scenes data={data} />;
  return data.kind === 'images' ? <Images data={data} /> : data.kind === 'sets' ? <Sets data={data} /> : <Points data={data} />;
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
