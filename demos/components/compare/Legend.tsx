import { ActionIcon, Text } from '@mantine/core';
import { memo } from 'react';
import type { Item } from '../../app/compare.ts';
import { integer } from '../../app/format.ts';
import { lastStep } from '../../app/series.ts';
import { Close, Eye, EyeOff } from '../icons.tsx';
import css from './compare.module.css';

type Props = {
  readonly items: readonly Item[];
  readonly off: readonly string[];
  readonly onToggle: (key: string) => void;
  readonly onRemove: (item: Item) => void;
};

const stepsOf = ({ runs }: Item): string => {
  const steps = runs.map(({ curve }) => lastStep(curve));
  const [low, high] = [Math.min(...steps), Math.max(...steps)];
  return low === high ? `${integer(low)} steps` : `${integer(low)} to ${integer(high)} steps`;
};

/** What each letter and colour stands for; a line can be switched off, a run taken out. */
export const Legend = memo(function Legend({ items, off, onToggle, onRemove }: Props) {
  return (
    <ul className={css.legend} aria-label="Runs on the chart">
      {items.map((item) => {
        const { key, letter, label, color, runs } = item;
        const shown = !off.includes(key);
        const training = runs.some(({ record }) => record.status === 'running');
        return (
          <li key={key} data-hidden={!shown || undefined}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-pressed={shown}
              aria-label={`Show ${letter}, ${label}`}
              onClick={() => onToggle(key)}
            >
              {shown ? <Eye size={15} /> : <EyeOff size={15} />}
            </ActionIcon>
            <i style={{ background: color }} />
            <b>{letter}</b>
            <span className={css.name} title={label}>
              {label}
            </span>
            <Text component="span" size="xs" c="dimmed" className="numbers">
              {stepsOf(item)}
              {training ? ', not finished' : ''}
            </Text>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Take ${letter}, ${label}, out`} onClick={() => onRemove(item)}>
              <Close size={15} />
            </ActionIcon>
          </li>
        );
      })}
    </ul>
  );
});
