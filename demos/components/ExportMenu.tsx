import { Button, Text } from '@mantine/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import css from './ExportMenu.module.css';

export type Export = { readonly label: string; readonly make: () => Promise<void> | void };

type Props = { readonly exports: readonly Export[]; readonly label?: string };

/** A button that opens onto the ways to take something along; what fails says so there. */
export function ExportMenu({ exports, label = 'Export' }: Props) {
  const details = useRef<HTMLDetailsElement>(null);
  const [busy, setBusy] = useState('');
  const [problem, setProblem] = useState('');
  const close = () => {
    if (details.current) details.current.open = false;
  };
  const run = async ({ label: name, make }: Export) => {
    setBusy(name);
    setProblem('');
    try {
      await make();
      close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    close();
    details.current?.querySelector('summary')?.focus();
  };
  return (
    <details
      ref={details}
      className={css.menu}
      onKeyDown={onKeyDown}
      onBlur={({ currentTarget, relatedTarget }) => relatedTarget && !currentTarget.contains(relatedTarget) && close()}
    >
      <summary>{label}</summary>
      <div className={`card ${css.list}`}>
        {exports.map((each) => (
          <Button
            key={each.label}
            size="compact-sm"
            variant="subtle"
            justify="flex-start"
            loading={busy === each.label}
            onClick={() => void run(each)}
          >
            {each.label}
          </Button>
        ))}
        {problem && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert" p="xs">
            {problem}.
          </Text>
        )}
      </div>
    </details>
  );
}
