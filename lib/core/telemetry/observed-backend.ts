import { withHeaders } from '../context/headers';
import type { QueueBackend } from '../contract/backend';
import type { Features } from '../contract/features';
import type { NewJob, PutResult } from '../contract/job-data';
import type { Leases } from '../contract/leases';
import type { ScheduleChanges } from '../contract/ports/schedules';
import { type Telemetry, TRACE } from './telemetry';

/** The backend, of whose adds and settlements the telemetry is told; the backend itself without one. */
export function observed(backend: QueueBackend, telemetry: Telemetry | undefined): QueueBackend {
  if (!telemetry) return backend;
  const watch = <L extends Leases>(leases: L): L => watched(leases, backend.name, telemetry);
  return overriding<QueueBackend>(backend, {
    features: observedFeatures(backend, telemetry, watch),
    put: (pipeline, jobs) =>
      sent(backend, telemetry, pipeline, jobs, (traced) => backend.put(pipeline, traced)),
    lease: async (pipelines, onLost) => watch(await backend.lease(pipelines, onLost)),
  });
}

function observedFeatures(
  backend: QueueBackend,
  telemetry: Telemetry,
  watch: <L extends Leases>(leases: L) => L,
): Features {
  const { features } = backend;
  const { transactions, handlerTransactions, schedules, scheduleTransactions } = features;
  const tracing = <S extends ScheduleChanges>(changes: S): S =>
    overriding<ScheduleChanges>(changes, {
      // One at a handler is set at the start, by nobody in particular.
      set: (schedule) =>
        changes.set(schedule.source === 'api' ? traced(schedule, telemetry.carried()) : schedule),
    }) as S;
  return {
    ...features,
    ...(transactions && {
      transactions: overriding(transactions, {
        put: (transaction, pipeline, jobs) =>
          sent(backend, telemetry, pipeline, jobs, (traced) =>
            transactions.put(transaction, pipeline, traced),
          ),
      }),
    }),
    ...(handlerTransactions && {
      handlerTransactions: overriding(handlerTransactions, {
        lease: async (pipelines) => watch(await handlerTransactions.lease(pipelines)),
      }),
    }),
    ...(schedules && { schedules: tracing(schedules) }),
    ...(scheduleTransactions && {
      scheduleTransactions: { within: (transaction) => tracing(scheduleTransactions.within(transaction)) },
    }),
  };
}

function sent(
  backend: QueueBackend,
  telemetry: Telemetry,
  pipeline: string,
  jobs: readonly NewJob[],
  put: (jobs: readonly NewJob[]) => Promise<readonly PutResult[]>,
): Promise<readonly PutResult[]> {
  if (jobs.length === 0) return put(jobs);
  return telemetry.send({ pipeline, count: jobs.length, backend: backend.name }, (trace) =>
    put(backend.features.headers ? jobs.map((job) => traced(job, trace)) : jobs),
  );
}

function traced<J extends { readonly headers?: string }>(job: J, trace: object | undefined): J {
  return trace ? { ...job, headers: withHeaders(job.headers, { [TRACE]: trace }) } : job;
}

function watched<L extends Leases>(leases: L, backend: string, telemetry: Telemetry): L {
  return overriding<Leases>(leases, {
    settle: (ends, next) =>
      ends.length === 0
        ? leases.settle(ends, next)
        : telemetry.settle(ends, backend, () => leases.settle(ends, next)),
  }) as L;
}

/** The same object with some of its properties in place of its own. Its methods keep it as their `this`. */
function overriding<T extends object>(sound: T, own: Partial<T>): T {
  return new Proxy(sound, {
    get(target, name): unknown {
      if (Object.hasOwn(own, name)) return own[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
