import { ActionIcon, NativeSelect, Slider, Switch, Text, TextInput } from '@mantine/core';
import { memo, useEffect, useId, useState } from 'react';
import type { Spec, Value } from '../../../src/hparams.ts';
import { short, words } from '../../app/format.ts';
import { Undo } from '../icons.tsx';
import { NumberField } from '../NumberField.tsx';
import { Tip } from '../Tip.tsx';
import { fromPosition, positions, toPosition } from './scale.ts';
import css from './settings.module.css';

type Props = {
  readonly name: string;
  readonly spec: Spec;
  readonly value: Value;
  readonly onChange: (name: string, value: Value) => void;
};

/** One setting: its name, whether a change takes effect at once, its control, its one line of documentation. */
export const Setting = memo(function Setting({ name, spec, value, onChange }: Props) {
  const id = useId();
  const changed = value !== spec.default;
  const title = words(name);
  return (
    <div className={css.setting} data-changed={changed || undefined}>
      <div className={css.head}>
        <label htmlFor={id} className={css.name}>
          {title}
        </label>
        {changed && (
          <Tip label={`Back to the default, ${String(spec.default)}`}>
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={`Reset ${title} to its default, ${String(spec.default)}`}
              onClick={() => onChange(name, spec.default)}
            >
              <Undo size={13} />
            </ActionIcon>
          </Tip>
        )}
        <span className={css.when} data-live={spec.when === 'live' || undefined}>
          {spec.when === 'live' ? 'live' : 'restarts'}
        </span>
        {spec.control.kind !== 'text' && <Input id={id} name={name} spec={spec} value={value} onChange={onChange} />}
      </div>
      {spec.control.kind === 'text' && <Line key={String(value)} id={id} name={name} spec={spec} value={value} onChange={onChange} />}
      {spec.control.kind === 'slider' && <Range title={title} name={name} spec={spec} value={value} onChange={onChange} />}
      <Text size="xs" c="dimmed" id={`${id}-doc`} className={css.doc!}>
        {spec.doc}
      </Text>
    </div>
  );
});

function Input({ id, name, spec, value, onChange }: Props & { id: string }) {
  const { control } = spec;
  const described = { id, 'aria-describedby': `${id}-doc` };
  if (control.kind === 'switch')
    return (
      <Switch {...described} size="sm" checked={value === true} onChange={({ currentTarget }) => onChange(name, currentTarget.checked)} />
    );
  if (control.kind === 'select')
    return (
      <NativeSelect
        {...described}
        size="xs"
        w={132}
        data={[...control.options]}
        value={String(value)}
        onChange={({ currentTarget }) => onChange(name, currentTarget.value)}
      />
    );
  if (control.kind === 'text') return null;
  const { min, max, integer } = control;
  return (
    <NumberField
      {...described}
      size="xs"
      w={84}
      value={Number(value)}
      min={min}
      max={max}
      integer={integer}
      onCommit={(next) => onChange(name, next)}
    />
  );
}

/** A line of text is taken over on Enter or when it is left, once it is what the setting expects. */
function Line({ id, name, spec, value, onChange }: Props & { id: string }) {
  const [wrong, setWrong] = useState<string | null>(null);
  return (
    <TextInput
      id={id}
      aria-describedby={`${id}-doc`}
      size="xs"
      defaultValue={String(value)}
      autoComplete="off"
      spellCheck={false}
      error={wrong}
      onChange={({ currentTarget }) => setWrong(spec.check(currentTarget.value.trim()))}
      onBlur={({ currentTarget }) => {
        const next = currentTarget.value.trim();
        if (!spec.check(next) && next !== value) onChange(name, next);
      }}
      onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
    />
  );
}

/** The slider moves freely and tells its value when let go: a drag is one change, not a hundred. */
function Range({ title, name, spec, value, onChange }: Props & { title: string }) {
  const range = spec.control;
  const at = range.kind === 'slider' ? toPosition(range, Number(value)) : 0;
  const [position, setPosition] = useState(at);
  useEffect(() => setPosition(at), [at]);
  if (range.kind !== 'slider') return null;
  return (
    <Slider
      className={css.slider!}
      thumbLabel={title}
      min={0}
      max={positions(range)}
      value={position}
      onChange={setPosition}
      onChangeEnd={(end) => end !== at && onChange(name, fromPosition(range, end))}
      label={(now) => short(fromPosition(range, now))}
      thumbProps={{ 'aria-valuetext': short(fromPosition(range, position)) }}
    />
  );
}
