import { BackendUnavailableError, shown } from '../../core/contract/errors';

/** More than a counter of 32 bits or an age ever is; a date can be so many seconds ago. */
const MOST = 1e12;

/**
 * The reply to a stats command: YAML of one `key: value` a line and nothing else, so it is read as that. A YAML parser
 * turns pipelines called `0x10` or `1e3` into numbers and takes five times as long, and the one that fivebeans asks for
 * (js-yaml 3.6) turns what a server sends into functions.
 */
export class Stats {
  constructor(private readonly yaml: string) {}

  /** Empty when the server does not say. */
  text(key: string): string {
    const label = `\n${key}: `;
    const found = this.yaml.indexOf(label);
    if (found === -1) return '';
    const start = found + label.length;
    const end = this.yaml.indexOf('\n', start);
    const value = this.yaml.slice(start, end === -1 ? undefined : end);
    // beanstalkd 1.13 puts names into quotes, older ones do not.
    return value.startsWith('"') ? value.slice(1, -1) : value;
  }

  /** 0 when the server does not tell. Throws `BackendUnavailableError` for what is no number that a server counts to. */
  number(key: string): number {
    const text = this.text(key);
    const number = Number(text);
    if (Math.abs(number) < MOST) return number;
    throw new BackendUnavailableError(
      'beanstalkd',
      `its statistics say ${shown(text)} for ${key}. Is that a beanstalkd, and nothing between?`,
    );
  }
}

/** The reply to a list command: one `- name` a line. */
export function namesIn(yaml: string): string[] {
  return Array.from(yaml.matchAll(/^- "?([^"\n]+)"?$/gm), ([, name]) => name ?? '');
}
