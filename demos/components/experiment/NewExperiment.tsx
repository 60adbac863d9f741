import { ActionIcon, Button, Checkbox, NativeSelect, Text, TextInput } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { OwnInfo } from '../../../src/data/own/store.ts';
import type { Spec } from '../../../src/hparams.ts';
import type { RunSpec } from '../../../src/train/record.ts';
import { cards, catalogue, settingsOn } from '../../app/catalogue.ts';
import { type Draft, offeredData, offeredSettings, planOfDraft } from '../../app/experiment/draft.ts';
import { byConfiguration, showValue, type Trouble } from '../../app/experiment/plan.ts';
import { type Budget, budgetKinds } from '../../app/experiment/record.ts';
import { secondsOf } from '../../app/experiment/time.ts';
import { about, words } from '../../app/format.ts';
import { speeds } from '../../app/speeds.ts';
import { useStore } from '../../app/store.ts';
import { Close, Play } from '../icons.tsx';
import { NumberField } from '../NumberField.tsx';
import css from './experiment.module.css';

type Props = {
  readonly draft: Draft;
  /** The reader's own sets; null before they are read. */
  readonly own: readonly OwnInfo[] | null;
  readonly onDraft: (draft: Draft) => void;
  readonly onStart: (
    specs: readonly RunSpec[],
    as: { readonly name: string; readonly budget: Budget; readonly preset: string | null },
  ) => void;
};

const { methods, datasets } = catalogue;

/** The form of a new experiment; what is wrong stands at its field, and what it would take below. */
export function NewExperiment({ draft, own, onDraft, onStart }: Props) {
  const patch = (change: Partial<Draft>) => onDraft({ ...draft, ...change });
  const { plans, troubles, name } = useMemo(() => planOfDraft(catalogue, draft, own ?? []), [draft, own]);
  const specs = plans.map(({ spec }) => spec);
  const of = (field: Trouble['field']) => troubles.filter((trouble) => trouble.field === field).map(({ message }) => `${message}.`);
  return (
    <form
      className={`card ${css.form}`}
      aria-label="New experiment"
      onSubmit={(event) => {
        event.preventDefault();
        if (troubles.length === 0) onStart(specs, { name, budget: draft.budget, preset: draft.preset });
      }}
    >
      <Choices
        legend="Methods"
        all={Object.values(cards).map(({ id, name: label }) => [id, label])}
        chosen={draft.methods}
        wrong={of('methods')}
        onChange={(chosen) => {
          const offered = offeredData(catalogue, chosen);
          const data = draft.data.filter((id) => offered.includes(id));
          patch({ methods: chosen, data: data.length > 0 ? data : offered.slice(0, 1) });
        }}
      />
      <Choices
        legend="Data"
        all={offeredData(catalogue, draft.methods).map((id) => [id, datasets[id]!.name])}
        chosen={draft.data}
        wrong={of('data')}
        onChange={(data) => patch({ data })}
      />
      <Vary draft={draft} patch={patch} wrong={of('vary')} />
      <div className={css.fields}>
        <TextInput
          label="Seeds"
          description="Each configuration trains once with each"
          value={draft.seeds}
          error={of('seeds').join(' ') || null}
          onChange={({ currentTarget }) => patch({ seeds: currentTarget.value })}
        />
        <NativeSelect
          label="Budget of each run"
          description={budgetDocs[draft.budget.kind]}
          data={budgetKinds.map((kind) => ({ value: kind, label: budgetNames[kind] }))}
          value={draft.budget.kind}
          onChange={({ currentTarget }) => {
            const kind = budgetKinds.find((each) => each === currentTarget.value) ?? 'steps';
            patch({ budget: { kind, amount: usual[kind] } });
          }}
        />
        <NumberField
          label={`How many ${draft.budget.kind}`}
          description={kindRange[draft.budget.kind]}
          value={draft.budget.amount}
          min={1}
          max={1e8}
          integer
          error={of('budget').join(' ') || null}
          onCommit={(amount) => patch({ budget: { ...draft.budget, amount } })}
        />
        <TextInput
          label="Name"
          description="Left empty, it names itself"
          placeholder={name}
          value={draft.name}
          onChange={({ currentTarget }) => patch({ name: currentTarget.value })}
        />
      </div>
      <div className={css.submit}>
        <Button type="submit" leftSection={<Play />} disabled={troubles.length > 0}>
          Start
        </Button>
        <Summary specs={specs} budget={draft.budget} troubles={troubles.length} />
      </div>
    </form>
  );
}

const budgetNames = { steps: 'Steps', images: 'Images (or points) seen', seconds: 'Seconds of training' } as const;
const budgetDocs = {
  steps: 'As many optimizer steps for all',
  images: 'A larger batch takes fewer steps',
  seconds: 'As many steps as fit on this device',
} as const;
const kindRange = { steps: '1 to 100,000', images: 'Divided by the batch size', seconds: 'Without start and scores' } as const;
const usual = { steps: 300, images: 38_400, seconds: 30 } as const;

