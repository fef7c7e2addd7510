import type { Seconds } from '../../core/contract/job-data';

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** A length of time for a reader: `0.2s`, `45s`, `3m 20s`, `2h 5m`, `12d 3h`. */
export function spanOf(seconds: Seconds): string {
  if (seconds === Infinity) return 'for ever';
  if (seconds < 10) return `${Math.round(seconds * 10) / 10}s`;
  const whole = Math.round(seconds);
  const first = UNITS.findIndex(([size]) => whole >= size);
  const [size, name] = UNITS[first]!;
  const next = UNITS[first + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[0]);
  const most = `${Math.floor(whole / size)}${name}`;
  return rest === 0 ? most : `${most} ${rest}${next![1]}`;
}

/** The time since then, by this machine's clock. */
export function ageOf(moment: Date | undefined): string {
  return moment === undefined ? '' : spanOf(Math.max(0, (Date.now() - moment.getTime()) / 1000));
}

/** The time from one moment to the other; nothing where the first one is not known. */
export function spanBetween(from: Date | undefined, to: Date): string {
  return from === undefined ? '' : spanOf(Math.max(0, (to.getTime() - from.getTime()) / 1000));
}
