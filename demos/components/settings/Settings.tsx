import { Button } from '@mantine/core';
import { memo } from 'react';
import type { Value } from '../../../src/hparams.ts';
import type { SettingsGroup } from '../../../src/train/settings.ts';
import { Setting } from './Setting.tsx';
import css from './settings.module.css';

type Props = {
  readonly groups: readonly SettingsGroup[];
  readonly values: Readonly<Record<string, Value>>;
  readonly onChange: (name: string, value: Value) => void;
  readonly onDefaults: () => void;
};

const titles = { method: 'Method', views: 'Views', training: 'Training' } as const;

/** Every setting of a run, by where it acts. */
export const Settings = memo(function Settings({ groups, values, onChange, onDefaults }: Props) {
  const changes = groups.map(({ specs }) => Object.entries(specs).filter(([name, spec]) => values[name] !== spec.default).length);
  const total = changes.reduce((sum, n) => sum + n, 0);
  return (
    <section aria-label="Settings" className={`card ${css.settings}`}>
      {groups.map(({ group, specs }, i) => (
        <details key={group} open={group !== 'views'} className={css.group}>
          <summary>
            <h2>{titles[group]}</h2>
            {changes[i]! > 0 && <span className={css.badge}>{changes[i]} changed</span>}
          </summary>
          <div className={css.list}>
            {Object.entries(specs).map(([name, spec]) => (
              <Setting key={name} name={name} spec={spec} value={values[name] ?? spec.default} onChange={onChange} />
            ))}
          </div>
        </details>
      ))}
      <div className={css.foot}>
        <span>
          <b data-live>live</b> takes effect at the next step; <b>restarts</b> begins the run anew and keeps its curve.
        </span>
        {total > 0 && (
          <Button size="compact-sm" variant="default" onClick={onDefaults}>
            All defaults
          </Button>
        )}
      </div>
    </section>
  );
});
