import { ActionIcon, Button, Group, Text, TextInput, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import type { OwnInfo, OwnSet } from '../../../src/data/own/store.ts';
import { acceptedData, cards, catalogue, type MethodInfo, settingsOn } from '../../app/catalogue.ts';
import { integer } from '../../app/format.ts';
import { lookForOwn, ownStore } from '../../app/own.ts';
import { megabytes } from '../../app/runs.ts';
import { Pencil, Trash } from '../list-icons.tsx';
import { Problem } from '../Notice.tsx';
import css from './own.module.css';

/** The largest batch that a set can fill, where the usual one is too large for it. */
function batchFor(method: MethodInfo | undefined, { id, train }: Pick<OwnInfo, 'id' | 'train'>): { batchSize?: number } {
  const groups = method && settingsOn(method, id);
  const specs = groups?.flatMap((group) => Object.entries(group.specs)) ?? [];
  const usual = specs.find(([key]) => key === 'batchSize')?.[1].default;
  return typeof usual === 'number' && usual > train ? { batchSize: 2 ** Math.floor(Math.log2(train)) } : {};
}

/** Every method that trains on a set, each a link that opens it with that set. */
export function TrainOn({ set }: { set: Pick<OwnInfo, 'id' | 'train'> }) {
  const methods = Object.values(cards).filter((method) => acceptedData(method).includes(set.id));
  return (
    <p className={css.train}>
      Train on it:
      {methods.map((method) => (
        <Link
          key={method.id}
          to="/method/$id"
          params={{ id: method.id }}
          search={{ data: set.id, ...batchFor(catalogue.methods[method.id], set) }}
        >
          {method.name}
        </Link>
      ))}
    </p>
  );
}

/** The sets that are kept on this device, with their names, sizes and an end that can be taken back. */
export function Kept({ sets }: { sets: readonly OwnInfo[] }) {
  const [deleted, setDeleted] = useState<OwnSet | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await lookForOwn();
      setTrouble(null);
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  const remove = (id: string) => attempt(async () => setDeleted(await (await ownStore()).remove(id)));
  const undo = () =>
    attempt(async () => {
      if (deleted) await (await ownStore()).put(deleted);
      setDeleted(null);
    });
  const rename = (id: string, name: string) => attempt(async () => (await ownStore()).rename(id, name));
  return (
    <section aria-label="Kept on this device" className={css.kept}>
      <Title order={2} size="h4">
        Kept on this device
      </Title>
      {trouble && <Problem failure={{ message: trouble, advice: '' }} />}
      {deleted && (
        <Group gap="sm" role="status" className={`card ${css.deleted}`}>
          <Text size="sm">“{deleted.info.name}” is deleted.</Text>
          <Button size="compact-sm" variant="default" onClick={() => void undo()}>
            Undo
          </Button>
        </Group>
      )}
      {sets.length === 0 ? (
        <Text c="dimmed">None yet.</Text>
      ) : (
        <ul>
          {sets.map((set) => (
            <li key={set.id} className="card">
              <Row set={set} onRename={rename} onRemove={remove} />
            </li>
          ))}
        </ul>
      )}
      {sets.length > 0 && (
        <Text size="sm" c="dimmed">
          {sets.length} {sets.length === 1 ? 'set takes' : 'sets take'} {megabytes(sets.reduce((sum, { bytes }) => sum + bytes, 0))}.
        </Text>
      )}
    </section>
  );
}

type RowProps = { set: OwnInfo; onRename: (id: string, name: string) => void; onRemove: (id: string) => void };

function Row({ set, onRename, onRemove }: RowProps) {
  const { id, name, shape, classes, train, test, left, bytes, format } = set;
  const [renaming, setRenaming] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const done = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onRename(id, String(new FormData(event.currentTarget).get('name')));
    close();
  };
  const close = () => {
    setRenaming(false);
    // Once the button is there again.
    requestAnimationFrame(() => pencil.current?.focus());
  };
  const [height, width, channels] = shape;
  return (
    <>
      <div className={css.row}>
        {renaming ? (
          <form onSubmit={done} className={css.rename}>
            <TextInput
              name="name"
              size="xs"
              aria-label={`New name of ${name}`}
              defaultValue={name}
              maxLength={60}
              required
              autoFocus
              onKeyDown={({ key }) => key === 'Escape' && close()}
            />
            <Button type="submit" size="xs">
              Rename
            </Button>
            <Button size="xs" variant="default" onClick={close}>
              Cancel
            </Button>
          </form>
        ) : (
          <>
            <Link to="/data" search={{ set: id }} className={css.name}>
              {name}
            </Link>
            <ActionIcon ref={pencil} variant="subtle" aria-label={`Rename ${name}`} onClick={() => setRenaming(true)}>
              <Pencil size={16} />
            </ActionIcon>
            <ActionIcon variant="subtle" aria-label={`Delete ${name}`} onClick={() => onRemove(id)}>
              <Trash size={16} />
            </ActionIcon>
          </>
        )}
      </div>
      <Text size="sm" c="dimmed" className="numbers">
        {height} × {width} × {channels} · {integer(train)} training and {integer(test)} held-out images ·{' '}
        {classes.length > 1 ? `${classes.length} labels` : 'no labels'} · {megabytes(bytes)} · from {format}
        {left > 0 ? ` · ${integer(left)} left out` : ''}
      </Text>
      <TrainOn set={set} />
    </>
  );
}
