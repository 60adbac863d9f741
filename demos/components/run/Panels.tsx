import { ActionIcon, Badge, Group, Switch, Text, Title } from '@mantine/core';
import { type ComponentType, memo, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Value } from '../../../src/hparams.ts';
import { openProjector } from '../../../src/worker/projection.ts';
import type { Artifact, ArtifactKind, ArtifactOptions } from '../../../src/worker/protocol.ts';
import { openEmbedding } from '../../app/embedding.ts';
import { EmbeddingContext } from '../../app/embedding-context.ts';
import { keepMoments } from '../../app/embedding-kept.ts';
import { integer } from '../../app/format.ts';
import { useOnScreen, useRun } from '../../app/hooks.ts';
import { library } from '../../app/library/index.ts';
import { openPictures, type Pictures } from '../../app/pictures.ts';
import { momentOf, type Player } from '../../app/player.ts';
import type { Session } from '../../app/run.ts';
import { useStore } from '../../app/store.ts';
import { Guarded } from '../Guarded.tsx';
import { Refresh } from '../icons.tsx';
import { Busy } from '../Notice.tsx';
import { columnsOf } from '../panels/columns.ts';
import { panels } from '../panels/index.ts';
import { Tip } from '../Tip.tsx';
import css from './Panels.module.css';

type Props = {
  readonly session: Session;
  readonly classes: readonly string[] | undefined;
  readonly player: Player;
  readonly onSetting: (name: string, value: Value) => void;
};

/** A panel for everything that this run can show of itself. */
export function Panels({ session, classes, player, onSetting }: Props) {
  const moment = useSyncExternalStore(player.subscribe, () => momentOf(player.get()));
  const live = useRun(session, (state) => state.ready?.artifacts);
  const kinds = live ?? moment?.pictures.map(({ kind }) => kind);
  const pictures = useMemo(() => openPictures(session), [session]);
  useEffect(() => {
    pictures.open();
    return pictures.close;
  }, [pictures]);
  const [embedding] = useState(() => openEmbedding(openProjector()));
  useEffect(() => embedding.close, [embedding]);
  useEffect(() => keepMoments(session, embedding, library), [session, embedding]);
  if (kinds?.length === 0) return null;
  return (
    <section aria-labelledby="pictures" className={css.section}>
      <Group justify="space-between">
        <Title order={2} size="h4" id="pictures">
          What it sees
        </Title>
        <Switch
          size="sm"
          defaultChecked
          label="Live while training"
          onChange={({ currentTarget }) => pictures.setLive(currentTarget.checked)}
        />
      </Group>
      <EmbeddingContext value={embedding}>
        <div className={css.columns}>
          {columnsOf(kinds ?? []).map((column) => (
            <div key={column[0]} className={css.column}>
              {column.map((kind) => (
                <Panel
                  key={kind}
                  kind={kind}
                  pictures={pictures}
                  classes={classes}
                  recorded={moment?.pictures.find((picture) => picture.kind === kind) ?? null}
                  step={moment?.step ?? 0}
                  set={onSetting}
                />
              ))}
            </div>
          ))}
        </div>
      </EmbeddingContext>
    </section>
  );
}

/** The registry pairs each kind with a panel for that kind; here the pair is taken together. */
type AnyPanel = ComponentType<Omit<ContentProps, 'kind'>>;

const Panel = memo(function Panel({
  kind,
  pictures,
  classes,
  recorded,
  step,
  set,
}: {
  kind: ArtifactKind;
  pictures: Pictures;
  classes: readonly string[] | undefined;
  /** Of a recorded run that is played, after `step` steps: it takes the place of the live picture. */
  recorded: Artifact | null;
  step: number;
  set: (name: string, value: Value) => void;
}) {
  const card = useRef<HTMLElement>(null);
  useOnScreen(
    card,
    useCallback((onScreen) => pictures.see(kind, onScreen), [kind, pictures]),
  );
  const refresh = useCallback((options?: ArtifactOptions) => pictures.refresh(kind, options), [kind, pictures]);
  const picture = useStore(pictures)[kind];
  // Deferred: several pictures may come at once, and each is then drawn in a task of its own.
  const live = useDeferredValue(picture?.artifact);
  const artifact = recorded ?? live;
  const { title, help } = panels[kind];
  const busy = picture?.busy ?? false;
  return (
    <article className={`card ${css.panel}`} ref={card} aria-labelledby={`panel-${kind}`}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} size="h5" id={`panel-${kind}`}>
          {title}
        </Title>
        {recorded ? (
          <Badge className={css.recorded!}>recorded, step {integer(step)}</Badge>
        ) : (
          <Tip label="Make it anew">
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Refresh ${title}`}
              data-busy={busy || undefined}
              onClick={() => refresh()}
            >
              <Refresh size={15} />
            </ActionIcon>
          </Tip>
        )}
      </Group>
      {picture?.failure && !recorded && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {picture.failure.message} {picture.failure.advice}
        </Text>
      )}
      {artifact ? (
        <Guarded what={title}>
          <Content
            key={recorded ? 'recorded' : 'live'}
            kind={kind}
            artifact={artifact}
            classes={classes}
            refresh={recorded ? null : refresh}
            set={recorded ? null : set}
            busy={busy && !recorded}
          />
        </Guarded>
      ) : (
        !picture?.failure && <Busy label="Drawing…" />
      )}
      <Text size="xs" c="dimmed" mt="auto">
        {help}
      </Text>
    </article>
  );
});

type ContentProps = {
  kind: ArtifactKind;
  artifact: Artifact;
  classes: readonly string[] | undefined;
  refresh: ((options?: ArtifactOptions) => void) | null;
  set: ((name: string, value: Value) => void) | null;
  busy: boolean;
};

const Content = memo(function Content({ kind, ...rest }: ContentProps) {
  const Picture = panels[kind].Panel as unknown as AnyPanel;
  return <Picture {...rest} />;
});
