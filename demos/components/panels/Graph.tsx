import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { compareGraphs, edgesOf, edgesToText, type Verdict, type Weights } from '../../../src/ops/dag.ts';
import { useWidth } from './canvas.ts';
import css from './graph.module.css';
import { arrow, difference, edited, layeredLayout, type Point } from './graph-layout.ts';
import styles from './panels.module.css';
import type { PanelProps } from './types.ts';
import { WeightMaps } from './WeightMaps.tsx';
import { fixed } from './words.ts';

const verdicts: readonly { readonly verdict: Verdict; readonly name: string }[] = [
  { verdict: 'right', name: 'right' },
  { verdict: 'missing', name: 'missing' },
  { verdict: 'extra', name: 'extra' },
  { verdict: 'reversed', name: 'reversed' },
];

/** An edit begins the run anew and draws the panel anew: places, and the node that had the focus, outlive that. */
let placed: { truth: Weights; points: readonly Point[]; focus: number | null; said: string } | null = null;

function placesFor(truth: Weights): readonly Point[] {
  // An edit changes at most two entries; any other graph gets a layout of its own.
  if (!placed || difference(placed.truth, truth) > 2) placed = { truth, points: layeredLayout(truth), focus: null, said: '' };
  placed.truth = truth;
  return placed.points;
}

/** True against learned edges in a graph that can be dragged and edited, and the weights behind it. */
export function Graph({ artifact: { truth, learned, searched, edges }, set }: PanelProps<'graph'>) {
  const d = Math.round(Math.sqrt(truth.length));
  const [shown, setShown] = useState<'learned' | 'searched'>('searched');
  const results = useMemo(
    () => ({ learned: compareGraphs(truth, learned), searched: compareGraphs(truth, searched) }),
    [truth, learned, searched],
  );
  const result = results[shown];
  const edit = set && edges !== null ? set : null;
  const change = (from: number, to: number, focus: number | null): string => {
    const next = edited(truth, from, to);
    if (!edit) return 'A recording cannot be edited.';
    if (!next) return `${from} → ${to} would close a cycle: the true graph must have none.`;
    const said = `${from} → ${to} ${next.what}; the run began anew.`;
    if (placed) Object.assign(placed, { focus, said });
    edit('edges', edgesToText(edgesOf(next.edges)));
    return said;
  };
  return (
    <div className={styles.panel}>
      <div className={styles.row}>
        <span className={styles.text}>Wrong edges</span>
        <SegmentedControl
          value={shown}
          onChange={(value) => setShown(value as typeof shown)}
          aria-label="Whose wrong edges"
          size="xs"
          data={[
            { value: 'learned', label: `NOTEARS alone: ${results.learned.shd}` },
            { value: 'searched', label: `local search: ${results.searched.shd}` },
          ]}
        />
      </div>
      <ul className={css.legend} aria-label="Edges">
        {verdicts.map(({ verdict, name }) => (
          <li key={verdict} data-verdict={verdict} className={css.edge}>
            <svg width={34} height={10} aria-hidden="true">
              <path d="M0 5H26" className={css.line} />
              <path d="M34 5L26 1.5V8.5Z" className={css.head} />
            </svg>
            <span className={styles.number}>{verdict === 'right' ? result.pairs.length - result.shd : result[verdict]}</span> {name}
          </li>
        ))}
      </ul>
      <Drawing truth={truth} result={result} shown={shown} change={edit && change} />
      {edit && <Edit d={d} truth={truth} change={change} onDrawn={edges ? () => edit('edges', '') : null} />}
      <WeightMaps
        d={d}
        maps={[
          { name: 'true', w: truth },
          { name: 'NOTEARS', w: learned },
          { name: 'after search', w: searched },
        ]}
      />
    </div>
  );
}

type DrawingProps = {
  readonly truth: Weights;
  readonly result: ReturnType<typeof compareGraphs>;
  readonly shown: string;
  readonly change: ((from: number, to: number, focus: number) => string) | null;
};

