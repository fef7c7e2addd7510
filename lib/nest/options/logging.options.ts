import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { mustBe } from '../../core/contract/errors';
import { DEFAULT_LEVELS, type EventLevels, isLogLevel, LOG_LEVELS } from '../../core/policy/event-log';
import type { JobEventName } from '../../core/policy/job-events';

/** What is said of each event of a job; what is not named stays as it is by default. */
export type LoggingOption = false | Partial<EventLevels>;

const EVENTS: OptionNames<EventLevels> = {
  started: true,
  completed: true,
  retried: true,
  buried: true,
  lost: true,
  cancelled: true,
  stalled: true,
};

/** @throws InvalidJobOptionError */
export function checkedLogging(given: LoggingOption = {}): EventLevels {
  const said = given === false ? silent() : checkedOptions<Partial<EventLevels>>(given, EVENTS, 'logging');
  for (const [event, level] of Object.entries(said)) {
    if (level !== false && !isLogLevel(level))
      throw mustBe(`logging.${event}`, `false or one of ${LOG_LEVELS.join(', ')}`, level);
  }
  return { ...DEFAULT_LEVELS, ...said };
}

function silent(): EventLevels {
  return Object.fromEntries(Object.keys(EVENTS).map((event) => [event, false])) as Record<
    JobEventName,
    false
  >;
}