/** What the form comes to, in runs and minutes. */
function Summary({ specs, budget, troubles }: { specs: readonly RunSpec[]; budget: Budget; troubles: number }) {
  const seen = useStore(speeds);
  if (troubles > 0)
    return (
      <Text size="sm" role="status">
        {troubles === 1 ? 'One thing has' : `${troubles} things have`} to be put right first.
      </Text>
    );
  const configurations = byConfiguration(specs, (spec) => spec).length;
  const time = secondsOf(specs, budget, seen);
  return (
    <Text size="sm" role="status" className="numbers">
      <b>{specs.length === 1 ? 'One run' : `${specs.length} runs`}</b>
      {specs.length > 1 && ` of ${configurations === 1 ? 'one configuration' : `${configurations} configurations`}`}
      {time
        ? `, about ${about(time.seconds)} ${time.here ? 'on this device' : 'on a laptop of two cores'}.`
        : '. How long they take shows when the first has begun.'}
    </Text>
  );
}

/** Things of which one or more are chosen. */
function Choices(props: {
  readonly legend: string;
  readonly all: readonly (readonly [id: string, name: string])[];
  readonly chosen: readonly string[];
  readonly wrong: readonly string[];
  readonly onChange: (chosen: string[]) => void;
}) {
  const { legend, all, chosen, wrong, onChange } = props;
  return (
    <Fields legend={legend} wrong={wrong}>
      <div className={css.choices}>
        {all.map(([id, name]) => (
          <Checkbox
            key={id}
            label={name}
            checked={chosen.includes(id)}
            onChange={({ currentTarget }) =>
              onChange(all.map(([each]) => each).filter((each) => (each === id ? currentTarget.checked : chosen.includes(each))))
            }
          />
        ))}
      </div>
    </Fields>
  );
}

const Fields = ({ legend, wrong, children }: { legend: string; wrong: readonly string[]; children: ReactNode }) => (
  <fieldset className={css.fieldset}>
    <legend>{legend}</legend>
    {children}
    {wrong.map((message) => (
      <Text key={message} size="sm" c="var(--mantine-color-error)" role="alert">
        {message}
      </Text>
    ))}
  </fieldset>
);

/** The settings that are varied, and the values that they take. */
function Vary({ draft, patch, wrong }: { draft: Draft; patch: (change: Partial<Draft>) => void; wrong: readonly string[] }) {
  const { vary } = draft;
  const offered = offeredSettings(catalogue, draft);
  const free = offered.filter((name) => !vary.some(({ setting }) => setting === name));
  const set = (at: number, change: Partial<(typeof vary)[number]>) =>
    patch({ vary: vary.map((row, i) => (i === at ? { ...row, ...change } : row)) });
  return (
    <Fields legend="Settings and their values" wrong={wrong}>
      {vary.map(({ setting, values }, i) => {
        const spec = specOf(draft, setting);
        return (
          <div key={setting} className={css.vary}>
            <NativeSelect
              label="Setting"
              data={[
                ...(offered.includes(setting) ? [] : [setting]),
                ...offered.filter((name) => name === setting || free.includes(name)),
              ].map((value) => ({ value, label: words(value) }))}
              value={setting}
              onChange={({ currentTarget }) => {
                const next = specOf(draft, currentTarget.value);
                set(i, { setting: currentTarget.value, values: next ? showValue(next.default) : '' });
              }}
            />
            <TextInput
              className={css.values!}
              label={`Values of ${words(setting)}`}
              value={values}
              onChange={({ currentTarget }) => set(i, { values: currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={`Leave out ${words(setting)}`}
              onClick={() => patch({ vary: vary.filter((_, at) => at !== i) })}
            >
              <Close />
            </ActionIcon>
            {spec && (
              <Text size="xs" c="dimmed" className={css.doc!}>
                {spec.doc}. {rangeOf(spec)}; by default {showValue(spec.default)}.
              </Text>
            )}
          </div>
        );
      })}
      <div className={css.varyFoot}>
        <Button
          size="compact-sm"
          variant="default"
          disabled={free.length === 0}
          onClick={() => {
            const setting = free[0]!;
            patch({ vary: [...vary, { setting, values: showValue(specOf(draft, setting)?.default ?? '') }] });
          }}
        >
          Add a setting
        </Button>
        {vary.length > 0 && (
          <NativeSelect
            aria-label="How values are combined"
            size="xs"
            data={[
              { value: 'all', label: vary.length > 1 ? 'every combination of the values' : 'every value' },
              { value: 'one', label: 'the defaults, and beside them one change at a time' },
            ]}
            value={draft.combine}
            onChange={({ currentTarget }) => patch({ combine: currentTarget.value === 'one' ? 'one' : 'all' })}
          />
        )}
      </div>
    </Fields>
  );
}

/** A setting as the first of the chosen methods that has it declares it. */
function specOf(draft: Draft, setting: string): Spec | null {
  for (const id of draft.methods)
    for (const set of draft.data)
      for (const { specs } of (methods[id] && settingsOn(methods[id], set)) ?? [])
        if (Object.hasOwn(specs, setting)) return specs[setting]!;
  return null;
}

const rangeOf = ({ control }: Spec): string =>
  control.kind === 'switch'
    ? 'On or off'
    : control.kind === 'select'
      ? `One of ${control.options.join(', ')}`
      : control.kind === 'text'
        ? control.expected
        : `From ${control.min} to ${control.max}`;
