import { ActionIcon, Badge, Button, Slider, Text } from '@mantine/core';
import { integer } from '../../app/format.ts';
import { type Player, shareOf, stepAt, stepsOf } from '../../app/player.ts';
import type { Recorded } from '../../app/recorded.ts';
import { useStore } from '../../app/store.ts';
import { recordedColor } from '../../app/theme.ts';
import { Close, Pause, Play } from '../icons.tsx';
import { Tip } from '../Tip.tsx';
import css from './charts.module.css';

/** Plays a recorded run in the chart and the pictures of the page; offered where a live run has not begun. */
export function RecordedPlayer({ recorded, player }: { recorded: Recorded; player: Player }) {
  const play = useStore(player);
  if (!play)
    return (
      <div className={css.offer}>
        <Text size="sm">
          Press <strong>Train</strong> to see your own curve, or look first at how it goes:
        </Text>
        <Button size="xs" variant="default" leftSection={<Play size={13} />} onClick={() => player.play(recorded)}>
          Play the recorded run
        </Button>
      </div>
    );
  const steps = stepsOf(recorded);
  const { recording } = recorded;
  const words = (at: number) => `step ${integer(stepAt(at, steps))}`;
  return (
    <div className={css.player}>
      <Badge className={css.mark!}>recorded</Badge>
      <Tip label={play.moving ? 'Pause' : 'Play'}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={play.moving ? 'Pause the recorded run' : 'Go on with the recorded run'}
          onClick={play.moving ? player.pause : player.resume}
        >
          {play.moving ? <Pause size={15} /> : <Play size={15} />}
        </ActionIcon>
      </Tip>
      <Slider
        className={css.scrubber!}
        color={recordedColor}
        min={0}
        max={1}
        step={0.005}
        value={play.at}
        onChange={player.seek}
        label={words}
        thumbLabel="Step of the recorded run"
        thumbValueText={words(play.at)}
        marks={recording.moments.map(({ step }) => ({ value: shareOf(step, steps) }))}
      />
      <span className={`${css.played} numbers`}>
        {integer(stepAt(play.at, steps))} of {integer(steps)} steps
      </span>
      <Tip label="End the recording">
        <ActionIcon variant="subtle" color="gray" size={30} aria-label="End the recorded run" onClick={player.stop}>
          <Close size={16} />
        </ActionIcon>
      </Tip>
      <Text size="sm" role="status" className={css.note!}>
        This is a recorded run (defaults, seed {recording.runs[0]!.seed}), not yours: your own begins with Train.
      </Text>
    </div>
  );
}
