import { checkedOptions } from '../../core/checks/options';
import { mustBe } from '../../core/contract/errors';
import { DEFAULT_LEVELS, type EventLevels, isLogLevel, LOG_LEVELS } from '../../core/policy/event-log';
import { JOB_EVENTS, type JobEventName } from '../../core/policy/job-events';

/** What is said of each event of a job; what is not named stays as it is by default. */
export type LoggingOption = false | Partial<EventLevels>;

/** @throws InvalidJobOptionError */
export function checkedLogging(given: LoggingOption = {}): EventLevels {
  const said =
    given === false ? silent() : checkedOptions<Partial<EventLevels>>(given, JOB_EVENTS, 'logging');
  for (const [event, level] of Object.entries(said)) {
    if (level !== false && !isLogLevel(level))
      throw mustBe(`logging.${event}`, `false or one of ${LOG_LEVELS.join(', ')}`, level);
  }
  return { ...DEFAULT_LEVELS, ...said };
}

function silent(): EventLevels {
  return Object.fromEntries(Object.keys(JOB_EVENTS).map((event) => [event, false])) as Record<
    JobEventName,
    false
  >;
}
