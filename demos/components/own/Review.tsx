import { Button, Checkbox, Group, NativeSelect, Progress, Stack, Text, TextInput, Title } from '@mantine/core';
import type { Choices } from '../../../src/data/own/found.ts';
import { integer, percent } from '../../app/format.ts';
import type { Importer, Review as Reviewed } from '../../app/importing.ts';
import { maxSeed } from '../../app/search.ts';
import { Problem } from '../Notice.tsx';
import { NumberField } from '../NumberField.tsx';
import { Thumb } from '../panels/Thumb.tsx';
import css from './own.module.css';

type Props = {
  readonly review: Reviewed;
  readonly keeping: { readonly done: number; readonly total: number } | null;
  readonly importer: Importer;
};

/** A folder of the wrong files has thousands of problems. */
const mostListed = 100;

/** What was found, before anything is kept: how it is to be turned into a set, what that looks like, and what is wrong with it. */
export function Review({ review, keeping, importer }: Props) {
  const { found, choices, troubles, refusal } = review;
  const blocked = troubles.length > 0 && !choices.leaveOut;
  return (
    <section aria-label="Review" className={`card ${css.review}`}>
      <div>
        <Title order={2} size="h4">
          {integer(found.size)} {found.size === 1 ? 'image' : 'images'} from {found.format}
        </Title>
        <Text size="sm" c="dimmed">
          Nothing is kept yet.
        </Text>
      </div>
      <fieldset disabled={keeping !== null} className={css.choices}>
        <legend className="unseen">How it becomes a set</legend>
        <Fields {...{ found, choices }} choose={importer.choose} />
      </fieldset>
      <div className={css.looks}>
        <Preview review={review} />
        <Counts review={review} />
      </div>
      {troubles.length > 0 && (
        <Stack gap="xs">
          <details className={css.troubles} open={troubles.length <= 3}>
            <summary>
              {troubles.length} {troubles.length === 1 ? 'file has a problem' : 'files have problems'}
            </summary>
            <ul>
              {troubles.slice(0, mostListed).map(({ file, message }) => (
                <li key={file}>{message}</li>
              ))}
              {troubles.length > mostListed && <li>and {integer(troubles.length - mostListed)} more</li>}
            </ul>
          </details>
          <Checkbox
            label="Leave out every file with a problem, and keep the others"
            checked={choices.leaveOut}
            disabled={keeping !== null}
            onChange={({ currentTarget }) => importer.choose({ leaveOut: currentTarget.checked })}
          />
        </Stack>
      )}
      {refusal && <Problem failure={{ message: refusal, advice: 'Nothing was kept.' }} />}
      {keeping ? (
        <Group gap="md" role="status">
          <Progress className={css.progress!} value={(100 * keeping.done) / Math.max(1, keeping.total)} aria-label="Images read" />
          <Text size="sm" className="numbers">
            {integer(keeping.done)} of {integer(keeping.total)} images
          </Text>
          <Button variant="default" onClick={importer.cancel}>
            Cancel
          </Button>
        </Group>
      ) : (
        <Group gap="xs">
          <Button onClick={importer.keep} disabled={blocked || choices.name.trim() === ''}>
            Keep this set
          </Button>
          <Button variant="default" onClick={importer.cancel}>
            Discard
          </Button>
        </Group>
      )}
    </section>
  );
}

function Fields({ found, choices, choose }: Pick<Reviewed, 'found' | 'choices'> & { choose: Importer['choose'] }) {
  const select = <K extends 'kind' | 'fit' | 'background'>(key: K, label: string, options: Readonly<Record<Choices[K], string>>) => (
    <NativeSelect
      label={label}
      value={choices[key]}
      data={Object.entries<string>(options).map(([value, text]) => ({ value, label: text }))}
      onChange={({ currentTarget }) => choose({ [key]: currentTarget.value })}
    />
  );
  return (
    <>
      <TextInput label="Name" value={choices.name} maxLength={60} onChange={({ currentTarget }) => choose({ name: currentTarget.value })} />
      <NativeSelect
        label="Labels"
        value={String(choices.labeling)}
        data={[
          ...found.labelings.map(({ name, classes }, i) => ({ value: String(i), label: `${name} (${classes.length})` })),
          { value: '-1', label: 'none' },
        ]}
        onChange={({ currentTarget }) => choose({ labeling: Number(currentTarget.value) })}
      />
      {select('kind', 'Shape', { colour: '32 × 32, colour', grey: '28 × 28, grey' })}
      {select('fit', 'If not square', { crop: 'crop to the middle', fit: 'fit between bars', stretch: 'stretch' })}
      {select('background', 'Background', { black: 'black', white: 'white' })}
      <NumberField label="Images to keep" value={choices.most} min={1} max={found.size} integer onCommit={(most) => choose({ most })} />
      {found.heldOut === null ? (
        <NumberField
          label="Held out, %"
          value={Math.round(100 * choices.heldOut)}
          min={5}
          max={50}
          integer
          onCommit={(share) => choose({ heldOut: share / 100 })}
        />
      ) : (
        <TextInput label="Held out" readOnly value={`${integer(found.heldOut)}, as the set says`} />
      )}
      <NumberField label="Seed of the split" value={choices.seed} min={0} max={maxSeed} integer onCommit={(seed) => choose({ seed })} />
    </>
  );
}

function Preview({ review: { found, choices, preview } }: { review: Reviewed }) {
  const classes = found.labelings[choices.labeling]?.classes;
  return (
    <figure className={css.preview} aria-busy={!preview}>
      <figcaption>As they will be kept</figcaption>
      {preview ? (
        <ul>
          {preview.labels.map((label, i) => (
            <li key={i}>
              <Thumb grid={preview.images} index={i} className={css.thumb} />
              {classes && <span title={classes[label]?.name}>{classes[label]?.name}</span>}
            </li>
          ))}
        </ul>
      ) : (
        <Text size="sm" c="dimmed">
          Reading some of them…
        </Text>
      )}
    </figure>
  );
}

function Counts({ review: { found, choices } }: { review: Reviewed }) {
  const classes = found.labelings[choices.labeling]?.classes;
  if (!classes)
    return (
      <Text size="sm" c="dimmed" maw={360}>
        Without labels: every method trains on it just the same, but nothing that needs labels, such as probe accuracy, can be scored.
      </Text>
    );
  const largest = Math.max(...classes.map(({ count }) => count));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className={css.counts} tabIndex={0} aria-label="Images of each label">
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">Label</th>
            <th scope="col">Images</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {classes.map(({ name, count }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{integer(count)}</td>
              <td>
                <div className={css.bar} style={{ width: `${(100 * count) / largest}%` }} title={percent(count / found.size)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
