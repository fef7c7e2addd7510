import type { Seconds } from '../contract/job-data';

/** A length of time: a number of seconds, or a text with a unit: `'250ms'`, `'10s'`, `'5m'`, `'2h'`, `'7d'`. */
export type Duration = Seconds | `${number}${Unit}`;

type Unit = 'ms' | 's' | 'm' | 'h' | 'd';

const SECONDS: Readonly<Record<Unit, Seconds>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
const WITH_UNIT = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;

/** The duration in seconds; undefined when the value is not a duration. */
export function secondsOf(duration: unknown): Seconds | undefined {
  if (typeof duration === 'number') return Number.isNaN(duration) ? undefined : duration;
  if (typeof duration !== 'string') return undefined;
  const [, amount, unit] = WITH_UNIT.exec(duration) ?? [];
  return unit === undefined ? undefined : Number(amount) * SECONDS[unit as Unit];
}
