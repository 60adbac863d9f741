import { Alert, Button, Group, Text, Title } from '@mantine/core';
import type { Scores as Values } from '../../../src/worker/protocol.ts';
import { integer, short } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import type { Session } from '../../app/run.ts';
import { COLLAPSED } from '../panels/words.ts';
import css from './Scores.module.css';

type Key = Exclude<keyof Values, 'baselines' | 'entropy'>;
type Row = { readonly key: Key; readonly name: string; readonly what: string; readonly format: (value: number) => string };

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const nats = (value: number) => `${value.toFixed(3)} nats`;
const plain = (value: number) => value.toFixed(3);

/** Every score that the lab knows, best known first; shown are those that the run has. */
const known: readonly Row[] = [
  {
    key: 'linearProbe',
    name: 'Linear probe',
    format: percent,
    what: 'Held-out accuracy of a linear classifier trained on the frozen representation.',
  },
  {
    key: 'knn',
    name: 'Nearest neighbours',
    format: percent,
    what: 'Held-out accuracy when each image takes the label of its nearest training images.',
  },
  {
    key: 'clusterAccuracy',
    name: 'Cluster accuracy',
    format: percent,
    what: 'Share of images in the right class when each cluster is matched to one class.',
  },
  { key: 'nmi', name: 'NMI', format: plain, what: 'What clusters and labels tell about each other: 0 nothing, 1 everything.' },
  {
    key: 'ari',
    name: 'ARI',
    format: plain,
    what: 'Pairs of images on which clusters and labels agree, corrected for chance: 0 chance, 1 all.',
  },
  {
    key: 'negativeElbo',
    name: '−ELBO',
    format: (value) => `${value.toFixed(2)} nats`,
    what: 'Upper bound on the negative log-likelihood of an image: reconstruction plus KL.',
  },
  { key: 'nll', name: 'NLL', format: nats, what: 'Mean negative log-likelihood of held-out data; it cannot fall below the entropy.' },
  {
    key: 'bitsPerDim',
    name: 'Bits per dimension',
    format: (value) => `${value.toFixed(3)} bits`,
    what: '−ELBO or negative log-likelihood, by pixel value. Without a model, a pixel that is black or white costs 1 bit, one of 256 levels 8.',
  },
  { key: 'roundTripError', name: 'Round trip', format: short, what: 'Largest error of data → noise → data: how exact the inverse is.' },
  {
    key: 'embeddingStd',
    name: 'Spread of the projection',
    format: plain,
    what: '√d × mean standard deviation of the normalized projection: 1 covers the sphere, 0 has collapsed.',
  },
];

/** Scores on held-out data, beside what no training at all would give. */
export function Scores({ session }: { session: Session }) {
  const result = useRun(session, (state) => state.scores);
  const evaluating = useRun(session, (state) => state.evaluating);
  const outdated = useRun(session, ({ scores, step }) => scores !== null && scores.step !== step);
  const status = useRun(session, (state) => state.status);
  const scored = useRun(session, (state) => state.ready?.scored ?? true);
  const scores = result?.scores;
  const rows = known.filter(({ key }) => scores?.[key] !== undefined);
  const spread = scores?.embeddingStd;
  return (
    <section className={`card ${css.card}`} aria-labelledby="scores">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Title order={2} size="h4" id="scores">
            Scores
          </Title>
          <Text size="xs" c="dimmed">
            {result
              ? `on held-out data, after step ${integer(result.step)}${outdated ? '; the run has gone on since' : ''}`
              : 'on held-out data; taken by themselves at the end of a run'}
          </Text>
        </div>
        {scored && (
          <Button
            size="xs"
            variant="default"
            flex="none"
            loading={evaluating}
            disabled={status === 'starting' || status === 'failed'}
            onClick={() => void session.evaluate()}
          >
            Evaluate now
          </Button>
        )}
      </Group>
      {spread !== undefined && spread < COLLAPSED && (
        <Alert color="red" variant="outline" title="Collapsed" styles={{ title: { color: 'var(--mantine-color-error)' } }} role="alert">
          All images have almost the same projection (spread {plain(spread)}): the loss is low, yet nothing was learned.
        </Alert>
      )}
      {!result && (
        <Text size="sm" c="dimmed">
          {!scored
            ? 'This method has no scores.'
            : evaluating
              ? 'Measuring. It takes up to a minute; the run can go on meanwhile.'
              : 'No scores yet.'}
        </Text>
      )}
      <dl className={`${css.list} numbers`} aria-live="polite">
        {rows.map(({ key, name, what, format }) => (
          <div key={key} className={css.row}>
            <dt>{name}</dt>
            <dd className={css.value}>{format(scores![key]!)}</dd>
            {key === 'nll' && scores?.entropy !== undefined && <dd className={css.note}>entropy of the data: {nats(scores.entropy)}</dd>}
            {(key === 'linearProbe' || key === 'knn') && scores?.baselines && (
              <dd className={css.bars}>
                <Share name="this run" value={scores[key]!} strong />
                <Share name="random network" value={scores.baselines.random[key]} />
                <Share name="raw pixels" value={scores.baselines.pixels[key]} />
              </dd>
            )}
            <dd className={css.note}>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const Share = ({ name, value, strong = false }: { name: string; value: number; strong?: boolean }) => (
  <div className={css.share}>
    <span>{name}</span>
    <span className={css.track} aria-hidden="true">
      <span className={strong ? css.strong : css.weak} style={{ width: `${100 * value}%` }} />
    </span>
    <span>{percent(value)}</span>
  </div>
);
