import { ConformanceCase, type Theme } from './conformance-case';
import { names } from './names';
import { cancelling } from './themes/following/cancelling';
import { events } from './themes/following/events';
import { journal } from './themes/following/journal';
import { keptJobs } from './themes/following/kept-jobs';
import { registry } from './themes/following/registry';
import { wait } from './themes/following/wait';
import { admin } from './themes/jobs/admin';
import { batch } from './themes/jobs/batch';
import { failures } from './themes/jobs/failures';
import { inspect } from './themes/jobs/inspect';
import { lease } from './themes/jobs/lease';
import { order } from './themes/jobs/order';
import { pause } from './themes/jobs/pause';
import { payloads } from './themes/jobs/payloads';
import { rivals } from './themes/jobs/rivals';
import { settle } from './themes/jobs/settle';
import { shutdown } from './themes/jobs/shutdown';
import { waiting } from './themes/jobs/waiting';
import { counting } from './themes/ports/counting';
import { edit } from './themes/ports/edit';
import { handlerTransactions } from './themes/ports/handler-transactions';
import { headers } from './themes/ports/headers';
import { listing } from './themes/ports/listing';
import { scheduleTransactions } from './themes/ports/schedule-transactions';
import { schedules } from './themes/ports/schedules';
import { transactions } from './themes/ports/transactions';
import { uniqueConflicts } from './themes/ports/unique-conflicts';
import { uniqueKeys } from './themes/ports/unique-keys';

const themes: readonly Theme[] = [
  order,
  batch,
  wait,
  lease,
  settle,
  inspect,
  admin,
  edit,
  pause,
  rivals,
  shutdown,
  payloads,
  headers,
  uniqueKeys,
  uniqueConflicts,
  names,
  listing,
  counting,
  schedules,
  registry,
  journal,
  cancelling,
  events,
  keptJobs,
  failures,
  waiting,
  transactions,
  scheduleTransactions,
  handlerTransactions,
];

function casesOf(theme: Theme): ConformanceCase[] {
  const { cases, slowCases = {} } = theme;
  return [
    ...Object.entries(cases).map(([name, steps]) => new ConformanceCase(theme, name, false, steps)),
    ...Object.entries(slowCases).map(([name, steps]) => new ConformanceCase(theme, name, true, steps)),
  ];
}

/** Every rule of the contract, theme by theme. */
export const conformanceCases: readonly ConformanceCase[] = themes.flatMap(casesOf);
