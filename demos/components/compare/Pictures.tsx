import { Box, Button, Group, Text, Title } from '@mantine/core';
import { memo, useCallback, useEffect, useMemo, useState } from 'react';
import { openClient } from '../../../src/worker/client.ts';
import { catalogue } from '../../app/catalogue.ts';
import type { Compared, Item } from '../../app/compare.ts';
import { openPictureMaker, type Picture, type Pictures as Stage } from '../../app/compare-pictures.ts';
import { integer, percent } from '../../app/format.ts';
import { library } from '../../app/library/index.ts';
import { dataUrl } from '../../app/run.ts';
import { useStore } from '../../app/store.ts';
import { Guarded } from '../Guarded.tsx';
import { Busy } from '../Notice.tsx';
import { type Surface, useCanvas } from '../panels/canvas.ts';
import { classColor, heatPixels } from '../panels/colors.ts';
import { fit, place } from '../panels/geometry.ts';
import { ImageGridCanvas } from '../panels/ImageGridCanvas.tsx';
import { Legend, labelsOf } from '../panels/Legend.tsx';
import { offscreen } from '../panels/pixels.ts';
import css from './compare.module.css';

/** Pictures outlast the page, as long as the visit does. */
const maker = openPictureMaker({
  connect: openClient,
  load: async (id) => (await library()).load(id),
  dataUrl: dataUrl(),
});

type Shown = { readonly item: Item; readonly run: Compared };
const { datasets } = catalogue;
/** What was made of a run; null before. */
const madeOf = (pictures: Stage | undefined) => (pictures?.state === 'made' ? pictures : null);
const classesOf = (data: string) => (Object.hasOwn(datasets, data) ? datasets[data]!.classes : undefined);

