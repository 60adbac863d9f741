import { TextInput, type TextInputProps } from '@mantine/core';

type Props = Omit<TextInputProps, 'value' | 'defaultValue' | 'onChange'> & {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly onCommit: (value: number) => void;
};

/** A number to type in: taken over on Enter or when the field is left, within its range; what is no number goes back. */
export function NumberField({ value, min, max, integer, onCommit, ...rest }: Props) {
  const commit = (field: HTMLInputElement) => {
    const given = Number(field.value.trim().replace(',', '.') || Number.NaN);
    const next = Number.isFinite(given) ? Math.min(max, Math.max(min, integer ? Math.round(given) : given)) : value;
    field.value = String(next);
    if (next !== value) onCommit(next);
  };
  return (
    <TextInput
      {...rest}
      key={value}
      defaultValue={value}
      inputMode={integer && min >= 0 ? 'numeric' : 'decimal'}
      autoComplete="off"
      onBlur={({ currentTarget }) => commit(currentTarget)}
      onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
    />
  );
}
