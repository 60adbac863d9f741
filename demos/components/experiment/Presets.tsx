import { Button, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { catalogue } from '../../app/catalogue.ts';
import { byConfiguration, planCells } from '../../app/experiment/plan.ts';
import { type Preset, presets } from '../../app/experiment/presets.ts';
import { secondsOf } from '../../app/experiment/time.ts';
import { about } from '../../app/format.ts';
import { speeds } from '../../app/speeds.ts';
import { useStore } from '../../app/store.ts';
import { Play } from '../icons.tsx';
import css from './experiment.module.css';

type Props = { readonly onStart: (preset: Preset) => void; readonly onChange: (preset: Preset) => void };

/** Ready-made experiments, each with what it teaches and how long it takes. */
export function Presets({ onStart, onChange }: Props) {
  return (
    <ul className={css.presets} aria-label="Ready-made experiments">
      {presets.map((preset) => (
        <Card key={preset.id} preset={preset} onStart={() => onStart(preset)} onChange={() => onChange(preset)} />
      ))}
    </ul>
  );
}

function Card({ preset, onStart, onChange }: { preset: Preset; onStart: () => void; onChange: () => void }) {
  const seen = useStore(speeds);
  const runs = useMemo(() => planCells(catalogue, preset).plans.map(({ spec }) => spec), [preset]);
  const configurations = byConfiguration(runs, (spec) => spec).length;
  const time = secondsOf(runs, preset.budget, seen);
  return (
    <li className={`card ${css.preset}`}>
      <Title order={3} size="h4">
        {preset.name}
      </Title>
      <Text className={css.teaches!}>{preset.teaches}</Text>
      <Text size="sm" c="dimmed" className="numbers">
        {configurations} configurations × {preset.seeds.length} {preset.seeds.length === 1 ? 'seed' : 'seeds'}
        {time && `, about ${about(time.seconds)} ${time.here ? 'on this device' : 'on a laptop of two cores'}`}
      </Text>
      <div className={css.buttons}>
        <Button size="compact-sm" leftSection={<Play size={14} />} onClick={onStart} aria-label={`Start: ${preset.name}`}>
          Start
        </Button>
        <Button size="compact-sm" variant="default" onClick={onChange} aria-label={`Change first: ${preset.name}`}>
          Change first
        </Button>
      </div>
    </li>
  );
}
