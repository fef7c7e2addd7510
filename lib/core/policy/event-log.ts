import type { Logger } from '../contract/logger';
import type { JobEventName } from './job-events';

export const LOG_LEVELS = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How each event of a job is logged; false: not at all. */
export type EventLevels = Readonly<Record<JobEventName, LogLevel | false>>;

export const DEFAULT_LEVELS: EventLevels = {
  started: false,
  completed: false,
  retried: 'warn',
  buried: 'error',
  lost: 'warn',
  cancelled: 'log',
  stalled: false,
};

/** Writes a line for each event of a job that has a level. */
export class EventLog {
  constructor(
    private readonly logger: Logger,
    private readonly levels: EventLevels = DEFAULT_LEVELS,
  ) {}

  /** The line is made only where it is written: most jobs have none. */
  tell(event: JobEventName, line: () => string): void {
    const level = this.levels[event];
    if (level === false) return;
    const { logger } = this;
    if (logger[level]) logger[level](line());
    else logger.log(line());
  }
}

export function isLogLevel(level: unknown): level is LogLevel {
  return LOG_LEVELS.some((known) => known === level);
}
