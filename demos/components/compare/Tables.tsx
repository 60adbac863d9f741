import { Button, Group, Text, Title } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { memo, type ReactNode, useMemo } from 'react';
import type { Item } from '../../app/compare.ts';
import { costRows, differenceRows, scoreRows, type TableRow, toTsv } from '../../app/compare-tables.ts';
import { scoreGroups, scoreInfos } from '../../app/scores.ts';
import css from './compare.module.css';

type Section = { readonly title: string | null; readonly rows: readonly TableRow[] };

/** What differs between the runs, and what came out of them. */
export const Tables = memo(function Tables({ items }: { items: readonly Item[] }) {
  const differences = useMemo(() => differenceRows(items), [items]);
  const results = useMemo((): Section[] => {
    const scores = scoreRows(items, scoreInfos);
    const groups = Object.entries(scoreGroups).map(([key, { title }]) => ({
      title,
      rows: scores.filter(({ info }) => info.group === key),
    }));
    return [...groups.filter(({ rows }) => rows.length > 0), { title: 'The run', rows: costRows(items) }];
  }, [items]);
  const scored = results.length > 1;
  const several = items.some(({ runs }) => runs.length > 1);
  const marked = results.some(({ rows }) => rows.some(({ cells }) => cells.some(({ best }) => best)));
  return (
    <>
      <Card id="differences" title="What differs" items={items} sections={[{ title: null, rows: differences }]}>
        {items.length < 2
          ? 'One alone differs from nothing: choose another run.'
          : differences.length === 0
            ? 'Nothing: these runs have the same configuration.'
            : 'The configuration of the runs, as far as it is not the same.'}
      </Card>
      <Card id="scores" title="What came out" items={items} sections={results} labelled>
        {scored ? 'The last scores of each run, on held-out data.' : 'No run has scores yet: they are taken at its end, or on demand.'}
        {several && scored ? ' Several seeds: mean ± standard deviation (over n − 1).' : ''}
        {marked
          ? ' ★ marks the best of its row.'
          : scored && items.length > 1
            ? ' None is marked best: the runs are on different data, or equal.'
            : ''}
      </Card>
    </>
  );
});

type CardProps = {
  readonly id: string;
  readonly title: string;
  readonly items: readonly Item[];
  readonly sections: readonly Section[];
  /** Whether columns have the words for their run; where the rows say them already, the letter is enough. */
  readonly labelled?: boolean;
  readonly children: ReactNode;
};

function Card({ id, title, items, sections, labelled = false, children }: CardProps) {
  const { copy, copied, error } = useClipboard({ timeout: 2500 });
  const rows = sections.flatMap((section) => section.rows);
  const columns = items.map(({ letter, label }) => `${letter}: ${label}`);
  return (
    <section className={`card ${css.card}`} aria-labelledby={id}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          <Text size="xs" c="dimmed">
            {children}
          </Text>
        </div>
        {rows.length > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            onClick={() => copy(toTsv(columns, rows))}
            aria-label={`Copy the table ${title}`}
          >
            {error ? 'Refused' : copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </Group>
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className={css.scroll} tabIndex={0} aria-label={`${title}, table`}>
          <table className={`${css.table} numbers`}>
            <thead>
              <tr>
                <td />
                {items.map(({ key, letter, label, color }) => (
                  <th key={key} scope="col">
                    <i style={{ background: color }} />
                    {letter} {labelled && <span title={label}>{label}</span>}
                  </th>
                ))}
              </tr>
            </thead>
            {sections.map((section) => (
              <tbody key={section.title}>
                {section.title && (
                  <tr>
                    <th scope="rowgroup" colSpan={items.length + 1} className={css.part}>
                      {section.title}
                    </th>
                  </tr>
                )}
                {section.rows.map(({ name, of, cells }) => (
                  <tr key={`${of} ${name}`} data-beside={of !== undefined || undefined}>
                    <th scope="row">
                      {of && <span className="unseen">{of}: </span>}
                      {name}
                    </th>
                    {cells.map(({ text, best }, i) => (
                      <td key={items[i]!.key} data-best={best || undefined}>
                        {best && (
                          <span role="img" aria-label="best">
                            ★
                          </span>
                        )}{' '}
                        {text}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            ))}
          </table>
        </section>
      )}
    </section>
  );
}
