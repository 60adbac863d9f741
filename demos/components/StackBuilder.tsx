import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type LayerName, layers, parseStack, readStack, worksOn } from '../../src/nets/stack.ts';
import { catalogue } from '../app/catalogue.ts';
import { readSearch } from '../app/search.ts';
import css from './StackBuilder.module.css';
import { grouped, moved, type Part, written } from './stack-parts.ts';
import { Tip } from './Tip.tsx';

const route = getRouteApi('/method/$id');
const kinds = ['bijection', 'surjection', 'stochastic'] as const;
const titles = { bijection: 'Bijections', surjection: 'Surjections', stochastic: 'Stochastic' } as const;

/** Builds the `stack` of the run that the address describes out of buttons, says what is wrong with it, and puts it into the address. */
export function StackBuilder() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { spec } = useMemo(() => readSearch(catalogue.methods[id]!, catalogue.datasets, search), [id, search]);
  const inUse = String(spec.settings.stack);
  // Another stack in the address begins the building anew.
  return (
    <Builder
      key={`${spec.data} ${inUse}`}
      inUse={inUse}
      shape={catalogue.datasets[spec.data]!.shape}
      onUse={({ run: _, ...rest }, stack) => void navigate({ search: { ...rest, stack }, resetScroll: false })}
      search={search}
    />
  );
}

type Props<S> = {
  readonly inUse: string;
  readonly shape: readonly number[];
  readonly search: S;
  readonly onUse: (search: S, stack: string) => void;
};

function Builder<S>({ inUse, shape, search, onUse }: Props<S>) {
  const [parts, setParts] = useState<readonly Part[]>(() => start(inUse));
  const [chosen, setChosen] = useState(0);
  const text = written(parts);
  const { wrong, course } = useMemo(() => read(text, shape), [text, shape]);
  const part = parts[chosen];

  const change = (next: readonly Part[], at: number) => {
    setParts(next);
    setChosen(Math.max(0, Math.min(next.length - 1, at)));
  };
  const count = (by: number) =>
    change(
      parts.map((each, i) => (i === chosen ? { ...each, count: each.count + by } : each)),
      chosen,
    );
  const fits = (name: LayerName) => worksOn(name, shape);

  return (
    <section className={css.builder} aria-label="Build a stack">
      <div className={css.row} role="toolbar" aria-label="Layers, from data to noise">
        <span className={css.end}>data</span>
        {parts.map(({ name, count: n }, i) => (
          <button
            // Layers have no other name than their place.
            key={`${i} ${name}`}
            type="button"
            className={css.chip}
            data-kind={layers[name].kind}
            aria-pressed={i === chosen}
            onClick={() => setChosen(i)}
          >
            {name}
            {n > 1 && ` ×${n}`}
          </button>
        ))}
        <span className={css.end}>noise</span>
      </div>
      {part && (
        <div className={css.row} role="toolbar" aria-label={`Change ${part.name}`}>
          <span className={css.what}>
            <b>{part.name}</b> {layers[part.name].does}
          </span>
          <Button.Group>
            <Change label="Earlier" off={chosen === 0} onClick={() => change(moved(parts, chosen, -1), chosen - 1)} />
            <Change label="Later" off={chosen === parts.length - 1} onClick={() => change(moved(parts, chosen, 1), chosen + 1)} />
            <Change label="Fewer" off={part.count === 1} onClick={() => count(-1)} />
            <Change label="More" off={part.count === 16} onClick={() => count(1)} />
            <Change
              label="Remove"
              off={parts.length === 1}
              onClick={() =>
                change(
                  parts.filter((_, i) => i !== chosen),
                  chosen,
                )
              }
            />
          </Button.Group>
        </div>
      )}
      {kinds.map((kind) => (
        <div key={kind} className={css.row} role="toolbar" aria-label={`Add one of the ${titles[kind].toLowerCase()}`}>
          <span className={css.kind}>{titles[kind]}</span>
          {(Object.keys(layers) as LayerName[])
            .filter((name) => layers[name].kind === kind && fits(name))
            .map((name) => (
              <Tip key={name} label={layers[name].does}>
                <button
                  type="button"
                  className={css.chip}
                  data-kind={kind}
                  aria-label={`Add ${name} after the chosen layer`}
                  onClick={() => change([...parts.slice(0, chosen + 1), { name, count: 1 }, ...parts.slice(chosen + 1)], chosen + 1)}
                >
                  + {name}
                </button>
              </Tip>
            ))}
        </div>
      ))}
      <div className={css.course} role="status" data-wrong={wrong !== null || undefined}>
        {wrong ?? course}
      </div>
      <div className={css.row}>
        <Button size="xs" disabled={wrong !== null || text === inUse} onClick={() => onUse(search, text)}>
          Use this stack
        </Button>
        <Button size="xs" variant="default" disabled={text === inUse} onClick={() => change(start(inUse), 0)}>
          Back to the one in use
        </Button>
      </div>
    </section>
  );
}

function Change({ label, off, onClick }: { readonly label: string; readonly off: boolean; readonly onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="default" disabled={off} onClick={onClick}>
      {label}
    </Button>
  );
}

/** A stack in use may be wrong: then the building begins with one layer. */
function start(text: string): readonly Part[] {
  try {
    return grouped(parseStack(text));
  } catch {
    return [{ name: 'affine', count: 1 }];
  }
}

/** What is wrong with a stack, or how many numbers there are after each layer. */
function read(text: string, shape: readonly number[]): { wrong: string | null; course: string } {
  try {
    const { rows, exact } = readStack(text, shape);
    const sizes = rows.map((row) => row.join(' × ')).filter((size, i, all) => size !== all[i - 1]);
    const course = sizes.length === 1 ? `${sizes[0]} numbers all the way` : `${sizes.join(' → ')} numbers`;
    return { wrong: null, course: `${course}; the likelihood is ${exact ? 'exact' : 'a lower bound'}.` };
  } catch (error) {
    return { wrong: `${(error as Error).message}.`, course: '' };
  }
}
