import { SegmentedControl, Slider, Switch } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import { type Comparison, mostSmoothing } from '../../app/compare-address.ts';
import { words } from '../../app/format.ts';
import css from './compare.module.css';

type Props = {
  readonly view: Comparison;
  readonly metrics: readonly string[];
  readonly shown: readonly string[];
  /** "points" where all data are 2-D. */
  readonly imagesName: string;
  readonly onChange: (change: Partial<Comparison>) => void;
  readonly onSmooth: (value: number) => void;
};

/** What is drawn, over what, and how. */
export const Controls = memo(function Controls({ view, metrics, shown, imagesName, onChange, onSmooth }: Props) {
  const toggle = (name: string) => {
    const next = shown.includes(name)
      ? shown.filter((each) => each !== name)
      : metrics.filter((each) => shown.includes(each) || each === name);
    if (next.length > 0) onChange({ metrics: next.join() === 'loss' ? [] : next });
  };
  return (
    <>
      <fieldset className={css.metrics}>
        <legend>Metrics</legend>
        {metrics.map((name) => (
          <button key={name} type="button" aria-pressed={shown.includes(name)} onClick={() => toggle(name)}>
            {words(name)}
          </button>
        ))}
      </fieldset>
      <div className={css.controls}>
        <SegmentedControl
          size="xs"
          aria-label="X axis"
          value={view.x}
          onChange={(x) => onChange({ x: x as Comparison['x'] })}
          data={[
            { value: 'steps', label: 'Steps' },
            { value: 'images', label: imagesName },
            { value: 'seconds', label: 'Seconds' },
          ]}
        />
        <Smoothing value={view.smooth} onSmooth={onSmooth} onEnd={(smooth) => onChange({ smooth })} />
        <Switch size="sm" label="Log x" checked={view.logx} onChange={({ currentTarget }) => onChange({ logx: currentTarget.checked })} />
        <Switch size="sm" label="Log y" checked={view.logy} onChange={({ currentTarget }) => onChange({ logy: currentTarget.checked })} />
        <Switch
          size="sm"
          label="Seeds as one"
          checked={view.grouped}
          onChange={({ currentTarget }) => onChange({ grouped: currentTarget.checked })}
        />
        {view.grouped && (
          <SegmentedControl
            size="xs"
            aria-label="Band"
            value={view.band}
            onChange={(band) => onChange({ band: band as Comparison['band'] })}
            data={[
              { value: 'range', label: 'Min to max' },
              { value: 'std', label: '± 1 SD' },
            ]}
          />
        )}
      </div>
    </>
  );
});

type SmoothingProps = { readonly value: number; readonly onSmooth: (value: number) => void; readonly onEnd: (value: number) => void };

/** Draws while it is dragged; the address follows when it rests. */
function Smoothing({ value, onSmooth, onEnd }: SmoothingProps) {
  const [now, setNow] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setNow(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className={css.smoothing}>
      <span>Smoothing</span>
      <Slider
        w={110}
        thumbLabel="Smoothing"
        min={0}
        max={mostSmoothing}
        step={0.02}
        value={now}
        onChange={(next) => {
          setNow(next);
          onSmooth(next);
          // The keyboard has no end of a drag.
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onEnd(next), 400);
        }}
        label={(each) => (each === 0 ? 'none' : `EMA ${each.toFixed(2)}`)}
      />
    </div>
  );
}
