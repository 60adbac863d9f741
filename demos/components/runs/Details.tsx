import { Anchor, Button, Group, Text, Textarea, TextInput } from '@mantine/core';
import { useClipboard, useDebouncedCallback } from '@mantine/hooks';
import { useRef } from 'react';
import { saveCurve, saveScores } from '../../app/export/makers.ts';
import { integer, words } from '../../app/format.ts';
import { saveRuns } from '../../app/library/files.ts';
import type { Entry, Library, Marks } from '../../app/library/library.ts';
import { megabytes, titleOf } from '../../app/runs.ts';
import { runColors } from '../../app/theme.ts';
import { ExportMenu } from '../ExportMenu.tsx';
import css from './runs.module.css';
import { Verify } from './Verify.tsx';

const most = { name: 80, note: 2000 };

type Props = { readonly shelf: Library; readonly run: Entry; readonly onMark: (id: string, marks: Partial<Marks>) => void };

/** Name, note and colour of a run, everything that decided it, and what can be done with it. */
export function Details({ shelf, run, onMark }: Props) {
  const { id, spec, changes, versions } = run;
  const { copy, copied, error } = useClipboard({ timeout: 2500 });
  // While typing, too: a reload is no farewell to a field. Both fields have one pen: what is typed in one does not wipe out the other's.
  const unwritten = useRef<Partial<Marks>>({});
  const flush = useDebouncedCallback(
    () => {
      onMark(id, unwritten.current);
      unwritten.current = {};
    },
    { delay: 300, flushOnUnmount: true },
  );
  const write = (marks: Partial<Marks>) => {
    unwritten.current = { ...unwritten.current, ...marks };
    flush();
  };
  const settings = Object.entries({ ...spec.settings, data: spec.data, seed: spec.seed, backend: spec.backend });
  const query = new URLSearchParams(settings.map(([key, value]) => [key, String(value)]));
  const link = `${location.href.split('#')[0]}#/method/${spec.method}?${query}`;
  return (
    <div className={css.detail}>
      <div className={css.marks}>
        <TextInput
          label="Name"
          size="sm"
          maxLength={most.name}
          defaultValue={run.name ?? ''}
          placeholder={titleOf({ ...run, name: null })}
          onChange={({ currentTarget }) => write({ name: currentTarget.value.trim() || null })}
        />
        <Textarea
          label="Note"
          size="sm"
          autosize
          minRows={2}
          maxLength={most.note}
          defaultValue={run.note}
          placeholder="What was tried, what came out"
          onChange={({ currentTarget }) => write({ note: currentTarget.value.trim() })}
        />
        <fieldset className={css.colors}>
          <legend>Colour</legend>
          {[null, ...runColors.keys()].map((color) => (
            <label key={color}>
              <input type="radio" name={`color-${id}`} checked={run.color === color} onChange={() => onMark(id, { color })} />
              <span style={color === null ? undefined : { background: runColors[color] }}>{color === null ? 'auto' : ''}</span>
              <span className="unseen">{color === null ? 'chosen for you' : `colour ${color + 1}`}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <dl className={`${css.config} numbers`}>
        {Object.entries(spec.settings).map(([key, value]) => (
          <div key={key}>
            <dt>{words(key)}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
      <div>
        {changes.length > 0 && (
          <Text size="sm">
            Changed under way:{' '}
            {changes
              .map(
                ({ step, settings }) =>
                  `after step ${integer(step)} ${Object.entries(settings)
                    .map(([key, value]) => `${words(key)} ${value}`)
                    .join(', ')}`,
              )
              .join('; ')}
            .
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {integer(run.parameters)} parameters, {megabytes(run.bytes)}. Trained on {run.backend.name}, backend asked for: {spec.backend}.
          Lab {versions.lab}, tfjs {versions.tfjs}.
        </Text>
        <Group gap="xs" mt="xs">
          <Button size="compact-sm" variant="default" onClick={() => copy(link)}>
            {copied ? 'Copied' : 'Copy a link to these settings'}
          </Button>
          <ExportMenu
            exports={[
              { label: 'Run file', make: () => saveRuns(shelf, [id]) },
              {
                label: 'Curve as CSV',
                make: async () => {
                  const [curve] = await shelf.curves([id]);
                  if (curve) await saveCurve(curve, titleOf(run));
                },
              },
              { label: 'Scores as CSV', make: () => saveScores(run.scores, titleOf(run)) },
            ]}
          />
        </Group>
        {error && (
          <Text size="sm" role="alert">
            The browser refuses the clipboard: copy the address of{' '}
            <Anchor href={link} inherit underline="always">
              this link
            </Anchor>
            .
          </Text>
        )}
        <Verify shelf={shelf} run={run} />
      </div>
    </div>
  );
}
