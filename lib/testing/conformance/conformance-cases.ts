import { ConformanceCase, type Theme } from './conformance-case';
import { names } from './names';
import { admin } from './themes/admin';
import { batch } from './themes/batch';
import { cancelling } from './themes/cancelling';
import { counting } from './themes/counting';
import { edit } from './themes/edit';
import { events } from './themes/events';
import { failures } from './themes/failures';
import { handlerTransactions } from './themes/handler-transactions';
import { headers } from './themes/headers';
import { inspect } from './themes/inspect';
import { journal } from './themes/journal';
import { keptJobs } from './themes/kept-jobs';
import { lease } from './themes/lease';
import { listing } from './themes/listing';
import { order } from './themes/order';
import { pause } from './themes/pause';
import { payloads } from './themes/payloads';
import { registry } from './themes/registry';
import { rivals } from './themes/rivals';
import { schedules } from './themes/schedules';
import { settle } from './themes/settle';
import { shutdown } from './themes/shutdown';
import { transactions } from './themes/transactions';
import { uniqueConflicts } from './themes/unique-conflicts';
import { uniqueKeys } from './themes/unique-keys';
import { wait } from './themes/wait';
import { waiting } from './themes/waiting';

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