/** Small pictures of every run, made on demand from its kept weights. */
export const Pictures = memo(function Pictures({ items }: { items: readonly Item[] }) {
  const all = useStore(maker.all);
  const busy = useStore(maker.busy);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  useEffect(() => maker.stop, []);
  const shown = useMemo(() => items.flatMap((item): Shown[] => item.runs.map((run) => ({ item, run }))), [items]);
  const runs = shown.map(({ run: { record } }) => ({ id: record.id, step: record.step }));
  const made = runs.filter(({ id }) => madeOf(all[id]));
  const fresh = made.filter(({ id, step }) => madeOf(all[id])?.step === step);
  const embedded = useMemo(
    () =>
      shown.flatMap(({ run: { record } }) =>
        (madeOf(all[record.id])?.pictures ?? []).flatMap((picture) =>
          picture.kind === 'embedding' ? [{ data: record.spec.data, labels: labelsOf(picture.labels) }] : [],
        ),
      ),
    [shown, all],
  );
  const labels = useMemo(() => [...new Set(embedded.flatMap((each) => each.labels))].sort((a, b) => a - b), [embedded]);
  const data = [...new Set(embedded.map((each) => each.data))];
  return (
    <section className={`card ${css.card}`} aria-labelledby="pictures">
      <Group justify="space-between" align="flex-start">
        <Box flex="1 1 16rem">
          <Title order={2} size="h4" id="pictures">
            What they see
          </Title>
          <Text size="xs" c="dimmed">
            Embeddings, samples and densities, as far as the methods have them, made from the kept weights of each run: one after another,
            in a background thread, some seconds each.
          </Text>
        </Box>
        {busy ? (
          <Button size="compact-sm" variant="default" flex="none" onClick={maker.stop}>
            Stop
          </Button>
        ) : (
          fresh.length < runs.length && (
            <Button size="compact-sm" variant="default" flex="none" onClick={() => void maker.make(runs)}>
              {made.length === 0 ? 'Make the pictures' : 'Make the rest'}
            </Button>
          )
        )}
      </Group>
      {labels.length > 0 && (
        <Legend labels={labels} classes={data.length === 1 ? classesOf(data[0]!) : undefined} hidden={hidden} onChange={setHidden} />
      )}
      {runs.some(({ id }) => all[id]) && (
        <ul className={css.pictures}>
          {shown.map(({ item, run }) => (
            <li key={run.record.id}>
              <RunPictures item={item} run={run} hidden={hidden} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
});

function RunPictures({ item, run: { record }, hidden }: Shown & { hidden: ReadonlySet<number> }) {
  const found = useStore(maker.all)[record.id];
  const made = madeOf(found);
  const name = `${item.letter}${item.runs.length > 1 ? `, seed ${record.spec.seed}` : ''}`;
  return (
    <article className={css.run} aria-label={`Pictures of ${name}`}>
      <div className={css.runName} title={item.label}>
        <i style={{ background: item.color }} />
        <b>{name}</b> {made && <span className={css.after}>after step {integer(made.step)}</span>}
      </div>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {item.label}
      </Text>
      {found?.state === 'waiting' && <Busy label="Waits for its turn" />}
      {found?.state === 'making' && <Busy label="Being made…" />}
      {found?.state === 'failed' && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {found.failure.message} {found.failure.advice}
        </Text>
      )}
      {made?.pictures.length === 0 && <Text size="sm">This method has none of these pictures.</Text>}
      {made && (
        <Guarded what="This picture">
          {made.pictures.map((picture) => (
            <Small key={picture.kind} picture={picture} name={name} hidden={hidden} />
          ))}
        </Guarded>
      )}
    </article>
  );
}

type SmallProps<K extends Picture['kind'] = Picture['kind']> = {
  readonly picture: Extract<Picture, { kind: K }>;
  readonly name: string;
  readonly hidden: ReadonlySet<number>;
};

function Small({ picture, name, hidden }: SmallProps) {
  if (picture.kind === 'embedding') return <Embedding picture={picture} name={name} hidden={hidden} />;
  if (picture.kind === 'samples') return <Samples picture={picture} name={name} />;
  return <Density picture={picture} name={name} />;
}

/** Dots by class, to one scale in both directions. */
function Embedding({ picture: { points, labels, explained }, name, hidden }: SmallProps<'embedding'>) {
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height, scheme }: Surface) => {
      const placed = place(points, fit(points, width, height, 8));
      context.globalAlpha = 0.75;
      for (const label of labelsOf(labels)) {
        if (hidden.has(label)) continue;
        context.fillStyle = classColor(label, scheme);
        for (let i = 0; i < labels.length; i++) if (labels[i] === label) context.fillRect(placed[2 * i]! - 1, placed[2 * i + 1]! - 1, 2, 2);
      }
    },
    [points, labels, hidden],
  );
  const canvas = useCanvas(draw);
  const variance = `${percent(explained[0] + explained[1])} of the variance`;
  return (
    <figure className={css.figure}>
      <canvas
        ref={canvas}
        className={css.square}
        role="img"
        aria-label={`Embedding of ${name}: ${labels.length} held-out images on the first two principal components, ${variance}`}
      />
      <figcaption>Embedding (PCA, {variance})</figcaption>
    </figure>
  );
}

const samplesShown = 36;

function Samples({ picture: { images, temperature }, name }: Pick<SmallProps<'samples'>, 'picture' | 'name'>) {
  const grids = useMemo(() => {
    const n = Math.min(samplesShown, images.n);
    return [{ ...images, n, pixels: images.pixels.subarray(0, (images.pixels.length / images.n) * n) }];
  }, [images]);
  return (
    <figure className={css.figure}>
      <ImageGridCanvas grids={grids} columns={6} target={30} gap={2} label={`${grids[0]!.n} samples of ${name}`} />
      <figcaption>Samples, temperature {temperature}</figcaption>
    </figure>
  );
}

function Density({ picture: { density, side, extent, nll, entropy }, name }: Pick<SmallProps<'density'>, 'picture' | 'name'>) {
  const picture = useMemo(() => {
    const high = density.reduce((a, b) => Math.max(a, b), 0);
    return offscreen(new ImageData(heatPixels(density, side, 0, high), side, side));
  }, [density, side]);
  const draw = useCallback(
    (context: CanvasRenderingContext2D, { width, height }: Surface) => {
      context.imageSmoothingEnabled = true;
      context.drawImage(picture, 0, 0, width, height);
    },
    [picture],
  );
  const canvas = useCanvas(draw);
  return (
    <figure className={css.figure}>
      <canvas
        ref={canvas}
        className={css.square}
        role="img"
        aria-label={`Density of ${name} over the square from −${extent} to ${extent}, NLL ${nll.toFixed(3)} nats against an entropy of ${entropy.toFixed(3)}`}
      />
      <figcaption>
        Density, NLL {nll.toFixed(3)} (entropy {entropy.toFixed(3)})
      </figcaption>
    </figure>
  );
}
