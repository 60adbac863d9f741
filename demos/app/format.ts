const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const integer = (value: number): string => grouped.format(value);

/** Four digits that matter, with a true minus sign: 0.01234, 12.35, 1.2e-6. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace('-', '−').replace('e−', 'e−').replace('e+', 'e');
}

/** A share in percent: "12 %". */
export const percent = (share: number, digits = 0): string => (Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '–');

/** "45 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A guess of a duration: "5 s", "95 s", "7 min", "2.5 h". */
export function about(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 30) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 117.5) return `${5 * Math.round(seconds / 5)} s`;
  if (seconds < 7170) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A stored moment, "Nov 22, 2026, 8:35 AM"; what is no date stays as it is. */
export const dateOf = (iso: string): string => (Number.isNaN(Date.parse(iso)) ? iso : moment.format(new Date(iso)));

/** Three digits, for what was measured and is no steadier than that: 1.23, 29.0, 1,230. */
export function measured(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const digits = value.toPrecision(3);
  if (Number(digits) >= 1000) return integer(Number(digits));
  return value < 0.01 ? short(Number(digits)) : digits;
}

/** "learningRate" → "learning rate", "nmi.previous" → "nmi previous". */
export const words = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replace(/[._]/g, ' ')
    .trim();

/** A number for a control: no digits that the slider made up. */
export const tidy = (value: number): number => Number(value.toPrecision(3));
