import { aligned } from '../../01-send-important-emails/src/demo/aligned';
import type { Demonstrated } from '../../01-send-important-emails/src/demo/demonstration';

export interface Run extends Demonstrated {
  readonly title: string;
}

/** A line for every run. */
export function comparison(runs: readonly Run[]): string {
  const header = ['', 'mails', 'due at once', 'took', 'rate'];
  const lines = runs.map(({ title, mails, rate }) => [
    title,
    String(mails),
    ...(rate
      ? [String(rate.jobs), `${rate.seconds.toFixed(2)} s`, `${rate.jobsPerSecond} jobs/s`]
      : ['–', '–', '–']),
  ]);
  return aligned([header, ...lines]);
}
