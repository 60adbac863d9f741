import { NativeSelect, Title } from '@mantine/core';
import { boundDrawsDefault } from '../../../src/evaluate/scores.ts';
import type { Scores as Values } from '../../../src/worker/protocol.ts';
import { integer } from '../../app/format.ts';
import { useRun } from '../../app/hooks.ts';
import { rangeOf, useRecorded } from '../../app/recorded.ts';
import type { Session } from '../../app/run.ts';
import { type ScoreGroup, type ScoreInfo, scoreGroups, scoreInfos, scoresIn } from '../../app/scores.ts';
import { COLLAPSED } from '../panels/words.ts';
import { Course } from './Course.tsx';
import css from './Scores.module.css';

const arrows = { higher: '↑', lower: '↓' } as const;
const words = { higher: 'higher is better', lower: 'lower is better' } as const;

/** The scores of a run by group: the latest of each, beside what to compare it with and its course so far. */
export function ScoreList({ session }: { session: Session }) {
  const scores = useRun(session, (state) => state.scores?.scores);
  const scored = useRun(session, (state) => state.history);
  const { method, data } = useRun(session, (state) => state.spec);
  const recorded = useRecorded(method, data);
  if (!scores) return null;
  return (
    <>
      <div className={css.groups} aria-live="polite">
        {(Object.keys(scoreGroups) as ScoreGroup[]).map((group) => {
          const infos = scoresIn(group, scores);
          if (infos.length === 0) return null;
          const { title, how } = scoreGroups[group];
          return (
            <section key={group} className={css.group} aria-label={title}>
              <Title order={3} size="h6">
                {title}
              </Title>
              <dl className={`${css.list} numbers`}>
                {infos.map((info) => (
                  <Row
                    key={info.key}
                    info={info}
                    scores={scores}
                    history={scored.map((at) => at.scores[info.key] ?? Number.NaN)}
                    recorded={rangeOf(recorded, info.key)}
                  />
                ))}
              </dl>
              <details className={css.details}>
                <summary>What these say, and how they are measured</summary>
                <ul>
                  {infos.map(({ key, name, what, better }) => (
                    <li key={key}>
                      <strong>{name}</strong>
                      {better && ` (${words[better]})`}: {what}
                    </li>
                  ))}
                </ul>
                <p>{how}</p>
                {scores.bound !== undefined && group === 'generation' && <Draws session={session} />}
              </details>
            </section>
          );
        })}
      </div>
      {scored.length > 1 && <Table session={session} />}
    </>
  );
}

type RowProps = {
  info: ScoreInfo;
  scores: Values;
  history: readonly number[];
  /** The least and the largest of the recorded runs. */
  recorded: readonly [number, number] | null;
};

function Row({ info, scores, history, recorded }: RowProps) {
  const { key, name, format, better, beside = [] } = info;
  const value = scores[key]!;
  const others = beside.filter((other) => scores[other.key] !== undefined);
  // Shares are drawn; anything else is only told.
  const bars = key === 'linearProbe' || key === 'knn';
  return (
    <div className={bars ? css.wide : css.row}>
      <dt>
        {name}
        {better && (
          <span className={css.arrow} title={words[better]}>
            <span aria-hidden="true"> {arrows[better]}</span>
            <span className="unseen">, {words[better]}</span>
          </span>
        )}
      </dt>
      <dd className={css.course}>{history.length > 1 && <Course values={history} />}</dd>
      <dd className={css.value}>
        {format(value)}
        {key === 'embeddingStd' && value < COLLAPSED && <span className={css.bad}> collapsed</span>}
      </dd>
      {(others.length > 0 || recorded) && (
        <dd className={css.beside}>
          {bars && others.length > 0 && <Share name="this run" value={value} text={format(value)} strong />}
          {others.map((other) =>
            bars ? (
              <Share key={other.key} name={other.name} value={scores[other.key]!} text={format(scores[other.key]!)} />
            ) : (
              <span key={other.key}>
                {other.name}: {(other.format ?? format)(scores[other.key]!)}
              </span>
            ),
          )}
          {recorded && <span className={css.recorded}>{recordedWords(recorded.map(format))}</span>}
        </dd>
      )}
    </div>
  );
}

/** "recorded: 96.6 %", or from the least to the largest where they differ. */
const recordedWords = ([low, high]: readonly string[]): string => (low === high ? `recorded: ${low}` : `recorded: ${low} to ${high}`);

const Share = ({ name, value, text, strong = false }: { name: string; value: number; text: string; strong?: boolean }) => (
  <span className={css.share}>
    <span>{name}</span>
    <span className={css.track} aria-hidden="true">
      <span className={strong ? css.strong : css.weak} style={{ width: `${100 * value}%` }} />
    </span>
    <span>{text}</span>
  </span>
);

/** K of the importance-weighted bound. */
function Draws({ session }: { session: Session }) {
  const draws = useRun(session, (state) => state.scoring.options.boundDraws ?? boundDrawsDefault);
  return (
    <NativeSelect
      size="xs"
      w={220}
      label="Draws in the importance-weighted bound"
      description="Holds from the next evaluation on"
      value={draws}
      data={['5', '50', '500']}
      onChange={({ currentTarget }) => void session.score({ options: { boundDraws: Number(currentTarget.value) } })}
    />
  );
}

/** All evaluations of the run so far, one column each. */
function Table({ session }: { session: Session }) {
  const scored = useRun(session, (state) => state.history);
  const shown = scoreInfos.filter(({ key }) => scored.some(({ scores }) => scores[key] !== undefined));
  return (
    <details className={css.details}>
      <summary>All {scored.length} evaluations of this run</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.scroll} tabIndex={0} aria-label="Scores over training steps">
        <table className={`${css.table} numbers`}>
          <thead>
            <tr>
              <th scope="col">after step</th>
              {scored.map(({ step }) => (
                <th scope="col" key={step}>
                  {integer(step)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key, name, format, group }) => (
              <tr key={key}>
                <th scope="row">{group === 'projection' && name === 'RankMe' ? 'RankMe, projection' : name}</th>
                {scored.map(({ step, scores }) => (
                  <td key={step}>{scores[key] === undefined ? '–' : format(scores[key])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
