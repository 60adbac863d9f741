import { ActionIcon } from '@mantine/core';
import { Eye, EyeOff } from '../icons.tsx';
import css from './charts.module.css';

type Props = { readonly label: string; readonly shown: boolean; readonly onShow: (shown: boolean) => void };

/** Names the band of recorded runs, and hides it. */
export const BandLegend = ({ label, shown, onShow }: Props) => (
  <ul className={css.runs} aria-label="Recorded runs on the chart">
    <li data-hidden={!shown || undefined}>
      <i className={css.bandMark} />
      <span className={css.runName}>{label}</span>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`${shown ? 'Hide' : 'Show'} the recorded band`}
        onClick={() => onShow(!shown)}
      >
        {shown ? <Eye size={15} /> : <EyeOff size={15} />}
      </ActionIcon>
    </li>
  </ul>
);
