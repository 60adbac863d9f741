import { Anchor, Button, Checkbox, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { mostLines } from '../../app/compare-address.ts';
import { dateOf, integer, words } from '../../app/format.ts';
import type { Entry } from '../../app/library/library.ts';
import { changedOf, titleOf } from '../../app/runs.ts';
import css from './compare.module.css';

type Props = { readonly all: readonly Entry[]; readonly chosen: readonly string[]; readonly onChoose: (ids: readonly string[]) => void };

const changes = (record: Entry) => Object.entries(changedOf(record)).map(([key, value]) => `${words(key)} ${value}`);

/** The runs of this device, to be put side by side. */
export function Picker({ all, chosen, onChoose }: Props) {
  const [ids, setIds] = useState(chosen);
  if (all.length === 0)
    return (
      <Text>
        No run is kept on this device yet. Train one on a{' '}
        <Anchor component={Link} to="/" inherit underline="always">
          method’s page
        </Anchor>
        : it is kept by itself, and stands here to be chosen.
      </Text>
    );
  const toggle = (id: string) => setIds(ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]);
  return (
    <div className={css.picker}>
      <fieldset className={css.choices}>
        <legend>Runs on this device, the newest first</legend>
        {all.map((record) => {
          const { id, spec, name, step, created } = record;
          return (
            <Checkbox
              key={id}
              size="sm"
              checked={ids.includes(id)}
              onChange={() => toggle(id)}
              label={titleOf(record)}
              description={[
                ...(name ? [titleOf({ name: null, spec })] : []),
                `seed ${spec.seed}`,
                ...changes(record),
                `${integer(step)} steps`,
                dateOf(created),
              ].join(' · ')}
            />
          );
        })}
      </fieldset>
      <Group gap="md">
        <Button size="sm" disabled={ids.length === 0} onClick={() => onChoose(ids)}>
          {ids.length === 1 ? 'Show this run' : `Compare ${ids.length > 0 ? `${ids.length} runs` : ''}`}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {ids.length > mostLines ? 'Eight lines are drawn at most: seeds of one configuration count as one with “Seeds as one”.' : ''}
        </Text>
      </Group>
    </div>
  );
}