/** One tab stop: arrows walk from node to node, with Shift they move it; Enter or a click chooses a node, then its partner. */
function Drawing({ truth, result, shown, change }: DrawingProps) {
  const { ref, width } = useWidth();
  const [points, setPoints] = useState(() => placesFor(truth));
  const [at, setAt] = useState(placed?.focus ?? 0);
  const [chosen, setChosen] = useState<number | null>(null);
  const [said, setSaid] = useState(placed?.said ?? '');
  const nodes = useRef<(SVGGElement | null)[]>([]);
  const drag = useRef<{ node: number; x: number; y: number; moved: boolean } | null>(null);
  const d = points.length;
  useEffect(() => setPoints(placesFor(truth)), [truth]);
  useEffect(() => {
    // The nodes are there once their room is known.
    if (!placed || !width) return;
    if (placed.focus !== null) nodes.current[placed.focus]?.focus({ preventScroll: true });
    Object.assign(placed, { focus: null, said: '' });
  }, [width]);
  const radius = width < 420 && d > 20 ? 8 : 11;
  const height = Math.round(Math.min(540, Math.max(320, 0.8 * width)));
  const inset = radius + 6;
  const place = ({ x, y }: Point): Point => ({ x: inset + x * (width - 2 * inset), y: inset + y * (height - 2 * inset) });
  const move = (node: number, x: number, y: number) => {
    const inside = (v: number) => Math.min(1, Math.max(0, v));
    const next = points.map((point, i) => (i === node ? { x: inside(x), y: inside(y) } : point));
    if (placed) placed.points = next;
    setPoints(next);
  };
  const choose = (node: number) => {
    setAt(node);
    if (!change) return;
    if (chosen === null) {
      setChosen(node);
      setSaid(`Node ${node} chosen. Choose another one for an edge from ${node} to it, or ${node} again to let go.`);
    } else {
      setSaid(chosen === node ? '' : change(chosen, node, node));
      setChosen(null);
    }
  };
  const onKey = (event: KeyboardEvent, node: number) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === 'Escape') {
      setChosen(null);
      setSaid('');
    } else if (event.key === 'Enter' || event.key === ' ') choose(node);
    else if (step && event.shiftKey) {
      const { x, y } = points[node]!;
      move(node, x + 0.03 * step[0]!, y + 0.03 * step[1]!);
    } else if (step) {
      const next = (node + (step[0]! + step[1]! > 0 ? 1 : d - 1)) % d;
      setAt(next);
      nodes.current[next]?.focus();
    } else return;
    event.preventDefault();
  };
  const onMove = (event: PointerEvent<SVGGElement>) => {
    const held = drag.current;
    if (!held) return;
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4) held.moved = true;
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
    if (!held.moved || !box) return;
    move(held.node, (event.clientX - box.left - inset) / (width - 2 * inset), (event.clientY - box.top - inset) / (height - 2 * inset));
  };
  const onUp = () => {
    if (drag.current && !drag.current.moved) choose(drag.current.node);
    drag.current = null;
  };
  return (
    <div>
      <div ref={ref} className={css.stage} style={{ height }}>
        {width > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: nodes of a drawing are no fieldset
          <svg
            width={width}
            height={height}
            role="group"
            aria-label={`Graph of ${d} nodes, ${shown === 'learned' ? 'NOTEARS alone' : 'after the local search'}: ${result.shd} wrong edges`}
          >
            {result.pairs.map(({ from, to, verdict }) => {
              const { line, head } = arrow(place(points[from]!), place(points[to]!), radius);
              return (
                <g key={`${from}>${to}`} data-verdict={verdict} className={css.edge}>
                  <title>{`${from} → ${to}: ${verdict}`}</title>
                  <path d={line} className={css.line} />
                  <path d={head} className={css.head} />
                </g>
              );
            })}
            {points.map((point, node) => {
              const { x, y } = place(point);
              const label = nodeLabel(node, result.pairs);
              return (
                // biome-ignore lint/a11y/useSemanticElements: a drawing holds no buttons
                <g
                  key={node}
                  ref={(element) => {
                    nodes.current[node] = element;
                  }}
                  role="button"
                  aria-label={label}
                  aria-pressed={chosen === node}
                  tabIndex={node === Math.min(at, d - 1) ? 0 : -1}
                  className={css.node}
                  transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
                  onKeyDown={(event) => onKey(event, node)}
                  onPointerDown={(event) => {
                    event.currentTarget.setPointerCapture(event.pointerId);
                    drag.current = { node, x: event.clientX, y: event.clientY, moved: false };
                  }}
                  onPointerMove={onMove}
                  onPointerUp={onUp}
                  onPointerCancel={() => {
                    drag.current = null;
                  }}
                >
                  <title>{label}</title>
                  <circle r={radius} />
                  <text dy="0.35em" textAnchor="middle" fontSize={radius < 10 ? 9 : 11}>
                    {node}
                  </text>
                </g>
              );
            })}
          </svg>
        )}
      </div>
      <p className={styles.status} aria-live="polite">
        {said ||
          (change ? 'Drag a node, or choose two to edit the true edge. Keys: arrows walk, Shift and arrows move, Enter chooses.' : '')}
      </p>
    </div>
  );
}

/** "Node 3: 1 → 3 right, 3 → 7 missing". */
const nodeLabel = (node: number, pairs: DrawingProps['result']['pairs']): string =>
  `Node ${node}: ${
    pairs
      .filter(({ from, to }) => from === node || to === node)
      .map(({ from, to, verdict }) => `${from} → ${to} ${verdict}`)
      .join(', ') || 'no edges'
  }`;

type EditProps = {
  readonly d: number;
  readonly truth: Weights;
  readonly change: (from: number, to: number, focus: number | null) => string;
  readonly onDrawn: (() => void) | null;
};

/** The same edits by two lists and a button. */
function Edit({ d, truth, change, onDrawn }: EditProps) {
  const [from, setFrom] = useState(0);
  const [to, setTo] = useState(1);
  const names = Array.from({ length: d }, (_, node) => String(node));
  const [a, b] = [Math.min(from, d - 1), Math.min(to, d - 1)];
  const verb = truth[a * d + b] ? 'Remove' : truth[b * d + a] ? 'Turn round' : 'Add';
  const refused = a === b ? 'An edge needs two nodes.' : edited(truth, a, b) ? '' : `${a} → ${b} would close a cycle.`;
  return (
    <div className={css.edit}>
      <NativeSelect
        size="xs"
        label="From"
        data={names}
        value={String(a)}
        onChange={({ currentTarget }) => setFrom(Number(currentTarget.value))}
      />
      <NativeSelect
        size="xs"
        label="to"
        data={names}
        value={String(b)}
        onChange={({ currentTarget }) => setTo(Number(currentTarget.value))}
      />
      <Button size="xs" variant="default" disabled={!!refused} onClick={() => change(a, b, null)}>
        {verb} {verb === 'Add' ? 'true edge' : 'it'}
      </Button>
      {onDrawn && (
        <Button size="xs" variant="subtle" onClick={onDrawn}>
          Back to the drawn graph
        </Button>
      )}
      <span className={styles.status}>{refused || (truth[a * d + b] ? `its weight is ${fixed(truth[a * d + b]!)}` : '')}</span>
    </div>
  );
}
