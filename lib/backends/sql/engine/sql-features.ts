import type {
  CallerTransactions,
  Editing,
  Features,
  HandlerTransactions,
  Listing,
  UniqueKeys,
} from '../../../core/contract/features';
import type { Cancelling } from '../../../core/contract/ports/cancelling';
import type { Events } from '../../../core/contract/ports/events';
import type { History } from '../../../core/contract/ports/history';
import type { Journal } from '../../../core/contract/ports/journal';
import type { Registry } from '../../../core/contract/ports/registry';
import type { Schedules, ScheduleTransactions } from '../../../core/contract/ports/schedules';
import type { Waiting } from '../../../core/contract/ports/waiting';

/** What every SQL backend can do, and what only one with the application's transactions at hand can. */
export interface SqlFeatures extends Features {
  readonly transactions: CallerTransactions;
  readonly listing: Listing;
  readonly editing: Editing;
  readonly schedules: Schedules;
  readonly scheduleTransactions: ScheduleTransactions;
  readonly uniqueKeys: UniqueKeys;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly cancelling: Cancelling;
  readonly waiting: Waiting;
  readonly history: History;
  readonly events: Events;
  readonly handlerTransactions?: HandlerTransactions;
}
