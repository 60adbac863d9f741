import type { ReactNode } from 'react';

/** Small stroked pictures; always beside a name, so hidden from screen readers. */
export const icon = (content: ReactNode, filled = false) =>
  function Icon({ size = 18 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill={filled ? 'currentColor' : 'none'}
        stroke={filled ? 'none' : 'currentColor'}
        strokeWidth={2}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {content}
      </svg>
    );
  };

export const Play = icon(<path d="M7 4.5v15l13-7.5z" />, true);
export const Pause = icon(<path d="M6 4.5h4.5v15H6zM13.5 4.5H18v15h-4.5z" />, true);
export const Stop = icon(<path d="M6 6h12v12H6z" />, true);
export const StepForward = icon(<path d="M5 4.5v15L15 12zM16.5 4.5H20v15h-3.5z" />, true);
export const Restart = icon(<path d="M4 4v6h6M4.6 10A8 8 0 1 1 4 14" />);
export const Undo = icon(<path d="M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3" />);
export const Dice = icon(
  <>
    <rect x="4" y="4" width="16" height="16" rx="3" />
    <path d="M9 9h.01M15 15h.01M15 9h.01M9 15h.01" strokeWidth={3} />
  </>,
);
export const Sun = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5" />
  </>,
);
export const Moon = icon(<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />);
export const Close = icon(<path d="M6 6l12 12M18 6 6 18" />);
export const Eye = icon(
  <>
    <path d="M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7-10-7-10-7z" />
    <circle cx="12" cy="12" r="3" />
  </>,
);
export const EyeOff = icon(
  <path d="M3 3l18 18M10 5.3A10.6 10.6 0 0 1 22 12a17 17 0 0 1-3 3.8M6.5 6.8A16.6 16.6 0 0 0 2 12s3.5 7 10 7a10 10 0 0 0 5-1.4" />,
);
export const Refresh = icon(<path d="M20 5v5h-5M4 19v-5h5M5.5 10A7 7 0 0 1 19.3 9.5M18.5 14A7 7 0 0 1 4.7 14.5" />);

/** Three dots, one of them named. */
export const Logo = () => (
  <svg width={26} height={26} viewBox="0 0 32 32" fill="none" stroke="var(--lab-accent)" strokeWidth={2.4} aria-hidden="true">
    <circle cx="9" cy="9.5" r="5" />
    <circle cx="22.5" cy="13" r="5" fill="var(--lab-accent)" />
    <circle cx="12.5" cy="23" r="5" />
  </svg>
);
