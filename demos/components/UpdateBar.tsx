import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { takeUpdate, update } from '../app/updates.ts';
import css from './UpdateBar.module.css';

/** Tells that a newer version of the site waits; nothing happens until the reader says so. */
export function UpdateBar() {
  const [taken, setTaken] = useState(false);
  return (
    <div className={css.bar} role="status">
      <Text size="sm">
        <strong>A new version is ready.</strong> Reloading pauses a run that trains; it is kept, and can go on.
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        loading={taken}
        onClick={() => {
          setTaken(true);
          takeUpdate();
        }}
      >
        Reload
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => update.set(null)}>
        Later
      </Button>
    </div>
  );
}
