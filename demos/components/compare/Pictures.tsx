import { Box, Button, Group, Text, Title } from '@mantine/core';
import { memo, useEffect, useMemo, useState } from 'react';
import { openClient } from '../../../src/worker/client.ts';
import { catalogue } from '../../app/catalogue.ts';
import type { Compared, Item } from '../../app/compare.ts';
import { openPictureMaker, type Pictures as Stage } from '../../app/compare-pictures.ts';
import { integer } from '../../app/format.ts';
import { library } from '../../app/library/index.ts';
import { dataUrl } from '../../app/run.ts';
import { useStore } from '../../app/store.ts';
import { Guarded } from '../Guarded.tsx';
import { Busy } from '../Notice.tsx';
import { Legend, labelsOf } from '../panels/Legend.tsx';
import css from './compare.module.css';
import { Small } from './SmallPicture.tsx';

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
            Embeddings, samples, densities and scenes taken apart, as far as the methods have them, made from the kept weights of each run:
            one after another, in a background thread, some seconds each.
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
